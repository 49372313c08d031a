// Which parts of a LUN were written to: what a run reads back at its end. Chunks of 4 KiB, found again in ascending order.

const CHUNK_SECTORS = 8
/** Neighbouring chunks are read together, up to so many sectors. */
const READ_SECTORS_MAX = 128

export class WrittenChunks {
  #chunks = new Uint8Array(1024)
  /** Chunks from here on were never written to. */
  #end = 0

  note(lba: number, sectors: number): void {
    const last = Math.floor((lba + sectors - 1) / CHUNK_SECTORS)
    if (last >= this.#chunks.length) {
      const larger = new Uint8Array(2 * last + 2)
      larger.set(this.#chunks)
      this.#chunks = larger
    }
    for (let chunk = Math.floor(lba / CHUNK_SECTORS); chunk <= last; chunk++) this.#chunks[chunk] = 1
    if (last >= this.#end) this.#end = last + 1
  }

  copyFrom(other: WrittenChunks): void {
    if (this.#chunks.length < other.#end) this.#chunks = new Uint8Array(other.#chunks.length)
    this.#chunks.fill(0, other.#end, this.#end)
    this.#chunks.set(other.#chunks.subarray(0, other.#end))
    this.#end = other.#end
  }

  *ranges(lunSectors: number): Generator<readonly [lba: number, sectors: number]> {
    for (let chunk = 0; chunk < this.#end; chunk++) {
      if (this.#chunks[chunk] === 0) continue
      const first = chunk
      while (this.#chunks[chunk + 1] === 1 && (chunk + 2 - first) * CHUNK_SECTORS <= READ_SECTORS_MAX) chunk++
      const lba = first * CHUNK_SECTORS
      const sectors = Math.min((chunk + 1) * CHUNK_SECTORS, lunSectors) - lba
      if (sectors > 0) yield [lba, sectors]
    }
  }
}
