// Digests of a long row of bytes, several kinds at once. Of large rows they have threads beside this one, since hashing takes as long as the
// rest of the work: one for each kind, but no more than there are processors for them.

import { createHash, type Hash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** Below this a thread takes longer to start than it saves. */
const THREAD_BYTES_MIN = 32 << 20
const BLOCK_BYTES = 1 << 20
const BLOCKS_MAX = 8

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

/** Some kinds of digests. Says of each block when it is done with it: blocks are shared, since to send one takes longer than to fill it. */
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

type Answer = { readonly number: number } | { readonly digests: readonly Uint8Array[] }

class ThreadDigester implements Digester {
  readonly #blocks = Array.from({ length: BLOCKS_MAX }, () => new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES)))
  /** Of each block: how many threads are not done with it. */
  readonly #users = this.#blocks.map(() => 0)
  readonly #workers: readonly Worker[]
  readonly #names: readonly string[]
  readonly #digests = new Map<string, Uint8Array>()
  /** The number of the block that is being filled. */
  #block: number | null = null
  #filled = 0
  #wake: (() => void) | null = null
  #failure: unknown = null

  constructor(names: readonly string[]) {
    this.#names = names
    const threads = Math.max(1, Math.min(names.length, availableParallelism() - 1))
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const namesOfThread = names.filter((_, index) => index % threads === thread)
      const workerData = { names: namesOfThread, blocks: this.#blocks }
      const worker = new Worker(PROGRAM, { eval: true, workerData })
      // Whoever forgets to close it does not keep the process alive.
      worker.unref()
      worker.on('message', (answer: Answer) => this.#take(answer, namesOfThread))
      worker.on('error', (error) => {
        this.#failure = error
        this.#wake?.()
      })
      return worker
    })
  }

  update(bytes: Uint8Array): void | Promise<void> {
    // The usual case waits for nothing.
    if (this.#block !== null && this.#filled + bytes.length < BLOCK_BYTES) this.#fill(this.#block, bytes)
    else return this.#updateLong(bytes)
  }

  async digest(): Promise<Uint8Array[]> {
    this.#send()
    for (const worker of this.#workers) worker.postMessage({ number: null, length: 0 })
    while (this.#digests.size < this.#names.length) await this.#change()
    return this.#names.map((name) => this.#digests.get(name)!)
  }

  close(): void {
    for (const worker of this.#workers) void worker.terminate()
  }

  async #updateLong(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      this.#block ??= await this.#freeBlock()
      const length = Math.min(bytes.length - done, BLOCK_BYTES - this.#filled)
      this.#fill(this.#block, bytes.subarray(done, done + length))
      done += length
      if (this.#filled === BLOCK_BYTES) this.#send()
    }
  }

  #fill(block: number, bytes: Uint8Array): void {
    this.#blocks[block]!.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  #send(): void {
    if (this.#block === null) return
    this.#users[this.#block] = this.#workers.length
    for (const worker of this.#workers) worker.postMessage({ number: this.#block, length: this.#filled })
    this.#block = null
    this.#filled = 0
  }

  #take(answer: Answer, names: readonly string[]): void {
    if ('number' in answer) {
      this.#users[answer.number]!--
    } else {
      for (const [index, name] of names.entries()) this.#digests.set(name, answer.digests[index]!)
    }
    this.#wake?.()
  }

  async #freeBlock(): Promise<number> {
    for (;;) {
      const number = this.#users.indexOf(0)
      if (number !== -1) return number
      await this.#change()
    }
  }

  /** Until one of the threads has said something. */
  async #change(): Promise<void> {
    if (this.#failure) throw this.#failure
    for (const worker of this.#workers) worker.ref()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
    for (const worker of this.#workers) worker.unref()
    if (this.#failure) throw this.#failure
  }
}
