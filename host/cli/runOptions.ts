// The options of `run`, checked.

import { randomInt } from 'node:crypto'
import { BadInput } from './cliError'
import { chooseReporters, type ReporterChoice } from './reporters'

/** As commander gives them. */
export interface RawRunOptions {
  readonly seed?: string
  readonly json?: boolean
  readonly reporter?: readonly string[]
  readonly checkDeterminism?: boolean
  readonly dryRun?: boolean
  readonly imageOut?: string
  readonly membersOut?: string
  readonly liveImagesOut?: string
  readonly microcode?: string
}

export interface RunOptions {
  /** null = each scenario's own, or a random one. */
  readonly seed: number | null
  readonly json: boolean
  readonly reporters: readonly ReporterChoice[]
  readonly checkDeterminism: boolean
  readonly dryRun: boolean
  readonly imageOut: string | null
  readonly membersOut: string | null
  readonly liveImagesOut: string | null
  /** A module in place of the one that the scenarios name. */
  readonly microcodeFile: string | null
}

export function parseSeed(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(seed)) return seed
  throw new BadInput(`--seed: found "${text}", expected a whole number from 0 to 2^53 - 1`)
}

export function checkRunOptions(raw: RawRunOptions): RunOptions {
  return {
    seed: raw.seed === undefined ? null : parseSeed(raw.seed),
    json: raw.json ?? false,
    reporters: chooseReporters(raw.reporter ?? [], raw.json ?? false),
    checkDeterminism: raw.checkDeterminism ?? false,
    dryRun: raw.dryRun ?? false,
    imageOut: raw.imageOut ?? null,
    membersOut: raw.membersOut ?? null,
    liveImagesOut: raw.liveImagesOut ?? null,
    microcodeFile: raw.microcode ?? null,
  }
}

/** A seed that is short to type. */
export function randomSeed(): number {
  return randomInt(1, 1_000_000_000)
}
