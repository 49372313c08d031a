// What an exploration has seen: counts, and for each pair of fault class and law the states in which the one was there and the other judged.
//
// Plain numbers that add up: coverage of units is merged in any order.

import type { FaultAction } from '../faults/faultSpec'
import { LAWS, type Law, lawBit } from '../oracle/verdict'

export type FaultClass =
  | FaultAction['kind']
  | 'power-cut-in-recovery'
  | 'late-drive'
  | 'order'
  | 'none'
  /** Which of two sites an explored power cut struck. */
  | 'site-a-cut'
  | 'site-b-cut'
  | 'both-sites-cut'

export type Cells = Record<string, Partial<Record<Law, number>>>

export interface CoverageCounts {
  /** Runs and recoveries that were judged. */
  readonly states: number
  /** Crash points that runs had; those that were branched at; those that a bound left out. */
  readonly crashPointsMet: number
  readonly pointsExplored: number
  readonly pointsCut: number
  /** Branches that were equal to an earlier one. */
  readonly duplicates: number
  /** Combinations of persisted writes that a bound left out. */
  readonly choicesCut: number
  readonly cells: Cells
}

export class Coverage implements CoverageCounts {
  states = 0
  crashPointsMet = 0
  pointsExplored = 0
  pointsCut = 0
  duplicates = 0
  choicesCut = 0
  readonly cells: Cells = {}

  /** A state was judged by these laws (bits), with these classes of faults behind it. */
  note(lawsJudged: number, classes: readonly FaultClass[]): void {
    this.states++
    for (const fault of classes.length > 0 ? classes : (['none'] as const)) {
      this.cells[fault] ??= {}
      const row = this.cells[fault]!
      for (const law of LAWS) if (lawsJudged & lawBit(law)) row[law] = (row[law] ?? 0) + 1
    }
  }

  add(other: CoverageCounts): void {
    this.states += other.states
    this.crashPointsMet += other.crashPointsMet
    this.pointsExplored += other.pointsExplored
    this.pointsCut += other.pointsCut
    this.duplicates += other.duplicates
    this.choicesCut += other.choicesCut
    for (const [fault, row] of Object.entries(other.cells)) {
      this.cells[fault] ??= {}
      const own = this.cells[fault]!
      for (const [law, count] of Object.entries(row) as [Law, number][]) own[law] = (own[law] ?? 0) + count
    }
  }
}
