// Mode scheduled: the points in time that a primary has taken, as the judge saw them, and what a copy that holds one of them must be.
//
// Points are known by number: the primary says which it has taken, and which has arrived; the copy which it holds. When a point was taken
// is what the judge saw, not what anybody says.

import { STATUS_POINT_ARRIVED, STATUS_POINT_HELD, STATUS_POINT_TAKEN } from '../../assembly/abi/status'
import type { CaseFile } from './caseFile'
import { PointContents } from './pointContents'
import type { RigView } from './rigView'
import type { SectorModel } from './sectorModel'
import { lawBit } from './verdict'

interface Point {
  readonly timeNs: number
  /** Acknowledged until then (`acknowledgedMark`). */
  readonly mark: number
}

/** More than can be on their way, and asked for later. */
const POINTS_MAX = 1000

export class PointsInTime {
  readonly #view: RigView
  readonly #sectors: SectorModel
  readonly #contents: PointContents | null
  readonly #taken = new Map<number, Point>()
  /** When the initiators changed sites last: points of before were the other site's. */
  #changedNs = -1
  /** Bits (`lawBit`) of the laws that something was held against. */
  lawsJudged = 0
  #arrived = 0
  /** What the site that the initiators use says that it held last. */
  #held = 0

  /** `copy`: the site that the initiators do not use; null: nobody looks there. */
  constructor(caseFile: CaseFile, view: RigView, copy: RigView | null) {
    this.#view = view
    this.#sectors = caseFile.sectors
    this.#contents = copy && new PointContents(caseFile, copy)
  }

  /** The claims may have changed. */
  look(nowNs: number): void {
    const { status } = this.#view
    const taken = status[STATUS_POINT_TAKEN]!
    if (taken !== 0 && !this.#taken.has(taken)) this.#take(taken, nowNs)
    const arrived = status[STATUS_POINT_ARRIVED]!
    const point = this.#taken.get(arrived)
    if (arrived !== this.#arrived && point) this.#hasArrived(point, nowNs)
    this.#arrived = arrived
    this.#held = status[STATUS_POINT_HELD]!
  }

  /** The initiators have come to a copy: it has what was acknowledged before the point that it says it holds. */
  changedOver(nowNs: number): void {
    this.#changedNs = nowNs
    const point = this.#taken.get(this.#view.status[STATUS_POINT_HELD]!)
    if (point) this.#sectors.securedUpTo(point.mark)
  }

  /** When the point was taken that the site of the initiators held as a copy; null: nobody saw that, or it held none. */
  get heldNs(): number | null {
    return this.#taken.get(this.#held)?.timeNs ?? null
  }

  /** A copy that lost its power holds a point, as it says. */
  copyReturned(number: number, nowNs: number): void {
    const point = this.#taken.get(number)
    if (point) this.#judgeContents(point, nowNs)
  }

  #hasArrived(point: Point, nowNs: number): void {
    this.#sectors.securedUpTo(point.mark)
    this.#judgeContents(point, nowNs)
  }

  #judgeContents(point: Point, nowNs: number): void {
    if (this.#contents === null || point.timeNs <= this.#changedNs) return
    this.lawsJudged = lawBit('PIT')
    this.#contents.judge(point.timeNs, nowNs)
  }

  #take(number: number, timeNs: number): void {
    if (this.#taken.size === POINTS_MAX) this.#taken.delete(this.#taken.keys().next().value!)
    this.#taken.set(number, { timeNs, mark: this.#sectors.acknowledgedMark })
  }
}
