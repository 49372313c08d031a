// Looks now and then at the oldest command of the initiators: one without an answer for too long is told of, once. And at an array that
// says that it cannot serve: its initiators give up in the end.

import { KIND_COMMAND_WATCH } from '../rig/eventKinds'
import type { EventQueue } from '../sim/eventQueue'
import type { Initiator } from '../workload/initiator'
import type { RunnerHooks } from './runnerHooks'

/** Refusals in a row after which initiators give up. */
const REFUSALS = 3

export class CommandWatch {
  /** A command was told of: the run cannot go on. */
  overdueTold = false
  #refusals = 0

  constructor(
    readonly events: EventQueue,
    readonly initiator: Initiator,
    readonly hooks: RunnerHooks,
    readonly timeoutNs: number,
    /** The array says that it cannot serve, for good. */
    readonly refuses: () => boolean,
  ) {}

  /** Another life of the rig. */
  restart(): void {
    this.overdueTold = false
  }

  schedule(): void {
    this.events.push(this.events.nowNs + this.timeoutNs / 4, KIND_COMMAND_WATCH, 0, 0)
  }

  look(): void {
    const oldest = this.initiator.oldest()
    const { nowNs } = this.events
    if (oldest && nowNs - oldest.submitNs > this.timeoutNs && !this.overdueTold) {
      this.overdueTold = true
      this.hooks.commandOverdue(oldest.what, oldest.lba, oldest.submitNs, nowNs)
    }
    // Twice in a row, and it owes no answer.
    this.#refusals = oldest === null && this.refuses() ? this.#refusals + 1 : 0
    if (this.#refusals >= REFUSALS) this.initiator.stop(() => true)
    if (!this.overdueTold) this.schedule()
  }
}
