// Sums in the making, of a disk whose bytes come by in order.

import { createHash, type Hash } from 'node:crypto'
import { type Digester, digesterFor } from '../digester'
import { UnreadRanges } from '../unreadRanges'
import { chunkCountOf, type FileSum, hexOf, SHA256_BYTES, type Sums } from './sums'

const CHUNK_BYTES_DEFAULT = 4 << 20
/** Larger disks have larger chunks, and the sums no more lines. */
const CHUNKS_MAX = 1 << 18
const ZEROS = new Uint8Array(1 << 20)

export function defaultChunkBytes(diskBytes: number): number {
  let chunkBytes = CHUNK_BYTES_DEFAULT
  while (diskBytes / chunkBytes > CHUNKS_MAX) chunkBytes *= 2
  return chunkBytes
}

export class SumsMaker {
  readonly #whole: Digester
  readonly #chunks: Uint8Array
  readonly #unread: number[] = []
  #chunk: Hash = createHash('sha256')
  #chunkNumber = 0
  /** Of the chunk: bytes that came by, and how many zeros at its beginning were not digested yet. */
  #filled = 0
  #zerosOwed = 0
  #zeroDigest: Uint8Array | null = null

  constructor(
    private readonly disk: { readonly diskBytes: number; readonly sectorBytes: number },
    private readonly chunkBytes = defaultChunkBytes(disk.diskBytes),
  ) {
    this.#whole = digesterFor(['sha256'], disk.diskBytes)
    this.#chunks = new Uint8Array(chunkCountOf({ diskBytes: disk.diskBytes, chunkBytes }) * SHA256_BYTES)
  }

  async update(bytes: Uint8Array): Promise<void> {
    await this.#whole.update(bytes)
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + this.chunkBytes - this.#filled)
      this.#payZeros()
      this.#chunk.update(part)
      this.#passed(part.length)
      done += part.length
    }
  }

  async zeros(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const part = ZEROS.subarray(0, Math.min(left, ZEROS.length, this.chunkBytes - this.#filled))
      await this.#whole.update(part)
      // A chunk of nothing but zeros is digested once, and not each time that there is one.
      if (this.#zerosOwed === this.#filled) this.#zerosOwed += part.length
      else this.#chunk.update(part)
      this.#passed(part.length)
      left -= part.length
    }
  }

  /** What was said of a stretch; its bytes come by as zeros. */
  unread(startBytes: number, lengthBytes: number): void {
    if (lengthBytes > 0) this.#unread.push(startBytes, startBytes + lengthBytes)
  }

  /** When all bytes of the disk have come by. */
  async finish(files: readonly FileSum[] = []): Promise<Sums> {
    if (this.#filled > 0) this.#endChunk()
    const [sha256] = await this.#whole.digest()
    this.close()
    const { disk, chunkBytes } = this
    const unread = new UnreadRanges(Float64Array.from(this.#unread))
    return { ...disk, sha256: hexOf(sha256!), unread, chunkBytes, chunks: this.#chunks, files }
  }

  close(): void {
    this.#whole.close()
  }

  #passed(length: number): void {
    this.#filled += length
    if (this.#filled === this.chunkBytes) this.#endChunk()
  }

  #endChunk(): void {
    const isZero = this.#zerosOwed === this.chunkBytes
    if (isZero) this.#zeroDigest ??= this.#digestChunk()
    const digest = isZero ? this.#zeroDigest! : this.#digestChunk()
    this.#chunks.set(digest, this.#chunkNumber++ * SHA256_BYTES)
    this.#filled = 0
    this.#zerosOwed = 0
  }

  #payZeros(): void {
    for (; this.#zerosOwed > 0; this.#zerosOwed -= Math.min(this.#zerosOwed, ZEROS.length)) {
      this.#chunk.update(ZEROS.subarray(0, Math.min(this.#zerosOwed, ZEROS.length)))
    }
  }

  #digestChunk(): Uint8Array {
    this.#payZeros()
    const digest = this.#chunk.digest()
    this.#chunk = createHash('sha256')
    return digest
  }
}
