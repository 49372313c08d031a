// How a power cut treats one site: what persists on each drive and in the NVRAM, and whether a sector is torn.

import { ChosenSurvival, isKept, type Kept, SeededSurvival, type Survival } from '../hardware/survival'
import type { RandomStream } from '../sim/random'

export interface PowerCut {
  /** One sector of a write in flight on each drive is left half new: a promise of drives that some break. */
  readonly tears: boolean
  survivalOf(bay: number): Survival
  /** Which sector of so many is torn. */
  tornSector(sectors: number): number
  /** Whether an NVRAM word (8 bytes) that was stored and not committed persists. */
  keepsWord(word: number): boolean
}

export function seededCut(random: RandomStream, tears: boolean): PowerCut {
  return {
    tears,
    survivalOf: () => new SeededSurvival(random),
    tornSector: (sectors) => random.below(sectors),
    keepsWord: () => random.chance(1, 2),
  }
}

/** What persists, bay by bay; a bay that is not named keeps nothing. `nvram` counts the words that were stored and not committed. */
export interface SurvivalChoice {
  readonly bays: Readonly<Record<string, Kept>>
  readonly nvram: Kept
}

/** A power cut with a choice that was written down. */
export function chosenCut({ bays, nvram }: SurvivalChoice): PowerCut {
  let words = 0
  return {
    tears: false,
    survivalOf: (bay) => new ChosenSurvival(bays[bay] ?? 'none'),
    tornSector: () => 0,
    keepsWord: () => isKept(nvram, words++),
  }
}

/** Thrown where a drive, or the NVRAM, is about to change: power fails at this very instant, in the middle of whatever goes on. */
export class PowerFails extends Error {
  override readonly name = 'PowerFails'

  /** `cuts`: numbers of the power cuts, for whoever ordered them. */
  constructor(readonly cuts: readonly number[]) {
    super('power fails')
  }
}
