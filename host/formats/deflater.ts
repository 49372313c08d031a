// zlib's deflate over the chunks of an image, several at once.
//
// Of large images the chunks go to threads of ours, several with one message: to hand each of them to the engine's threads, and to make a
// stream object for it, takes a third of what it takes to compress it.

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { deflate } from 'node:zlib'

/** Below this a thread takes longer to start than it saves. */
const THREAD_BYTES_MIN = 32 << 20
/** Each takes some 25 MiB of memory. */
const THREADS_MAX = 2
/** While a thread works on one batch, another one is filled for it. */
const BATCHES_PER_THREAD = 2
const BATCH_BYTES = 256 << 10

export interface Deflater {
  /** Until there is room for a chunk. */
  room(): void | Promise<void>
  /** null: it does not become shorter. `chunk` has to stay as it is until then. */
  deflate(chunk: Uint8Array): Promise<Uint8Array | null>
  /** No chunk follows for now: those that wait for others are not to wait. */
  flush(): void
  close(): void
}

export interface DeflaterOptions {
  readonly level: number
  readonly chunkBytes: number
  /** About how many there will be. */
  readonly totalBytes: number
}

export function deflaterFor(options: DeflaterOptions): Deflater {
  return options.totalBytes < THREAD_BYTES_MIN ? new PoolDeflater(options) : new ThreadDeflater(options)
}

/** What zlib may add to a chunk that does not become shorter has room. */
const roomFor = (chunkBytes: number): number => chunkBytes + 1024

class PoolDeflater implements Deflater {
  constructor(private readonly options: DeflaterOptions) {}

  room(): void {}

  deflate(chunk: Uint8Array): Promise<Uint8Array | null> {
    const { level, chunkBytes } = this.options
    return new Promise((resolve, reject) => {
      deflate(chunk, { level, chunkSize: roomFor(chunkBytes) }, (error, bytes) => {
        if (error) reject(error)
        else resolve(bytes.length < chunk.length ? bytes : null)
      })
    })
  }

  flush(): void {}

  close(): void {}
}

/** Memory of both sides: chunks lie `chunkBytes` apart, before and after. */
interface Batch {
  readonly chunks: Uint8Array
  readonly packed: Uint8Array
}

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const { deflateSync } = require('node:zlib')
const { batches, chunkBytes, level, chunkSize } = workerData
parentPort.on('message', ({ number, lengths }) => {
  const { chunks, packed } = batches[number]
  const packedLengths = lengths.map((length, index) => {
    const at = index * chunkBytes
    const bytes = deflateSync(chunks.subarray(at, at + length), { level, chunkSize })
    if (bytes.length >= length) return 0
    packed.set(bytes, at)
    return bytes.length
  })
  parentPort.postMessage({ number, packedLengths })
})
`

interface Answer {
  readonly number: number
  /** 0: the chunk does not become shorter. */
  readonly packedLengths: readonly number[]
}

type Settle = { readonly resolve: (packed: Uint8Array | null) => void; readonly reject: (error: unknown) => void }

class ThreadDeflater implements Deflater {
  readonly #chunkBytes: number
  readonly #chunksPerBatch: number
  readonly #workers: readonly Worker[]
  /** Number i is of worker i % workers. */
  readonly #batches: readonly Batch[]
  readonly #free: number[]
  /** Who waits for the chunks of each batch. */
  readonly #waiting: Settle[][]
  /** Of the batch that is being filled. */
  #number: number | null = null
  #lengths: number[] = []
  #wake: (() => void) | null = null
  #failure: unknown = null

  constructor({ level, chunkBytes }: DeflaterOptions) {
    this.#chunkBytes = chunkBytes
    this.#chunksPerBatch = Math.max(1, Math.floor(BATCH_BYTES / chunkBytes))
    const threads = Math.min(THREADS_MAX, availableParallelism())
    const shared = (): Uint8Array => new Uint8Array(new SharedArrayBuffer(this.#chunksPerBatch * chunkBytes))
    this.#batches = Array.from({ length: threads * BATCHES_PER_THREAD }, () => ({ chunks: shared(), packed: shared() }))
    this.#free = this.#batches.map((_, number) => number)
    this.#waiting = this.#batches.map(() => [])
    const workerData = { batches: this.#batches, chunkBytes, level, chunkSize: roomFor(chunkBytes) }
    this.#workers = Array.from({ length: threads }, () => {
      // Each chunk leaves a little behind: a small nursery keeps the memory small.
      const worker = new Worker(PROGRAM, { eval: true, workerData, resourceLimits: { maxYoungGenerationSizeMb: 2 } })
      // Whoever forgets to close it does not keep the process alive.
      worker.unref()
      worker.on('message', (answer: Answer) => this.#take(answer))
      worker.on('error', (error) => this.#fail(error))
      return worker
    })
  }

  room(): void | Promise<void> {
    if (this.#number === null && this.#free.length === 0 && !this.#failure) {
      return new Promise((resolve) => {
        this.#wake = resolve
      })
    }
  }

  deflate(chunk: Uint8Array): Promise<Uint8Array | null> {
    if (this.#failure) return Promise.reject(this.#failure)
    this.#number ??= this.#free.shift()!
    const number = this.#number
    this.#batches[number]!.chunks.set(chunk, this.#lengths.length * this.#chunkBytes)
    this.#lengths.push(chunk.length)
    const packed = new Promise<Uint8Array | null>((resolve, reject) => {
      this.#waiting[number]!.push({ resolve, reject })
    })
    if (this.#lengths.length === this.#chunksPerBatch) this.flush()
    return packed
  }

  flush(): void {
    if (this.#number === null) return
    const worker = this.#workers[this.#number % this.#workers.length]!
    worker.ref()
    worker.postMessage({ number: this.#number, lengths: this.#lengths })
    this.#number = null
    this.#lengths = []
  }

  close(): void {
    for (const worker of this.#workers) void worker.terminate()
  }

  #take({ number, packedLengths }: Answer): void {
    const { packed } = this.#batches[number]!
    for (const [index, { resolve }] of this.#waiting[number]!.splice(0).entries()) {
      const at = index * this.#chunkBytes
      const length = packedLengths[index]!
      resolve(length === 0 ? null : packed.slice(at, at + length))
    }
    this.#free.push(number)
    if (this.#free.length === this.#batches.length) for (const worker of this.#workers) worker.unref()
    this.#wake?.()
  }

  #fail(error: unknown): void {
    this.#failure = error
    for (const waiting of this.#waiting) for (const { reject } of waiting.splice(0)) reject(error)
    this.#wake?.()
  }
}
