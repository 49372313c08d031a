// Whether a primary keeps its appointments, and is right when it says that it does not: in modes `async` and `scheduled` the array may say
// that the other site lags (REMOTE_BEHIND), and promises nothing then. It must not say so while nothing that the other site may lack is
// old; it must say so when something is; and points in time that are due are taken, as long as both sites are in step (law RPO).
//
// It is told when status words may have changed, and looks at them: how long something has been so is known as far as that.

import {
  REMOTE_BEHIND,
  STATUS_BUSY,
  STATUS_POINT_ARRIVED,
  STATUS_POINT_TAKEN,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { formatDurationNs } from '../sim/units'
import type { RemotePromise } from './otherSite'
import type { Complaint } from './verdict'

/** Of the RPO: what is younger than that is no reason to say that the other site lags. */
const YOUNG = 0.5
/** A point is taken so long after it was due, at the latest, and a lag is told: a controller has other things to do as well. */
const LATE_NS = 100_000_000
/** So many RPOs may pass besides: half of the time nobody looks. */
const RPOS_MAX = 2

export class Punctuality {
  readonly #promise: RemotePromise
  readonly #inStep: number
  /** When the other site lacked nothing last; -1: not since the last interruption. */
  #nothingLackedNs = -1
  /** The other site has lacked something since then, and no point was on its way; -1: that is not so. */
  #waitsSinceNs = -1
  /** Mode scheduled: since when the other site has lacked something, as far as is known; -1: it lacks nothing. */
  #lacksSinceNs = -1
  /** When the last point was taken. */
  #takenNs = -1
  #arrived = 0
  #wasInStep = false
  /** The point that was taken last. */
  #point = 0
  #wasBehind = false

  /** `inStep`: the state in which the other site has what the mode promises. */
  constructor(promise: RemotePromise, inStep: number) {
    this.#promise = promise
    this.#inStep = inStep
  }

  /** Power is lost, or initiators go elsewhere. */
  interrupted(): void {
    this.#nothingLackedNs = -1
    this.#waitsSinceNs = -1
    this.#lacksSinceNs = -1
    this.#wasBehind = false
    this.#wasInStep = false
  }

  /** What is wrong with what the array says now, or null. */
  look(status: Uint32Array, nowNs: number): Complaint | null {
    const state = status[STATUS_REMOTE_STATE]!
    const isBehind = state === REMOTE_BEHIND
    const isTied = isBehind || state === this.#inStep
    const lacks = status[STATUS_REMOTE_DIRTY_REGIONS] !== 0
    const alarm = isBehind && !this.#wasBehind && this.#promise.lagsByAge ? this.#falseAlarm(nowNs) : null
    const missed = isTied && lacks ? this.#missed(nowNs) : null
    this.#ageOfLack(status, isTied, lacks, nowNs)
    const untold = state === this.#inStep && this.#promise.mode === 'scheduled' ? this.#untold(nowNs) : null
    this.#wasBehind = isBehind
    if (state === this.#inStep && !lacks && status[STATUS_BUSY] === 0) this.#nothingLackedNs = nowNs
    this.#awaitPoint(status, isTied && lacks, nowNs)
    return alarm ?? missed ?? untold
  }

  /** What has arrived holds all that was written before it was taken. Whatever cleared marks otherwise: it is counted from there on. */
  #ageOfLack(status: Uint32Array, isTied: boolean, lacks: boolean, nowNs: number): void {
    if (status[STATUS_POINT_TAKEN] !== this.#point) this.#takenNs = nowNs
    const hasArrived = status[STATUS_POINT_ARRIVED] !== this.#arrived
    this.#arrived = status[STATUS_POINT_ARRIVED]!
    if (!lacks || !isTied || !this.#wasInStep) this.#lacksSinceNs = lacks && isTied ? nowNs : -1
    else if (this.#lacksSinceNs < 0) this.#lacksSinceNs = nowNs
    else if (hasArrived) this.#lacksSinceNs = Math.max(this.#lacksSinceNs, this.#takenNs)
    this.#wasInStep = isTied
  }

  #untold(nowNs: number): Complaint | null {
    const { rpoNs } = this.#promise
    const ageNs = nowNs - this.#lacksSinceNs
    if (this.#lacksSinceNs < 0 || rpoNs === 0 || ageNs <= RPOS_MAX * rpoNs + LATE_NS) return null
    this.#lacksSinceNs = nowNs
    const found = `the array does not say that the other site lags behind, which has lacked something for ${formatDurationNs(ageNs)}`
    return { found, expected: `that said of writes near an age of ${formatDurationNs(rpoNs)}` }
  }

  #falseAlarm(nowNs: number): Complaint | null {
    const ageNs = nowNs - this.#nothingLackedNs
    if (this.#nothingLackedNs < 0 || this.#promise.rpoNs === 0 || ageNs >= this.#promise.rpoNs * YOUNG) return null
    const found = `the array says that the other site lags behind, which lacked nothing ${formatDurationNs(ageNs)} ago`
    const expected = `that said of writes near an age of ${formatDurationNs(this.#promise.rpoNs)}`
    return { found, expected }
  }

  #missed(nowNs: number): Complaint | null {
    const { intervalNs } = this.#promise
    const sinceNs = this.#waitsSinceNs
    if (
      sinceNs < 0 ||
      this.#promise.mode !== 'scheduled' ||
      intervalNs === 0 ||
      nowNs - sinceNs <= 2 * intervalNs + LATE_NS
    )
      return null
    this.#waitsSinceNs = -1
    const found = `no point in time was taken for ${formatDurationNs(nowNs - sinceNs)}, with writes that the other site lacks`
    return { found, expected: `one every ${formatDurationNs(intervalNs)}` }
  }

  #awaitPoint(status: Uint32Array, isDue: boolean, nowNs: number): void {
    const taken = status[STATUS_POINT_TAKEN]!
    const isOnItsWay = taken !== status[STATUS_POINT_ARRIVED]
    if (!isDue || isOnItsWay || taken !== this.#point) this.#waitsSinceNs = -1
    else if (this.#waitsSinceNs < 0) this.#waitsSinceNs = nowNs
    this.#point = taken
  }
}
