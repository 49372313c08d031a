// The options of an image command that are about optical discs.

import { JOB_FLAG_ALL_AUDIO, JOB_FLAG_ALL_DATA, JOB_FLAG_OPTICAL } from '../../assembly/abi/optical'
import { BadInput } from './cliError'

export interface RawOpticalOptions {
  readonly optical?: string | boolean
  readonly discStart?: string
  readonly damage?: string
}

/** What an optical copy asks of the copier. */
export interface OpticalOptions {
  /** JOB_FLAG_* of assembly/abi/optical.ts. */
  readonly flags: number
  /** Address of the source's first sector, in frames. */
  readonly firstFrame: number
}

const KINDS: ReadonlyMap<string, number> = new Map([
  ['auto', 0],
  ['data', JOB_FLAG_ALL_DATA],
  ['audio', JOB_FLAG_ALL_AUDIO],
])

/** 00:02:00, where the program area begins (MMC-6 table 16). */
const DISC_START = '00:02:00'

/** null: the copy is not an optical one. Throws BadInput. */
export function opticalOf(raw: RawOpticalOptions, isVerify: boolean): OpticalOptions | null {
  if (raw.optical === undefined || raw.optical === false) {
    if (raw.discStart !== undefined) throw new BadInput('--disc-start is for copies with --optical')
    return null
  }
  if (isVerify) throw new BadInput('--optical checks while it copies: there is nothing for image verify to do')
  const kind = raw.optical === true ? 'auto' : raw.optical
  const flag = KINDS.get(kind)
  if (flag === undefined) {
    throw new BadInput(`--optical: found ${JSON.stringify(kind)}, expected one of ${[...KINDS.keys()].join(', ')}`)
  }
  return { flags: JOB_FLAG_OPTICAL | flag, firstFrame: frameOf(raw.discStart ?? DISC_START) }
}

/** Minutes, seconds, and frames of 1/75 s. */
function frameOf(text: string): number {
  const match = /^(\d{2}):([0-5]\d):([0-6]\d|7[0-4])$/.exec(text)
  const [minutes, seconds, frames] = match ? match.slice(1).map(Number) : []
  const frame = ((minutes ?? 0) * 60 + (seconds ?? 0)) * 75 + (frames ?? 0)
  if (!match || frame === 0) {
    throw new BadInput(`--disc-start: found ${JSON.stringify(text)}, expected an address such as ${DISC_START}`)
  }
  return frame
}
