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

/** Gives each block back when it is done with it. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const hashes = workerData.map((name) => createHash(name))
parentPort.on('message', ({ block, length }) => {
  if (block === null) return parentPort.postMessage({ digests: hashes.map((hash) => hash.digest()) })
  for (const hash of hashes) hash.update(block.subarray(0, length))
  parentPort.postMessage({ block }, [block.buffer])
})
`

interface Answer {
  readonly block?: Uint8Array
  readonly digests?: Uint8Array[]
}

class ThreadDigester implements Digester {
  readonly #worker: Worker
  readonly #free: Uint8Array[] = []
  #blockCount = 0
  #block: Uint8Array | null = null
  #filled = 0
  #waiting: { resolve(answer: Answer): void; reject(error: unknown): void } | null = null
  #failure: unknown = null

  constructor(names: readonly string[]) {
    this.#worker = new Worker(PROGRAM, { eval: true, workerData: names })
    // Whoever forgets to close it does not keep the process alive.
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => {
      if (answer.block) this.#free.push(answer.block)
      this.#waiting?.resolve(answer)
    })
    this.#worker.on('error', (error) => {
      this.#failure = error
      this.#waiting?.reject(error)
    })
  }

  update(bytes: Uint8Array): void | Promise<void> {
    // The usual case waits for nothing.
    if (this.#block && this.#filled + bytes.length < BLOCK_BYTES) this.#fill(bytes)
    else return this.#updateLong(bytes)
  }

  async digest(): Promise<Uint8Array[]> {
    this.#send()
    this.#worker.postMessage({ block: null, length: 0 })
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
    this.#block!.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  #send(): void {
    const block = this.#block
    if (!block) return
    this.#worker.postMessage({ block, length: this.#filled }, [block.buffer as ArrayBuffer])
    this.#block = null
    this.#filled = 0
  }

  async #freeBlock(): Promise<Uint8Array> {
    for (;;) {
      const block = this.#free.pop()
      if (block) return block
      if (this.#blockCount < BLOCKS_MAX) {
        this.#blockCount++
        return new Uint8Array(BLOCK_BYTES)
      }
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
