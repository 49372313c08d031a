// Whether a site gives its LUN up that an operator has asked to do so: to hand it over, or to give up what it has after a split brain (law
// LIVE). Until it has done so no host is served by it, and the other site may not take over.
//
// A request counts if the site served when it was made, and until another one is made there, its power fails, or its array fails. Nothing
// else stands in its way: not a link that is down, nor another site that takes nothing.

import { OPERATOR_DEMOTE, OPERATOR_DISCARD } from '../../assembly/abi/operator'
import { ROLE_PRIMARY, STATUS_REMOTE_ROLE } from '../../assembly/abi/status'
import type { Violation } from '../oracle/verdict'
import type { Rig } from '../rig/rig'
import { knowsItsArray } from './quiet'

interface Request {
  readonly request: number
  /** Of the site: another one after each power cut. */
  readonly life: number
}

export class StepDowns {
  readonly #rig: Rig
  /** By site. */
  readonly #requests: (Request | null)[] = [null, null]

  constructor(rig: Rig) {
    this.#rig = rig
  }

  /** Just before a site is asked. */
  asked(index: number, request: number): void {
    const counts = (request === OPERATOR_DEMOTE || request === OPERATOR_DISCARD) && this.#isServing(index)
    this.#requests[index] = counts ? { request, life: this.#rig.sites[index]!.life } : null
  }

  /** A site is about to give its LUN up. */
  isDue(index: number): boolean {
    return this.#requests[index]?.life === this.#rig.sites[index]!.life && this.#isServing(index)
  }

  /** Long after the last request. What breaks LIVE. */
  ignored(nowNs: number): Violation[] {
    return this.#rig.sites.flatMap((_, index) => {
      if (!this.isDue(index)) return []
      const what = this.#requests[index]!.request === OPERATOR_DEMOTE ? 'hand its LUN over' : 'give up what it has'
      const found = `site ${'ab'[index]} still is a primary, long after it was asked to ${what}`
      return [{ law: 'LIVE', lba: null, timeNs: nowNs, found, expected: 'a secondary', history: [] }]
    })
  }

  #isServing(index: number): boolean {
    const site = this.#rig.sites[index]!
    return knowsItsArray(site) && site.controller.statusWord(STATUS_REMOTE_ROLE) === ROLE_PRIMARY
  }
}
