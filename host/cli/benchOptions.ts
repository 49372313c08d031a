// What `platterlab bench modes` is asked for: from texts on the command line to numbers, modes and files.

import { readFileSync } from 'node:fs'
import {
  BENCH_MODES,
  BENCH_PLACEMENTS,
  CAPACITY_BYTES,
  DEPTHS,
  type ModesOptions,
  type OwnWorkload,
  RTTS_MS,
} from '../bench/modes'
import { parseBytes } from '../sim/units'
import { BadInput } from './cliError'
import { builtinMicrocodeFile } from './packageFiles'

export interface RawModesOptions {
  readonly json?: boolean
  readonly seed?: string
  readonly kills?: string
  readonly writes?: string
  readonly microcode?: string
  readonly mode?: string
  readonly rtt?: string
  readonly placement?: string
  readonly hostBus?: string
  readonly workload?: string
  readonly capacity?: string
  readonly html?: string
  readonly depth?: string
}

export function readModesOptions(raw: RawModesOptions): ModesOptions {
  return {
    microcode: readModule(raw.microcode),
    seed: whole(raw.seed, '--seed', 0, 1),
    kills: whole(raw.kills, '--kills', 0, 12),
    writes: whole(raw.writes, '--writes', 10, 2000),
    modes: namesOf(raw.mode, '--mode', BENCH_MODES, BENCH_MODES),
    placements: namesOf(raw.placement, '--placement', BENCH_PLACEMENTS, ['controller']),
    hostBusBytesPerSecond: raw.hostBus === undefined ? 0 : bytesOf(raw.hostBus, '--host-bus'),
    rttsMs: numbers(raw.rtt, '--rtt', RTTS_MS),
    depths: numbers(raw.depth, '--depth', DEPTHS),
    workload: workloadOf(raw),
  }
}

/** An fio job file by its name, anything else as a trace. */
function workloadOf({ workload, capacity }: RawModesOptions): OwnWorkload | null {
  if (workload === undefined) {
    if (capacity !== undefined) throw new BadInput('--capacity: expected --workload with it')
    return null
  }
  const kind = /\.(fio|ini|job)$/i.test(workload) ? 'fio' : 'trace'
  return {
    kind,
    name: workload,
    text: readText(workload),
    capacityBytes: capacity === undefined ? CAPACITY_BYTES : bytesOf(capacity, '--capacity'),
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInput(`--workload: found ${(error as Error).message}, expected an fio job file or a trace`)
  }
}

function bytesOf(text: string, option: string): number {
  try {
    return parseBytes(text)
  } catch {
    throw new BadInput(`${option}: found "${text}", expected a size such as 64 MiB`)
  }
}

/** Comma-separated, of those that are known. */
function namesOf<T extends string>(text: string | undefined, option: string, known: readonly T[], usual: readonly T[]) {
  if (text === undefined) return usual
  return text.split(',').map((part): T => {
    const name = known.find((candidate) => candidate === part.trim())
    if (name === undefined) throw new BadInput(`${option}: found "${part}", expected some of ${known.join(', ')}`)
    return name
  })
}

function readModule(file: string | undefined): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file ?? builtinMicrocodeFile('mirror')))
  } catch (error) {
    throw new BadInput(`--microcode: found ${(error as Error).message}, expected a WebAssembly module`)
  }
}

function whole(text: string | undefined, name: string, least: number, usual: number): number {
  if (text === undefined) return usual
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least || value > 1e6) {
    throw new BadInput(`${name}: found ${text}, expected a whole number from ${least} to 1000000`)
  }
  return value
}

/** Comma-separated. */
function numbers(text: string | undefined, name: string, usual: readonly number[]): readonly number[] {
  if (text === undefined) return usual
  return text.split(',').map((part) => {
    const value = Number(part)
    if (part.trim() === '' || !(value > 0) || value > 10_000) {
      throw new BadInput(`${name}: found ${part || 'nothing'}, expected numbers above 0, such as 0.1,5,80`)
    }
    return value
  })
}
