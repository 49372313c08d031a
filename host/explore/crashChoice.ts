// What may be left of a power cut: which of the volatile sectors persist, drive by drive, and which drive does not come back.
//
// A drive with n volatile writes has these options: none, all, each prefix, each single omission, each single write, and sectors by the
// seed. Drives are independent, so the options multiply; the number of choices that are tried at one crash point is bounded. The
// corners come first (everything and nothing, on each drive), then mixtures by the seed. NVRAM words that were stored and not
// committed are one more place with options of its own.

import type { SiteName } from '../faults/faultSpec'
import type { Kept } from '../hardware/survival'
import type { SurvivalChoice } from '../rig/powerCut'
import type { RandomStream } from '../sim/random'

/** The volatile writes of one bay, oldest first: their lengths in sectors. Null: there is no drive. */
export type VolatileWrites = readonly number[] | null

/** Power of one site fails: what persists, and for how long it is away. */
export interface SiteCut {
  readonly survival: SurvivalChoice
  readonly offNs: number
}

export interface SiteCuts {
  /** Whose crash point it is. */
  readonly at: SiteName
  readonly a?: SiteCut
  readonly b?: SiteCut
}

export interface CrashChoice {
  readonly survival: SurvivalChoice
  /** The drive in this bay comes back late: after the others have served, or refused to; -1: all come back. */
  readonly absent: number
  /** The recovery ends with a scrub. */
  readonly scrubs: boolean
  /** Of a rig with two sites (siteCuts.ts); absent there: site a is lost for good. */
  readonly sites?: SiteCuts
}

export interface CrashChoices {
  readonly choices: readonly CrashChoice[]
  /** Combinations that there are (all drives back), as far as options are named above. */
  readonly combinations: number
}

type Run = readonly [first: number, last: number]

const PREFIXES_MAX = 12
/** Subsets by the seed, for each drive. */
const MIXTURES = 3
/** One recovery in so many ends with a scrub. */
const SCRUBS = 8

function writeRuns(lengths: readonly number[], keeps: (write: number) => boolean): Kept {
  const runs: Run[] = []
  let first = 0
  for (const [write, sectors] of lengths.entries()) {
    const last = first + sectors - 1
    const before = runs.at(-1)
    if (keeps(write)) {
      if (before && before[1] === first - 1) runs[runs.length - 1] = [before[0], last]
      else runs.push([first, last])
    }
    first = last + 1
  }
  if (runs.length === 0) return 'none'
  return runs.length === 1 && runs[0]![0] === 0 && runs[0]![1] === first - 1 ? 'all' : runs
}

function sectorMixture(lengths: readonly number[], random: RandomStream): Kept {
  const total = lengths.reduce((sum, sectors) => sum + sectors, 0)
  const share = 1 + random.below(3)
  const runs: Run[] = []
  for (let sector = 0; sector < total; sector++) {
    if (!random.chance(share, 4)) continue
    const before = runs.at(-1)
    if (before && before[1] === sector - 1) runs[runs.length - 1] = [before[0], sector]
    else runs.push([sector, sector])
  }
  return runs.length === 0 ? 'none' : runs
}

/** The options of one drive, without doubles; the first two are the corners. */
function optionsOf(lengths: readonly number[], random: RandomStream): Kept[] {
  if (lengths.length === 0) return ['none']
  const options: Kept[] = ['none', 'all']
  const count = lengths.length
  for (let prefix = 1; prefix < Math.min(count, PREFIXES_MAX); prefix++) {
    options.push(writeRuns(lengths, (write) => write < prefix))
  }
  for (let omitted = 0; omitted < Math.min(count, PREFIXES_MAX); omitted++) {
    options.push(
      writeRuns(lengths, (write) => write !== omitted),
      writeRuns(lengths, (write) => write === omitted),
    )
  }
  for (let i = 0; i < MIXTURES; i++) options.push(sectorMixture(lengths, random))
  const texts = options.map((option) => JSON.stringify(option))
  return options.filter((_, index) => texts.indexOf(texts[index]!) === index)
}

/** At most `max` choices. `absents`: bays whose drive may come back late. */
export function crashChoices(
  volatile: readonly VolatileWrites[],
  nvramWords: number,
  absents: readonly number[],
  { max, scrubs }: { readonly max: number; readonly scrubs: boolean },
  random: RandomStream,
): CrashChoices {
  const places = volatile.map((writes) => optionsOf(writes ?? [], random))
  places.push(
    optionsOf(
      Array.from({ length: nvramWords }, () => 1),
      random,
    ),
  )
  const combinations = places.reduce((product, options) => product * options.length, 1)
  const choices: CrashChoice[] = []
  const seen = new Set<string>()
  const add = (picks: readonly number[], absent: number): void => {
    const key = `${picks.join(',')}/${absent}`
    if (choices.length >= max || seen.has(key)) return
    seen.add(key)
    choices.push({ survival: survivalOf(places, picks), absent, scrubs: random.chance(1, SCRUBS) && scrubs })
  }
  for (const picks of corners(places)) add(picks, -1)
  for (let tries = 0; choices.length < max && tries < max * 4; tries++) {
    const picks = places.map((options) => random.below(options.length))
    const absent = absents.length > 0 && random.chance(1, 3) ? absents[random.below(absents.length)]! : -1
    add(picks, absent)
  }
  return { choices, combinations }
}

/** Nothing, everything, and everything on one drive alone. */
function* corners(places: readonly (readonly Kept[])[]): Generator<number[]> {
  const all = places.map((options) => Math.min(1, options.length - 1))
  yield places.map(() => 0)
  yield all
  for (const [place, options] of places.entries()) {
    if (options.length > 1) yield places.map((_, other) => (other === place ? 1 : 0))
  }
}

function survivalOf(places: readonly (readonly Kept[])[], picks: readonly number[]): SurvivalChoice {
  const bays: Record<string, Kept> = {}
  for (let bay = 0; bay < places.length - 1; bay++) {
    const kept = places[bay]![picks[bay]!]!
    if (kept !== 'none') bays[bay] = kept
  }
  return { bays, nvram: places.at(-1)![picks.at(-1)!]! }
}
