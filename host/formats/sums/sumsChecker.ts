// Holds the bytes of a disk, in order, against sums that were made before.

import { createHash, type Hash } from 'node:crypto'
import type { Finding } from '../format'
import { SHA256_BYTES, type Sums } from './sums'

export class SumsChecker {
  #chunk: Hash = createHash('sha256')
  #atBytes = 0
  #isRight = true
  /** Of the chunk; it could not be read, and was told. */
  #isLost = false

  constructor(
    private readonly sums: Sums,
    private readonly file: string,
    private readonly report: (finding: Finding) => void,
  ) {}

  /** Bytes behind the disk of the sums are no matter of theirs. */
  update(bytes: Uint8Array): void {
    const { diskBytes, chunkBytes } = this.sums
    const end = Math.min(bytes.length, diskBytes - this.#atBytes)
    for (let done = 0; done < end; ) {
      const length = Math.min(end - done, chunkBytes - (this.#atBytes % chunkBytes))
      this.#chunk.update(bytes.subarray(done, done + length))
      done += length
      this.#passed(length)
    }
  }

  /** The next bytes cannot be read; why was reported. */
  lost(length: number): void {
    const { diskBytes, chunkBytes } = this.sums
    for (let left = Math.min(length, diskBytes - this.#atBytes); left > 0; ) {
      const part = Math.min(left, chunkBytes - (this.#atBytes % chunkBytes))
      this.#isLost = true
      left -= part
      this.#passed(part)
    }
  }

  /** Whether each chunk is what it was. */
  get isRight(): boolean {
    return this.#isRight && this.#atBytes === this.sums.diskBytes
  }

  #passed(length: number): void {
    this.#atBytes += length
    if (this.#atBytes % this.sums.chunkBytes === 0 || this.#atBytes === this.sums.diskBytes) this.#endChunk()
  }

  #endChunk(): void {
    const { chunks, chunkBytes } = this.sums
    const number = Math.ceil(this.#atBytes / chunkBytes) - 1
    const digest = this.#chunk.digest()
    const isSame = digest.equals(chunks.subarray(number * SHA256_BYTES, (number + 1) * SHA256_BYTES))
    if (!isSame && !this.#isLost) {
      const disk = { startBytes: number * chunkBytes, endBytes: this.#atBytes }
      this.report({
        kind: 'damage',
        file: this.file,
        fileOffsetBytes: 0,
        disk,
        text: 'not what its SHA-256 was made from',
      })
    }
    if (!isSame) this.#isRight = false
    this.#chunk = createHash('sha256')
    this.#isLost = false
  }
}
