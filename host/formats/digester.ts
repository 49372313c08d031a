// Digests of a long row of bytes, several kinds at once. Large rows are digested by a thread beside this one, since hashing takes as long as the
// rest of the work.

import { createHash, type Hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'

/** Below this a thread takes longer to start than it saves. */
const THREAD_BYTES_MIN = 32 << 20
const BLOCK_BYTES = 1 << 20
const BLOCKS_MAX = 4

export interface Digester {
  /** `bytes` is the caller's again when the call is over; the next one comes when its promise is. */
  update(bytes: Uint8Array): void | Promise<void>
  /** In the order of the names. */
  digest(): Promise<Uint8Array[]>
  /** Also after `digest`, and instead of it. */
  close(): void
}

/** `totalBytes`: about how many there will be. */
export function digesterFor(names: readonly string[], totalBytes: number): Digester {
  return totalBytes < THREAD_BYTES_MIN || names.length === 0 ? new InlineDigester(names) : new ThreadDigester(names)
}

class InlineDigester implements Digester {
  readonly #hashes: readonly Hash[]

  constructor(names: readonly string[]) {
    this.#hashes = names.map((name) => createHash(name))
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.#hashes) hash.update(bytes)
  }

  async digest(): Promise<Uint8Array[]> {
    return this.#hashes.map((hash) => hash.digest())
  }

  close(): void {}
}

/** Says of each block when it is done with it: blocks are shared, since to send one takes longer than to fill it. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const { names, blocks } = workerData
const hashes = names.map((name) => createHash(name))
parentPort.on('message', ({ number, length }) => {
  if (number === null) return parentPort.postMessage({ digests: hashes.map((hash) => hash.digest()) })
  for (const hash of hashes) hash.update(blocks[number].subarray(0, length))
  parentPort.postMessage({ number })
})
`

interface Answer {
  readonly number?: number
  readonly digests?: Uint8Array[]
}

class ThreadDigester implements Digester {
  readonly #worker: Worker
  readonly #blocks = Array.from({ length: BLOCKS_MAX }, () => new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES)))
  /** Numbers of blocks. */
  readonly #free = this.#blocks.map((_, number) => number)
  #block: number | null = null
  #filled = 0
  #waiting: { resolve(answer: Answer): void; reject(error: unknown): void } | null = null
  #failure: unknown = null

  constructor(names: readonly string[]) {
    this.#worker = new Worker(PROGRAM, { eval: true, workerData: { names, blocks: this.#blocks } })
    // Whoever forgets to close it does not keep the process alive.
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => {
      if (answer.number !== undefined) this.#free.push(answer.number)
      this.#waiting?.resolve(answer)
    })
    this.#worker.on('error', (error) => {
      this.#failure = error
      this.#waiting?.reject(error)
    })
  }

  update(bytes: Uint8Array): void | Promise<void> {
    // The usual case waits for nothing.
    if (this.#block !== null && this.#filled + bytes.length < BLOCK_BYTES) this.#fill(bytes)
    else return this.#updateLong(bytes)
  }

  async digest(): Promise<Uint8Array[]> {
    this.#send()
    this.#worker.postMessage({ number: null, length: 0 })
    for (;;) {
      const { digests } = await this.#answer()
      if (digests) return digests
    }
  }

  close(): void {
    void this.#worker.terminate()
  }

  async #updateLong(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      this.#block ??= await this.#freeBlock()
      const length = Math.min(bytes.length - done, BLOCK_BYTES - this.#filled)
      this.#fill(bytes.subarray(done, done + length))
      done += length
      if (this.#filled === BLOCK_BYTES) this.#send()
    }
  }

  #fill(bytes: Uint8Array): void {
    this.#blocks[this.#block!]!.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  #send(): void {
    if (this.#block === null) return
    this.#worker.postMessage({ number: this.#block, length: this.#filled })
    this.#block = null
    this.#filled = 0
  }

  async #freeBlock(): Promise<number> {
    for (;;) {
      const number = this.#free.pop()
      if (number !== undefined) return number
      await this.#answer()
    }
  }

  async #answer(): Promise<Answer> {
    if (this.#failure) throw this.#failure
    this.#worker.ref()
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting = { resolve, reject }
      })
    } finally {
      this.#waiting = null
      this.#worker.unref()
    }
  }
}
