// The bus of the initiators' machine: who crosses it depends on where the microcode runs.

import { Bus } from './bus'
import type { Placement } from './wiring'

export class HostBus {
  /** In a controller with a limited bus: what hosts' data cross on their way there and back. */
  readonly #commands: Bus | null
  /** In the host itself: what goes to drives and to the link crosses it. Null: a controller has a bus of its own for that. */
  readonly outward: Bus | null
  /** Data of commands have to be fetched from the initiators. */
  readonly isElsewhere: boolean

  constructor(placement: Placement | undefined) {
    const bus = placement ? new Bus(placement.hostBusBytesPerNs) : null
    this.isElsewhere = placement?.where !== 'host'
    this.#commands = this.isElsewhere ? bus : null
    this.outward = this.isElsewhere ? null : bus
  }

  reset(): void {
    this.#commands?.reset()
    this.outward?.reset()
  }

  /** When so many bytes of a command that is sent, or answered, at `readyNs` are across. */
  crossed(readyNs: number, bytes: number): number {
    return this.#commands !== null && bytes > 0 ? this.#commands.transfer(readyNs, bytes) : readyNs
  }
}
