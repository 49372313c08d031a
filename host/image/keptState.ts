// The state file of a copy that runs. When it cannot be written (no space left, say) the copy is stopped in order: `signal`. Not where there are
// several targets: then it lies beside one of them, whose want of room is not to stop the others.

import { type CopyState, writeCopyState } from './copyState'

export class KeptState {
  lastError = ''
  readonly #stop = new AbortController()
  readonly #path: string
  readonly #state: CopyState
  readonly #isVital: boolean

  constructor(path: string, state: CopyState, interrupted: AbortSignal | undefined, isVital = true) {
    this.#path = path
    this.#state = state
    this.#isVital = isVital
    if (interrupted?.aborted) this.#stop.abort()
    interrupted?.addEventListener('abort', () => this.#stop.abort())
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** False when it could not be written; the reason is in `lastError`. */
  save(): boolean {
    try {
      writeCopyState(this.#path, this.#state)
      return true
    } catch (error) {
      this.lastError = `${this.#path}: ${(error as Error).message}`
      if (this.#isVital) this.#stop.abort()
      return false
    }
  }
}
