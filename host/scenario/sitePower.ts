// The power of a rig's sites: lost at one of them, and back after a while. A later loss puts off a return that an earlier one ordered.

import type { Complaint } from '../oracle/verdict'
import { KIND_POWER_ON } from '../rig/eventKinds'
import type { PowerCut } from '../rig/powerCut'
import type { Rig } from '../rig/rig'
import type { EventQueue } from '../sim/eventQueue'
import { KeptWords } from './keptWords'
import { ReturnedCopy, type ReturnHooks } from './returnedCopy'

export interface PowerHooks extends ReturnHooks {
  /** The site of the initiators has lost its power. `tears`: a sector of a write in flight may be half new. */
  activeLost(tears: boolean): void
  /** It has power again. */
  activeReturned(): void
  /** The other site has lost its power; `tears` as above. */
  otherLost(tears: boolean): void
  /** A site has power again, and does not know what it said before. */
  forgot(what: Complaint): void
}

export class SitePower {
  readonly #rig: Rig
  readonly #events: EventQueue
  readonly #hooks: PowerHooks
  /** Returns that were ordered, by site: all but the last are stale. */
  readonly #returns = [0, 0]
  /** By site: a return is on its way. */
  readonly #awaited = [false, false]
  readonly #words: KeptWords
  readonly #copy: ReturnedCopy

  /** `hasCaches`: the array's write cache is on. */
  constructor(rig: Rig, events: EventQueue, hasCaches: boolean, hooks: PowerHooks) {
    this.#rig = rig
    this.#events = events
    this.#hooks = hooks
    this.#words = new KeptWords(rig)
    this.#copy = new ReturnedCopy(rig, hasCaches)
  }

  /** Power is lost at a site that has it. `isMidway`: in the middle of something that it does. */
  lose(index: number, cut: PowerCut, isMidway: boolean): void {
    this.#copy.losing(index, isMidway)
    this.#words.losing(index, isMidway, () => this.#rig.sites[index]!.powerCut(cut))
    if (index === this.#rig.activeIndex) this.#hooks.activeLost(cut.tears)
    else this.#hooks.otherLost(cut.tears)
  }

  /** An event has happened. */
  look(): void {
    const what = this.#words.look()
    if (what) this.#hooks.forgot(what)
    this.#copy.look(this.#hooks)
  }

  /** Power of a site that has none returns after `durationNs`; Infinity = it does not. */
  returnsAfter(index: number, durationNs: number): void {
    const number = ++this.#returns[index]!
    this.#awaited[index] = Number.isFinite(durationNs)
    if (Number.isFinite(durationNs)) this.#events.push(this.#events.nowNs + durationNs, KIND_POWER_ON, index, number)
  }

  /** Power is going to return somewhere. */
  get isAwaited(): boolean {
    return this.#awaited.some((isAwaited) => isAwaited)
  }

  /** The event of KIND_POWER_ON. */
  due(index: number, number: number): void {
    if (number !== this.#returns[index]) return
    this.#awaited[index] = false
    this.#rig.sites[index]!.powerOn()
    this.#copy.powerOn(index)
    if (index === this.#rig.activeIndex) this.#hooks.activeReturned()
  }
}
