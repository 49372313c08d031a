// Who decides the order of things that the hardware leaves open: an event may be held back, never brought forward.
//
// A drive may take as long as it likes, an interrupt or a timer may come late, an initiator may think: so holding an event is always
// something that real hardware could have done. The run loop asks once for each event of a kind that may be held, when it falls due; an event
// that was held falls due again later, and is not asked about again.

/** The actor whose events keep their order among themselves: one command slot of one drive, one timer, one initiator's job. */
export interface HoldableEvent {
  readonly kind: number
  /** Counts the events that could be held, from 1, since the workload began. */
  readonly step: number
  readonly actor: number
  readonly timeNs: number
}

export interface Scheduler {
  /** For how long the event is held back, in ns; 0 = it happens now. */
  holdNs(event: HoldableEvent): number
}

export interface Hold {
  readonly step: number
  readonly holdNs: number
}

/** Holds that somebody wrote down: of a shrunken run, for instance. */
export class HoldList implements Scheduler {
  readonly #holds: ReadonlyMap<number, number>

  constructor(holds: readonly Hold[]) {
    this.#holds = new Map(holds.map(({ step, holdNs }) => [step, holdNs]))
  }

  holdNs({ step }: HoldableEvent): number {
    return this.#holds.get(step) ?? 0
  }
}
