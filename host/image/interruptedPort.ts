// A simulated array whose power fails at given times and comes back. The host then asks the copier to go on: it does so from what its NVRAM
// says. To whoever sent a command, it is one that takes longer.

import { COPY_ACTION_MASK, COPY_IDLE, COPY_RESUME, COPY_START, COPY_STATUS_STATE } from '../../assembly/abi/copier'
import { type CommandAnswer, type CopyPort, copyCdb } from './copyJob'
import type { SimulatedArray } from './simulatedArray'

export class InterruptedPort implements CopyPort {
  readonly array: SimulatedArray
  powerCuts = 0
  /** When the job was answered; timers may run out after it. */
  endedNs = 0
  /** Called after each step. */
  onStep: () => void = () => {}
  readonly #cutsNs: number[]
  /** Commands without an answer yet, by number: a cut takes the answer away. */
  readonly #waiting = new Map<
    number,
    { cdb: Uint8Array; dataOut: Uint8Array; answered: (answer: CommandAnswer) => void }
  >()
  #commands = 0

  constructor(array: SimulatedArray, cutsNs: readonly number[]) {
    this.array = array
    this.#cutsNs = [...cutsNs]
  }

  get bufferBytes(): number {
    return this.array.bufferBytes
  }

  get sectorBytes(): number {
    return this.array.sectorBytes
  }

  makeDurable(): void {}

  status(word: number): number {
    return this.array.status(word)
  }

  send(cdb: Uint8Array, dataOut: Uint8Array, dataInBytes: number, answered: (answer: CommandAnswer) => void): void {
    const number = this.#commands++
    this.#waiting.set(number, { cdb, dataOut, answered })
    this.array.send(cdb, dataOut, dataInBytes, (answer) => {
      this.#waiting.delete(number)
      const action = cdb[1]! & COPY_ACTION_MASK
      if (action === COPY_START || action === COPY_RESUME) this.endedNs = this.array.nowNs
      answered(answer)
    })
  }

  run(steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      const cutNs = this.#cutsNs[0]
      // A copy that is over needs no power.
      if (cutNs !== undefined && this.#waiting.size > 0 && this.array.nextTimeNs >= cutNs) this.#cut()
      else if (!this.array.run(1)) return false
      this.onStep()
    }
    return true
  }

  #cut(): void {
    this.#cutsNs.shift()
    this.powerCuts++
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.array.powerCycle()
    const isKnown = this.array.status(COPY_STATUS_STATE) !== COPY_IDLE
    for (const { cdb, dataOut, answered } of waiting) {
      this.send(isKnown ? copyCdb(COPY_RESUME) : cdb, isKnown ? new Uint8Array(0) : dataOut, 0, answered)
    }
  }
}
