// `platterlab bench modes`: what each mode of mirroring to a second site costs and loses.

import { readFileSync } from 'node:fs'
import {
  BENCH_INTERVAL_MS,
  BENCH_MODES,
  type BenchMode,
  benchModes,
  DEPTHS,
  type ModeRow,
  type ModesOptions,
  RTTS_MS,
} from '../bench/modes'
import { jsonText } from '../report/json'
import { formatDurationNs } from '../sim/units'
import { BadInput } from './cliError'
import { EXIT_OK, EXIT_UNMET } from './exitCodes'
import { builtinMicrocodeFile } from './packageFiles'
import type { Terminal } from './terminal'

export interface RawModesOptions {
  readonly json?: boolean
  readonly seed?: string
  readonly kills?: string
  readonly writes?: string
  readonly microcode?: string
  readonly mode?: string
  readonly rtt?: string
  readonly depth?: string
}

export function benchModesCommand(raw: RawModesOptions, terminal: Terminal): number {
  const options: ModesOptions = {
    microcode: readModule(raw.microcode),
    seed: whole(raw.seed, '--seed', 0, 1),
    kills: whole(raw.kills, '--kills', 0, 12),
    writes: whole(raw.writes, '--writes', 10, 2000),
    modes: modesOf(raw.mode),
    rttsMs: numbers(raw.rtt, '--rtt', RTTS_MS),
    depths: numbers(raw.depth, '--depth', DEPTHS),
  }
  if (!raw.json) terminal.out(`${HEAD.map(([title, width]) => title.padStart(width)).join('')}\n`)
  const rows: ModeRow[] = []
  for (const row of benchModes(options)) {
    rows.push(row)
    if (!raw.json) terminal.out(`${lineOf(row)}\n`)
  }
  if (raw.json) terminal.out(jsonText({ rows }))
  else terminal.out(NOTES(options.kills))
  return rows.some(({ broken }) => broken.length > 0) ? EXIT_UNMET : EXIT_OK
}

function modesOf(text: string | undefined): readonly BenchMode[] {
  if (text === undefined) return BENCH_MODES
  return text.split(',').map((name) => {
    const mode = BENCH_MODES.find((known) => known === name.trim())
    if (mode === undefined) throw new BadInput(`--mode: found "${name}", expected some of ${BENCH_MODES.join(', ')}`)
    return mode
  })
}

const HEAD = [
  ['mode', 11],
  ['RTT', 9],
  ['depth', 7],
  ['IOPS', 9],
  ['MB/s', 8],
  ['p50', 10],
  ['p99', 10],
  ['p99.9', 10],
  ['link B/B', 10],
  ['lost', 6],
  ['RPO', 10],
  ['RTO', 10],
  ['', 2],
] as const

function lineOf(row: ModeRow): string {
  const time = (ns: number | null): string =>
    ns === null ? '·' : ns === 0 ? '0' : formatDurationNs(Number(ns.toPrecision(3)))
  const cells = [
    row.mode,
    row.rttMs === 0 ? '·' : `${row.rttMs} ms`,
    `${row.depth}`,
    row.iops.toFixed(0),
    row.mbPerSecond.toFixed(1),
    time(row.p50Ns),
    time(row.p99Ns),
    time(row.p999Ns),
    row.linkBytesPerByte === 0 ? '·' : row.linkBytesPerByte.toFixed(3),
    row.lostWritesMax === null ? '·' : `${row.lostWritesMax}`,
    time(row.rpoNsMax),
    time(row.rtoNsMax),
    row.broken.length > 0 ? `  ✗ ${row.broken.join(', ')}` : '',
  ]
  return cells.map((cell, index) => cell.padStart(HEAD[index]![1])).join('')
}

const NOTES = (kills: number): string => `
4 KiB random writes on two members a site, ideal drives, in simulated time. Modes: ${BENCH_MODES.join(', ')} (none: one site).
lost, RPO, RTO: the worst of ${kills} losses of the primary, as reading everything back showed. lost: acknowledged writes that are gone; RPO: how
long before the loss the first of them was acknowledged; RTO: from the loss to the first write that the other site acknowledged.
scheduled: a point in time every ${BENCH_INTERVAL_MS} ms, and runs five times as long. Mirroring runs in the controller; mirroring in the host is not there yet.
`

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
