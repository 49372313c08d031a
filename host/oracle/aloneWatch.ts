// Whether a site serves alone when it may, and only then: where nothing is to be acknowledged that one site alone has (TRUTH).
//
// Only an operator's promotion lets a site do so, and only until both hold the same again. What is not seen is taken for allowed.

import {
  REMOTE_BEHIND,
  REMOTE_LOST,
  REMOTE_WRITES_REFUSED,
  ROLE_PRIMARY,
  STATUS_POINT_ARRIVED,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import type { Complaint } from './verdict'

export class AloneWatch {
  readonly #stopsAlone: boolean
  readonly #inStep: number
  /** A primary that says that the other site has what it promises. */
  #isInStep = false
  /** It may have been promoted since. */
  #mayServe = false
  /** The initiators have come to a copy of such a primary, which was not promoted yet. */
  #isCopy = false
  /** It was promoted since. */
  #hasToServe = false
  /** The last point in time that has arrived at the other site, as this one says. */
  #arrived = 0

  constructor(stopsAlone: boolean, inStep: number) {
    this.#stopsAlone = stopsAlone
    this.#inStep = inStep
  }

  /** The claims of the site may have changed, while it has power. */
  look(status: Uint32Array): Complaint | null {
    const isPrimary = status[STATUS_REMOTE_ROLE] === ROLE_PRIMARY
    this.#isInStep = isPrimary && status[STATUS_REMOTE_STATE] === this.#inStep
    if (!isPrimary) this.#mayServe = true
    else {
      this.#hasToServe ||= this.#isCopy
      this.#isCopy = false
    }
    if (this.#isInStep) this.#mayServe = false
    if (this.#heldTheSame(status)) this.#hasToServe = false
    this.#arrived = status[STATUS_POINT_ARRIVED]!
    if (!this.#hasToServe || status[STATUS_REMOTE_STATE] !== REMOTE_WRITES_REFUSED) return null
    this.#hasToServe = false
    const found = 'a copy that was promoted says that it refuses writes without the other site'
    return { found, expected: 'a site that serves alone, as an operator has asked for, until both hold the same' }
  }

  /** Also for a moment that nobody saw: the next point in time may have been taken, and writes may have waited too long, before the entry point returned. */
  #heldTheSame(status: Uint32Array): boolean {
    const isLate = status[STATUS_REMOTE_STATE] === REMOTE_BEHIND
    return this.#isInStep || isLate || status[STATUS_POINT_ARRIVED] !== this.#arrived
  }

  /** A write was acknowledged. */
  acknowledged(status: Uint32Array): Complaint | null {
    const isAlone = status[STATUS_REMOTE_ROLE] === ROLE_PRIMARY && status[STATUS_REMOTE_STATE] === REMOTE_LOST
    if (!this.#stopsAlone || this.#mayServe || !isAlone) return null
    this.#mayServe = true
    const found = 'a write was acknowledged by a site that hears nothing of the other one, and that nobody has promoted'
    return { found, expected: 'NOT READY (02/04/xx) where nothing is to be acknowledged that one site alone has' }
  }

  /** The initiators have come to the other site. */
  changedOver(): void {
    this.#isCopy = this.#isInStep
    this.#isInStep = false
    this.#hasToServe = false
    this.#mayServe = true
  }
}
