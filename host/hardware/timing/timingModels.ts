// The timing models and their parameter sets, by name: what a scenario asks for.
//
// A parameter string names a set; for `ideal` it lists times instead: `readNs=50000,channels=4`. Nothing given: the model's default.
// Bad names and numbers are a TimingParameterError that says what would have been understood.

import { DriveHeads } from './driveHeads'
import { HddModel } from './hddModel'
import type { HddParameters } from './hddParameters'
import { IDEAL_DEFAULTS, IdealModel, type IdealParameters } from './idealModel'
import { OpticalModel } from './opticalModel'
import type { OpticalParameters } from './opticalParameters'
import { cheetah9lp, cheetah9lpMechanics, cheetah9lpShipped, cheetah9lpUncached } from './parameters/cheetah9lp'
import { nvme, sata } from './parameters/flash'
import { generic7200 } from './parameters/generic7200'
import { dvd16, xm5401, xm6401 } from './parameters/optical'
import { SsdModel } from './ssdModel'
import type { SsdParameters } from './ssdParameters'
import type { TimingModel } from './timingModel'

export type TimingModelName = 'ideal' | 'hdd' | 'ssd' | 'optical'

/** Drives that can be written to. */
export const WRITABLE_MODEL_NAMES: readonly TimingModelName[] = ['ideal', 'hdd', 'ssd']
export const TIMING_MODEL_NAMES: readonly TimingModelName[] = [...WRITABLE_MODEL_NAMES, 'optical']

/** The first of each list is the default. */
const HDD_SETS: readonly HddParameters[] = [
  cheetah9lp,
  cheetah9lpMechanics,
  cheetah9lpUncached,
  cheetah9lpShipped,
  generic7200,
]
const SSD_SETS: readonly SsdParameters[] = [nvme, sata]
const OPTICAL_SETS: readonly OpticalParameters[] = [xm6401, xm5401, dvd16]

/** A parameter string that no model understands. */
export class TimingParameterError extends Error {
  readonly found: string
  readonly expected: string

  constructor(model: string, found: string, expected: string) {
    super(`${model} drive: found '${found}', expected ${expected}`)
    this.name = 'TimingParameterError'
    this.found = found
    this.expected = expected
  }
}

/** Names of the parameter sets of a model; for `ideal` of the values that its parameter string may set. */
export function timingParameterNames(model: TimingModelName): string[] {
  if (model === 'hdd') return HDD_SETS.map((set) => set.name)
  if (model === 'ssd') return SSD_SETS.map((set) => set.name)
  if (model === 'optical') return OPTICAL_SETS.map((set) => set.name)
  return Object.keys(IDEAL_DEFAULTS)
}

/** The disc in a drive of this kind; null: it has none. */
export function timingDiscOf(model: TimingModelName, parameters: string | undefined): 'CD' | 'DVD' | null {
  return model === 'optical' ? pickSet('optical', OPTICAL_SETS, parameters).disc.name : null
}

function pickSet<T extends { readonly name: string }>(model: string, sets: readonly T[], name: string | undefined): T {
  if (name === undefined || name === '') return sets[0]!
  const set = sets.find((candidate) => candidate.name === name)
  if (set === undefined) {
    throw new TimingParameterError(model, name, `one of ${sets.map((candidate) => candidate.name).join(', ')}`)
  }
  return set
}

function parseIdeal(text: string | undefined): Partial<IdealParameters> {
  const values: { -readonly [K in keyof IdealParameters]?: IdealParameters[K] } = {}
  if (text === undefined || text === '') return values
  for (const part of text.split(',')) {
    const [, key = '', digits = ''] = /^\s*(\w+)\s*=\s*(\d+)\s*$/.exec(part) ?? []
    if (!Object.hasOwn(IDEAL_DEFAULTS, key)) {
      throw new TimingParameterError(
        'ideal',
        part.trim(),
        `NAME=INTEGER, with NAME one of ${timingParameterNames('ideal').join(', ')}`,
      )
    }
    const value = Number(digits)
    if (!Number.isSafeInteger(value))
      throw new TimingParameterError('ideal', part.trim(), 'an integer of at most 2^53 - 1')
    if (key === 'channels' && value < 1) throw new TimingParameterError('ideal', part.trim(), 'at least one channel')
    values[key as keyof IdealParameters] = value
  }
  return values
}

/** Where the blocks of a drive lie; null for a drive without heads. */
export function headsOf(
  name: TimingModelName,
  parameters: string | undefined,
  sectorCount: number,
  sectorBytes: number,
): DriveHeads | null {
  if (name !== 'hdd') return null
  return new DriveHeads(pickSet('hdd', HDD_SETS, parameters), sectorCount, sectorBytes)
}

/**
 * A drive's timing model. `sectorCount` sectors of `sectorBytes` need not be the capacity of the drive that the parameters describe:
 * docs/drive-models.md says what then becomes of its geometry.
 */
export function createTimingModel(
  name: TimingModelName,
  parameters: string | undefined,
  sectorCount: number,
  sectorBytes: number,
): TimingModel {
  switch (name) {
    case 'ideal':
      return new IdealModel(parseIdeal(parameters))
    case 'hdd':
      return HddModel.create(pickSet('hdd', HDD_SETS, parameters), sectorCount, sectorBytes)
    case 'ssd':
      return SsdModel.create(pickSet('ssd', SSD_SETS, parameters), sectorCount, sectorBytes)
    case 'optical':
      return new OpticalModel(pickSet('optical', OPTICAL_SETS, parameters), sectorCount, sectorBytes)
    default:
      throw new TimingParameterError('timing model of a', String(name), `one of ${TIMING_MODEL_NAMES.join(', ')}`)
  }
}
