// The options of an image command that is played on simulated drives.

import type { HeadDeath, SlowPlace } from '../faults/failingDrive'
import { ImageInputError } from '../formats/imageInputError'
import { createTimingModel, TIMING_MODEL_NAMES, TimingParameterError } from '../hardware/timing/timingModels'
import { readDisc } from '../image/discFile'
import type { DriveKind, Simulation } from '../image/simulatedDrives'
import { parseDurationNs, UnitError } from '../sim/units'
import { BadInput } from './cliError'

export interface RawSimulationOptions {
  readonly sourceDrive?: string
  readonly targetDrive?: string
  readonly unreadable?: string
  readonly slow?: string
  readonly headDies?: string
  readonly errorTime?: string
  readonly powerCut?: readonly string[]
  readonly damage?: string
  readonly seed?: string
}

/** Of a slow place, where no other is given. */
const SLOW_FACTOR = 20

/** Null: the copy is between real files. Throws BadInput. */
export function simulationOf(raw: RawSimulationOptions): Simulation | null {
  const powerCuts = raw.powerCut ?? []
  if (raw.sourceDrive === undefined && raw.targetDrive === undefined) {
    const faults = [raw.unreadable, raw.slow, raw.headDies, raw.errorTime, powerCuts[0]]
    if (faults.every((fault) => fault === undefined)) return null
    throw new BadInput(
      '--unreadable and --power-cut are for simulated drives: --source-drive or --target-drive names one',
    )
  }
  return {
    sourceDrive: driveKind(raw.sourceDrive, '--source-drive'),
    targetDrive: driveKind(raw.targetDrive, '--target-drive'),
    unreadable: ranges(raw.unreadable),
    slow: slowPlaces(raw.slow),
    headDeath: headDeath(raw.headDies),
    errorNs: raw.errorTime === undefined ? 0 : duration(raw.errorTime, '--error-time'),
    powerCutsNs: powerCuts.map((time) => duration(time, '--power-cut')).sort((a, b) => a - b),
    ...damageOf(raw),
    seed: seedOf(raw.seed),
  }
}

/** From a description of the disc. */
function damageOf(raw: RawSimulationOptions): Pick<Simulation, 'damage' | 'pointers'> {
  if (raw.targetDrive?.startsWith('optical')) throw new BadInput('--target-drive: an optical drive only reads')
  if (raw.damage === undefined) return {}
  if (!raw.sourceDrive?.startsWith('optical')) {
    throw new BadInput('--damage is about a disc: --source-drive optical names a drive for it')
  }
  try {
    const { damage, pointers } = readDisc(raw.damage)
    return { damage, pointers }
  } catch (error) {
    if (error instanceof ImageInputError) throw new BadInput(error.message)
    throw error
  }
}

function driveKind(text: string | undefined, option: string): DriveKind {
  if (text === undefined) return { model: 'ideal', parameters: undefined }
  const colon = text.indexOf(':')
  const name = colon < 0 ? text : text.slice(0, colon)
  const parameters = colon < 0 ? undefined : text.slice(colon + 1)
  const model = TIMING_MODEL_NAMES.find((known) => known === name)
  if (!model) throw new BadInput(`${option}: found ${JSON.stringify(name)}, expected ${TIMING_MODEL_NAMES.join(', ')}`)
  try {
    // Tried on a small drive, so that a wrong name is told before any work.
    createTimingModel(model, parameters, 1 << 16, 512)
  } catch (error) {
    if (!(error instanceof TimingParameterError)) throw error
    throw new BadInput(`${option}: found ${JSON.stringify(error.found)}, expected ${error.expected}`)
  }
  return { model, parameters }
}

function ranges(text: string | undefined): { lba: number; sectors: number }[] {
  if (text === undefined) return []
  return text.split(',').map((part) => {
    const match = /^\s*(\d{1,15})(?:-(\d{1,15}))?\s*$/.exec(part)
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? match?.[1])
    if (!match || last < first || last - first >= 1e6) {
      throw new BadInput(`--unreadable: found ${JSON.stringify(part)}, expected sectors such as '100-120,4000'`)
    }
    return { lba: first, sectors: last - first + 1 }
  })
}

/** '1000-2000' or '1000-2000x50': so many times as slow. */
function slowPlaces(text: string | undefined): SlowPlace[] {
  if (text === undefined) return []
  return text.split(',').map((part) => {
    const match = /^\s*(\d{1,15})(?:-(\d{1,15}))?(?:x(\d{1,6}))?\s*$/.exec(part)
    const first = Number(match?.[1])
    const last = Number(match?.[2] ?? match?.[1])
    const factor = Number(match?.[3] ?? SLOW_FACTOR)
    if (!match || last < first || factor < 1) {
      throw new BadInput(
        `--slow: found ${JSON.stringify(part)}, expected sectors such as '1000-2000' or '1000-2000x50'`,
      )
    }
    return { lba: first, sectors: last - first + 1, factor }
  })
}

function headDeath(text: string | undefined): HeadDeath | null {
  if (text === undefined) return null
  const [time = '', head = ''] = text.split(':')
  if (!/^\d{1,3}$/.test(head) || text.split(':').length !== 2) {
    throw new BadInput(`--head-dies: found ${JSON.stringify(text)}, expected a time and a head, such as '2s:3'`)
  }
  return { atNs: duration(time, '--head-dies'), head: Number(head) }
}

function duration(text: string, option: string): number {
  try {
    return parseDurationNs(text)
  } catch (error) {
    if (error instanceof UnitError) throw new BadInput(`${option}: ${error.message}`)
    throw error
  }
}

function seedOf(text = '1'): number {
  if (!/^\d{1,15}$/.test(text)) throw new BadInput(`--seed: found ${JSON.stringify(text)}, expected a whole number`)
  return Number(text)
}
