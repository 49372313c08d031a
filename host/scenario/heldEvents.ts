// Lets a scheduler hold back what real hardware could have done later: answers of drives, timers, spin-ups, initiators.

import { KIND_DRIVE_FINISH, KIND_INITIATOR, KIND_SPIN_UP, KIND_TIMER } from '../rig/eventKinds'
import type { EventQueue } from '../sim/eventQueue'
import type { Scheduler } from '../sim/scheduler'

const HOLDABLE: ReadonlySet<number> = new Set([KIND_DRIVE_FINISH, KIND_TIMER, KIND_SPIN_UP, KIND_INITIATOR])

export class HeldEvents {
  readonly #scheduler: Scheduler
  /** Events that could be held so far. */
  #steps = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Another life of the rig. */
  restart(): void {
    this.#steps = 0
  }

  /** Whether the event that was just popped waits for longer: then it is back in the queue. */
  holds(events: EventQueue): boolean {
    const { kind, a, b, nowNs } = events
    if (!HOLDABLE.has(kind) || events.wasHeld) return false
    const actor = kind === KIND_DRIVE_FINISH ? (a << 12) | (b & 0xfff) : a
    const holdNs = this.#scheduler.holdNs({ kind, actor, step: ++this.#steps, timeNs: nowNs })
    if (holdNs <= 0) return false
    events.pushHeld(nowNs + holdNs, kind, a, b)
    return true
  }
}
