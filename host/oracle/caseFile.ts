// What all judges of one LUN share: the record of writes, the model of each sector, the means to recognise contents, the rig, and the list of
// what was found. One place turns "this is wrong" into a violation with its story.

import type { Contents } from './content'
import type { FocusRecorder } from './focusRecorder'
import { Ledger } from './ledger'
import { MemoryWatch } from './memoryWatch'
import type { RigView } from './rigView'
import type { SectorModel } from './sectorModel'
import { storyOf } from './story'
import type { Complaint, HistoryStep, Law } from './verdict'
import type { WriteTable } from './writeTable'

export interface Charge extends Complaint {
  readonly law: Law
  readonly lba: number | null
  /** Versions whose origin the story tells. */
  readonly versions: readonly number[]
}

export class CaseFile {
  readonly ledger = new Ledger()
  /** When all that was in flight was lost, and why. */
  readonly interruptions: HistoryStep[] = []
  /** When the last drives went that had what was only in caches. */
  cachesLostNs = -1
  /** Times of power cuts that may have left a sector half written. */
  readonly tearsNs = new Set<number>()
  /** The same at the site that the initiators did not use. */
  readonly tearsElsewhereNs = new Set<number>()
  /** Null: there is no view. */
  readonly memory: MemoryWatch | null
  /** In a focused replay: the story of one sector, in full. */
  focus: FocusRecorder | null = null

  constructor(
    readonly writes: WriteTable,
    readonly sectors: SectorModel,
    readonly contents: Contents,
    readonly view: RigView | null,
    hangGraceNs: number,
  ) {
    this.memory = view && new MemoryWatch(view, hangGraceNs)
  }

  /** Takes over what another case knows of the past, and nothing of what was found there. `writes` and `sectors` are copies already. */
  copyFrom(other: CaseFile): void {
    this.ledger.clear()
    this.interruptions.length = 0
    this.interruptions.push(...other.interruptions)
    this.cachesLostNs = other.cachesLostNs
    if (this.memory && other.memory) this.memory.copyFrom(other.memory)
    this.tearsNs.clear()
    this.tearsElsewhereNs.clear()
    for (const timeNs of other.tearsElsewhereNs) this.tearsElsewhereNs.add(timeNs)
    for (const timeNs of other.tearsNs) this.tearsNs.add(timeNs)
  }

  /** No drive is left that has what was acknowledged without being durable. */
  cachesLost(nowNs: number): void {
    if (!this.sectors.volatile) return
    this.cachesLostNs = nowNs
    this.sectors.cachesLost()
  }

  charge({ law, lba, found, expected, versions }: Charge, nowNs: number): void {
    this.ledger.violate(law, lba, () => {
      const last = { timeNs: nowNs, text: found }
      const focused = this.focus !== null && this.focus.lba === lba
      const history = focused ? [...this.focus!.steps, last] : storyOf(this.writes, versions, this.interruptions, last)
      return { law, lba, timeNs: nowNs, found, expected, history }
    })
  }

  /**
   * When the oldest acknowledged version that a sector may hold was submitted: what a lie must not precede to explain anything. A newer one
   * may have been lost in a cache, and with it what had covered the lie.
   */
  acknowledgedSinceNs(lba: number): number {
    let sinceNs = Number.POSITIVE_INFINITY
    for (const id of this.sectors.possible(lba)) {
      if (id === 0) return 0
      if (this.writes.isAcknowledged(id)) sinceNs = Math.min(sinceNs, this.writes.submitNs[id]!)
    }
    return sinceNs === Number.POSITIVE_INFINITY ? 0 : sinceNs
  }
}
