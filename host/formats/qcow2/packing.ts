// Clusters on their way into a compressed image: several are packed at the same time, by the threads of Node.js, and come out in the order in
// which they went in.

import type { Codec } from './codec'

export interface Packed {
  readonly cluster: number
  /** As it was, for when packing does not pay. */
  readonly plain: Buffer
  readonly packed: Uint8Array
}

interface InFlight {
  readonly cluster: number
  readonly plain: Buffer
  readonly packed: Promise<Uint8Array>
}

/** Twice the threads that Node.js has (libuv's default is 4), so that none waits for the one that writes. */
const IN_FLIGHT_MAX = 8

export class Packing {
  readonly #codec: Codec
  readonly #clusterBytes: number
  readonly #take: (packed: Packed) => void
  readonly #inFlight: InFlight[] = []
  readonly #spare: Buffer[] = []

  constructor(codec: Codec, clusterBytes: number, take: (packed: Packed) => void) {
    this.#codec = codec
    this.#clusterBytes = clusterBytes
    this.#take = take
  }

  /** `bytes` is copied. Waits while too many are in flight. */
  async add(cluster: number, bytes: Uint8Array): Promise<void> {
    while (this.#inFlight.length >= IN_FLIGHT_MAX) await this.#takeOldest()
    const plain = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#clusterBytes)
    plain.set(bytes)
    const packed = this.#codec.pack(plain)
    // It is awaited later, or never, when the image is abandoned.
    packed.catch(() => {})
    this.#inFlight.push({ cluster, plain, packed })
  }

  async drain(): Promise<void> {
    while (this.#inFlight.length > 0) await this.#takeOldest()
  }

  async #takeOldest(): Promise<void> {
    const { cluster, plain, packed } = this.#inFlight[0]!
    const result = await packed
    this.#inFlight.shift()
    this.#take({ cluster, plain, packed: result })
    this.#spare.push(plain)
  }
}
