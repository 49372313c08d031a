// Whether the array does what an operator asks for (assembly/abi/operator.ts), where nothing stands in its way (law LIVE).
//
// A request counts if the array served when it was made, and until power fails, the controller restarts, or the drive in question is
// pulled. A member need not be taken out when it has become the last one since; a drive with faults need not come back.

import { OPERATOR_ATTACH, OPERATOR_DETACH, OPERATOR_STOP } from '../../assembly/abi/operator'
import {
  BAY_STATE_CATCHING_UP,
  BAY_STATE_FAULTY,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
} from '../../assembly/abi/status'
import { bayStateOf, claimsToServe, inSyncDrive, type RigView } from './rigView'
import type { Complaint } from './verdict'

interface Member {
  readonly bay: number
  readonly driveId: number
}

interface Request extends Member {
  readonly request: number
  /** Members in sync, this one not counted. */
  readonly others: readonly Member[]
}

const MEMBER_STATES: ReadonlySet<number> = new Set([BAY_STATE_IN_SYNC, BAY_STATE_REBUILDING, BAY_STATE_CATCHING_UP])

export class OperatorWatch {
  readonly #view: RigView
  /** By bay. */
  readonly #requests = new Map<number, Request>()
  #isStopDue = false

  constructor(view: RigView) {
    this.#view = view
  }

  /** Called just before the microcode is asked. */
  asked(request: number, bay: number): void {
    if (!claimsToServe(this.#view) || this.#isStopDue) return
    // Whose last member has just been pulled is about to hear of that first, and has nothing to stop then.
    if (request === OPERATOR_STOP) this.#isStopDue = this.#inSyncBut(-1).length > 0
    if (request !== OPERATOR_DETACH && request !== OPERATOR_ATTACH) return
    // Whatever was asked for before, it holds no longer.
    this.#requests.delete(bay)
    const drive = this.#view.driveIn(bay)
    if (drive === null) return
    const others = this.#inSyncBut(bay)
    const state = bayStateOf(this.#view, bay)
    const counts =
      request === OPERATOR_DETACH ? state === BAY_STATE_IN_SYNC && others.length > 0 : state === BAY_STATE_FAULTY
    if (counts) this.#requests.set(bay, { request, bay, driveId: drive.id, others })
  }

  /** Drives may have come or gone. An array that fails finds its members anew. */
  look(): void {
    if (!claimsToServe(this.#view)) this.#requests.clear()
    for (const [bay, { driveId }] of this.#requests) {
      if (this.#view.driveIn(bay)?.id !== driveId) this.#requests.delete(bay)
    }
  }

  interrupted(): void {
    this.#requests.clear()
    this.#isStopDue = false
  }

  /** Long after the last request: what was not done. */
  *ignored(): Generator<Complaint> {
    if (this.#isStopDue && claimsToServe(this.#view)) {
      yield { found: 'the array still serves, long after it was asked to stop', expected: 'an array that is stopped' }
    }
    if (this.#isStopDue) return
    for (const { request, bay, others } of this.#requests.values()) {
      const state = bayStateOf(this.#view, bay)
      if (request === OPERATOR_DETACH && MEMBER_STATES.has(state) && others.every((other) => this.#isInSync(other))) {
        const found = `the drive in bay ${bay} is still a member, long after it was asked to be taken out`
        yield { found, expected: 'a member that was taken out' }
      }
      if (request === OPERATOR_ATTACH && state === BAY_STATE_FAULTY && this.#view.filters.length === 0) {
        const found = `the drive in bay ${bay} is still faulty, long after it was asked to be put back`
        yield { found, expected: 'a sound drive that is looked at anew' }
      }
    }
  }

  #isInSync({ bay, driveId }: Member): boolean {
    return inSyncDrive(this.#view, bay)?.id === driveId
  }

  #inSyncBut(bay: number): Member[] {
    const members: Member[] = []
    for (let other = 0; other < this.#view.bayCount; other++) {
      const drive = other === bay ? null : inSyncDrive(this.#view, other)
      if (drive) members.push({ bay: other, driveId: drive.id })
    }
    return members
  }
}
