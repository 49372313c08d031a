// What a second site promises: after a failover nothing is lost but what its mode allows (DUR, RPO), and what is there is what the LUN
// held once, in the order in which writes were acknowledged (WOF); in mode `scheduled`, what it held at the point in time that the copy
// says it has (PIT).
//
// While the array says that both sites hold the same (REMOTE_UP), an acknowledged write is secured: it must survive the loss of the site. Not
// so in modes `one-behind` and `async`: there what is lost is counted, or its age taken (RPO); in mode `scheduled` (REMOTE_DATED) it is
// secured when a point in time has arrived that was taken after it. While the array says anything else, writes
// since then may be lost, but not one without those that were submitted after its acknowledgement.
//
// With a write cache (WCE = 1) that is so as long as no site that was left or come to has lost what was in its caches. What was flushed
// while the array said that both sites hold the same is secured against that, too, and with it what came before the array said so: in
// mode `sync` it is on media at both sites then, and in the other modes nothing that is promised of the other site is in its caches.

import {
  REMOTE_DATED,
  REMOTE_TARGET,
  REMOTE_UP,
  REMOTE_WRITES_REFUSED,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import { formatDurationNs } from '../sim/units'
import { AloneWatch } from './aloneWatch'
import type { CaseFile } from './caseFile'
import { excuseOf, SEEN_OLDER } from './excuse'
import { PointsInTime } from './pointsInTime'
import { Punctuality } from './punctuality'
import { claimsToServe, inSyncDrive, type RigView } from './rigView'
import { type Complaint, lawBit } from './verdict'
import { WRITE_FUA } from './writeTable'

/** What was lost in the last failover, as reading everything back has shown. */
export interface Losses {
  /** Acknowledged writes of which something was lost, and their bytes. */
  readonly writes: number
  readonly bytes: number
  /** From the acknowledgement of the first lost write to the loss of the site, or the failover, in nanoseconds; 0: nothing was lost. */
  readonly rpoNs: number
}

/** In mode `received`: so many writes, at most, may be in the other controller and not on its members. */
const HELD_MAX = 1000

export interface RemotePromise {
  readonly mode: 'sync' | 'received' | 'one-behind' | 'async' | 'scheduled'
  /** Modes async and scheduled: the age of an acknowledged write, in nanoseconds, that may be lost; 0: any. */
  readonly rpoNs: number
  /** Mode scheduled: how often a point in time is due; 0: whenever somebody asks. */
  readonly intervalNs: number
  /** Nothing is to be acknowledged that one site alone has. */
  readonly stopsAlone: boolean
  /** REMOTE_BEHIND is said of the age of writes alone, not of their number. */
  readonly lagsByAge: boolean
}

/** What a flush covers: acknowledged before `markThere` (`flushMark`), from sector `first` to `end`. */
export interface FlushReachThere {
  readonly markThere: number
  readonly first: number
  readonly end: number
}

type Fate = 'lost' | 'kept' | 'hidden'

export class OtherSiteJudge {
  readonly #case: CaseFile
  readonly #view: RigView
  readonly #promise: RemotePromise
  readonly #points: PointsInTime | null
  readonly #punctuality: Punctuality
  readonly #alone: AloneWatch
  /** What the other site has may be in its caches. */
  readonly #hasCaches: boolean
  /** The state in which the other site has what the mode promises. */
  readonly #inStep: number
  /** Acknowledged writes that the failover may have cost, in order; empty: there was none. */
  #unsecured: Uint32Array = new Uint32Array(0)
  /** When the site was lost, nothing having been acknowledged there since; -1: it was not. */
  #lostNs = -1
  /** When the site that was left could have acknowledged its last write; -1: none was left. */
  #endNs = -1
  /** The array said that both sites hold the same when it was left. */
  #wasUp = false
  #isUp = false
  /** When the array began to say so. */
  #upNs = Number.NEGATIVE_INFINITY
  /** Since when the array has said that it refuses writes; Infinity: it does not. */
  #refusesSinceNs = Number.POSITIVE_INFINITY
  /** Since the array said so last. */
  #hasOtherLost = false
  #lawsJudged = 0
  losses: Losses = { writes: 0, bytes: 0, rpoNs: 0 }

  constructor(caseFile: CaseFile, view: RigView, promise: RemotePromise, otherView: RigView | null) {
    this.#hasCaches = promise.mode === 'sync' && caseFile.sectors.volatile
    this.#case = caseFile
    this.#view = view
    this.#promise = promise
    const isScheduled = promise.mode === 'scheduled'
    this.#points = isScheduled ? new PointsInTime(caseFile, view, otherView) : null
    this.#inStep = isScheduled ? REMOTE_DATED : REMOTE_UP
    this.#punctuality = new Punctuality(promise, this.#inStep)
    this.#alone = new AloneWatch(promise.stopsAlone, this.#inStep)
  }

  /** Bits (`lawBit`) of the laws that something was held against. */
  get lawsJudged(): number {
    return this.#lawsJudged | (this.#points?.lawsJudged ?? 0)
  }

  /** The site of the initiators has lost its power. */
  lost(nowNs: number): void {
    this.#punctuality.interrupted()
    this.#refusesSinceNs = Number.POSITIVE_INFINITY
    if (this.#lostNs < 0) this.#lostNs = nowNs
    // It is the one that they have come to, and what it had may have been in its caches.
    if (this.#hasCaches) this.#unsecured = new Uint32Array(0)
  }

  /** A write is being acknowledged, and is noted as such already. */
  acknowledged(id: number, nowNs: number): void {
    this.#lostNs = -1
    this.#case.sectors.servesAgain()
    const state = this.#view.status[STATUS_REMOTE_STATE]!
    if (state === 0) return
    if (this.#case.writes.submitNs[id]! > this.#refusesSinceNs && state === REMOTE_WRITES_REFUSED) {
      const found = 'the array says that it refuses writes without the other site, and acknowledges one'
      this.#charge('TRUTH', found, 'NOT READY (02/04/xx) until it says something else', nowNs)
    }
    this.lookAtClock(nowNs)
    this.#chargeAlone(this.#alone.acknowledged(this.#view.status), nowNs)
    this.#isUp = state === this.#inStep
    if (!this.#isUp) return
    // In the other modes the other site may not have this one yet.
    if (this.#hasCaches) {
      if (this.#case.writes.flags[id]! & WRITE_FUA) this.#case.sectors.securedThese((other) => other === id)
    } else if (this.#promise.mode === 'sync') this.#case.sectors.secured()
    else if (this.#promise.mode === 'received') this.#case.sectors.secured(HELD_MAX)
  }

  /** A flush is being acknowledged. */
  flushed({ markThere, first, end }: FlushReachThere, nowNs: number): void {
    if (!this.#hasCaches) return
    this.look(nowNs)
    const { lba } = this.#case.writes
    if (this.#isUp) this.#case.sectors.securedUpTo(markThere, (id) => lba[id]! >= first && lba[id]! < end)
  }

  /** For `flushed`. */
  get flushMark(): number {
    return this.#case.sectors.acknowledgedMark
  }

  /**
   * The other site has lost its power, or its microcode was stopped: what its controller held, and its members did not, is lost. `tears`: a
   * sector of a write in flight there may be half new.
   */
  otherLost(nowNs: number, tears: boolean): void {
    this.#hasOtherLost = true
    if (tears) this.#case.tearsElsewhereNs.add(nowNs)
    if (this.#hasCaches) this.#case.sectors.otherCachesLost()
  }

  /** It has power again, rests, and says that it holds a point in time. */
  copyReturned(point: number, nowNs: number): void {
    this.#points?.copyReturned(point, nowNs)
  }

  /** The claims may have changed. Not when power is away: what was said last counts. */
  look(nowNs: number): void {
    const state = this.#view.status[STATUS_REMOTE_STATE]!
    if (state === 0) return
    const isUp = state === this.#inStep
    if (state !== REMOTE_WRITES_REFUSED) this.#refusesSinceNs = Number.POSITIVE_INFINITY
    else this.#refusesSinceNs = Math.min(this.#refusesSinceNs, nowNs)
    if (claimsToServe(this.#view)) this.#case.sectors.servesAgain()
    else if (state === REMOTE_TARGET) this.#isGiven()
    this.#points?.look(nowNs)
    this.lookAtClock(nowNs)
    this.#chargeAlone(this.#alone.look(this.#view.status), nowNs)
    // Whatever was missing there has been copied.
    if (isUp && !this.#isUp) {
      // In mode async the age of what is lost tells (RPO): the last writes may not be there yet. Of points in time, only what they have.
      const onItsWay = this.#promise.mode === 'one-behind' ? 1 : 0
      if (this.#promise.mode !== 'async' && this.#points === null)
        this.#case.sectors.caughtUp(this.#hasCaches, onItsWay)
      this.#hasOtherLost = false
      this.#upNs = nowNs
    }
    this.#isUp = isUp
  }

  /** The initiators have come here, and this site is not in use yet: it follows the one that they left. */
  #isGiven(): void {
    const gone = this.#case.sectors.givenWhatIsLeft()
    if (gone.size > 0) this.#unsecured = this.#unsecured.filter((id) => !gone.has(id))
  }

  /** Status words may have changed, though no claim did. */
  lookAtClock(nowNs: number): void {
    const { status } = this.#view
    if (status[STATUS_REMOTE_STATE] === 0) return
    const fault = this.#punctuality.look(status, nowNs)
    if (fault) this.#charge('RPO', fault.found, fault.expected, nowNs)
  }

  /** The LUN is served by the other site from now on. */
  changedOver(nowNs: number, sequence: number): void {
    // Who has lost both sites has lost what only controllers held; so has who has lost one, and every member there was in trouble.
    this.#wasUp = this.#isUp && !this.#hasOtherLost && this.#hasSoundMember()
    if (this.#wasUp && this.#promise.mode === 'received') this.#case.sectors.secured()
    this.#points?.changedOver(nowNs)
    this.#alone.changedOver()
    this.#punctuality.interrupted()
    this.#refusesSinceNs = Number.POSITIVE_INFINITY
    const cached = !this.#hasCaches ? 'none' : this.#wasUp ? 'all' : 'some'
    this.#unsecured = this.#case.sectors.changedOver(nowNs, sequence, cached)
    this.#endNs = this.#lostNs < 0 ? nowNs : this.#lostNs
    this.#isUp = false
  }

  /** A member of the site that the initiators have come to took all that its controller had for it, since both sites held the same. */
  #hasSoundMember(): boolean {
    for (let bay = 0; bay < this.#view.bayCount; bay++) {
      const drive = inSyncDrive(this.#view, bay)
      if (drive && !faultFilterOf(drive)?.troubledSince(this.#upNs)) return true
    }
    return false
  }

  /** Everything was read back. */
  judge(nowNs: number): void {
    if (this.#endNs >= 0) this.#lawsJudged |= lawBit('WOF') | (this.#wasUp ? lawBit('RPO') : 0)
    const heldNs = this.#endNs < 0 ? null : (this.#points?.heldNs ?? null)
    if (heldNs !== null) this.#lawsJudged |= lawBit('PIT')
    const { writes, contents } = this.#case
    let [count, bytes, firstLostNs, lastKept] = [0, 0, Number.POSITIVE_INFINITY, -1]
    for (const id of this.#unsecured) {
      const fate = this.#fateOf(id)
      if (heldNs !== null) this.#judgePoint(id, fate, heldNs, nowNs)
      if (fate === 'lost') {
        count++
        bytes += writes.sectors[id]! * contents.sectorBytes
        firstLostNs = Math.min(firstLostNs, writes.doneNs[id]!)
      } else if (fate === 'kept' && (lastKept < 0 || writes.submitNs[id]! > writes.submitNs[lastKept]!)) lastKept = id
    }
    this.losses = { writes: count, bytes, rpoNs: count > 0 ? this.#endNs - firstLostNs : 0 }
    if (lastKept >= 0 && writes.submitNs[lastKept]! > firstLostNs) {
      const found = `write ${lastKept} is there after the failover, and one is not that was acknowledged before it was submitted`
      this.#charge('WOF', found, 'a prefix of the order in which writes were acknowledged', nowNs)
    }
    if (this.#wasUp) this.#judgeRpo(nowNs)
  }

  /** The other site holds the LUN as it was at `heldNs`. */
  #judgePoint(id: number, fate: Fate, heldNs: number, nowNs: number): void {
    const { writes } = this.#case
    const [submitNs, doneNs] = [writes.submitNs[id]!, writes.doneNs[id]!]
    const isWrong = (fate === 'lost' && doneNs < heldNs) || (fate === 'kept' && submitNs > heldNs)
    if (!isWrong) return
    const when =
      fate === 'lost' ? `acknowledged at ${formatDurationNs(doneNs)}` : `submitted at ${formatDurationNs(submitNs)}`
    const found = `write ${id}, ${when}, is ${fate === 'lost' ? 'not there' : 'there'} after the failover`
    this.#charge('PIT', found, `the LUN as it was at ${formatDurationNs(heldNs)}`, nowNs)
  }

  /** While the array said that both sites hold the same it may lose no more than its mode allows. */
  #judgeRpo(nowNs: number): void {
    const { writes, rpoNs } = this.losses
    const { mode, rpoNs: allowedNs } = this.#promise
    if (mode === 'one-behind' && writes > 1) {
      this.#charge('RPO', `${writes} acknowledged writes are lost`, 'at most one in mode one-behind', nowNs)
    }
    if ((mode === 'async' || this.#points) && allowedNs > 0 && rpoNs > allowedNs) {
      const found = `an acknowledged write is lost that was ${formatDurationNs(rpoNs)} old`
      this.#charge('RPO', found, `none that is older than ${formatDurationNs(allowedNs)}`, nowNs)
    }
  }

  /**
   * A drive lied about the sector: that replicas differ there is nobody's fault. `mayBeBehind`: those of a site that need not have what was
   * written last.
   */
  isExcused(lba: number, mayBeBehind: boolean): boolean {
    const sinceNs = mayBeBehind ? 0 : this.#case.acknowledgedSinceNs(lba)
    return excuseOf(this.#case, lba, sinceNs, SEEN_OLDER) !== null
  }

  /** Later writes may hide it: then nobody can tell. */
  #fateOf(id: number): Fate {
    const { writes, sectors } = this.#case
    const first = writes.lba[id]!
    // What a drive lied about since then is lost by no fault of the sites.
    const isLie = (lba: number): boolean => excuseOf(this.#case, lba, writes.submitNs[id]!, SEEN_OLDER) !== null
    let kept = true
    for (let lba = first; lba < first + writes.sectors[id]!; lba++) {
      const settled = sectors.shownAt(lba)
      if (isLie(lba)) return 'hidden'
      if (settled !== id) kept = false
      if (settled >= 0 && writes.isSuperseded(settled, id)) return 'lost'
    }
    return kept ? 'kept' : 'hidden'
  }

  #chargeAlone(fault: Complaint | null, nowNs: number): void {
    if (fault) this.#charge('TRUTH', fault.found, fault.expected, nowNs)
  }

  #charge(law: 'TRUTH' | 'WOF' | 'RPO' | 'PIT', found: string, expected: string, nowNs: number): void {
    this.#case.charge({ law, lba: null, found, expected, versions: [] }, nowNs)
  }
}
