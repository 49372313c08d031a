// Cuts what is written to a disk into whole blocks, and finds those that are all zeros. The last block of a disk is filled up with zeros.

import { isZero } from './zeros'

export interface BlockStore {
  /** A block with something in it. `block` is the caller's again when the call is over, or its promise. In ascending order. */
  store(index: number, block: Uint8Array): void | Promise<void>
  /** Blocks from `start` to before `end` are zeros. Where it is left out nobody wants to know. */
  zeros?(start: number, end: number): void | Promise<void>
}

export class BlockSplitter {
  readonly #block: Uint8Array
  /** The block that is being filled; those before it are done. */
  #index = 0
  #hasData = false

  constructor(
    private readonly diskBytes: number,
    private readonly blockBytes: number,
    private readonly target: BlockStore,
  ) {
    // Of a disk smaller than a block, too: blocks are whole.
    this.#block = new Uint8Array(blockBytes)
  }

  async write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    const { blockBytes } = this
    for (let done = 0; done < bytes.length; ) {
      const at = offsetBytes + done
      const index = Math.floor(at / blockBytes)
      if (index !== this.#index) await this.#advance(index)
      const start = at - index * blockBytes
      const part = bytes.subarray(done, done + blockBytes - start)
      if (part.length === blockBytes) {
        // Whole: it need not be copied.
        await this.#put(part)
      } else {
        this.#block.set(part, start)
        this.#hasData = true
        if (start + part.length === blockBytes) await this.#advance(index + 1)
      }
      done += part.length
    }
  }

  /** Everything is written. */
  async end(): Promise<void> {
    await this.#advance(Math.ceil(this.diskBytes / this.blockBytes))
  }

  async #advance(index: number): Promise<void> {
    if (this.#hasData) {
      this.#hasData = false
      await this.#put(this.#block)
      this.#block.fill(0)
    }
    if (index > this.#index) await this.target.zeros?.(this.#index, index)
    this.#index = Math.max(index, this.#index)
  }

  async #put(block: Uint8Array): Promise<void> {
    const index = this.#index++
    if (isZero(block)) await this.target.zeros?.(index, index + 1)
    else await this.target.store(index, block)
  }
}
