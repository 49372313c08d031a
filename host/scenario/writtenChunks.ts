// Which parts of a LUN were written to: what a run reads back at its end. Chunks of 64 KiB, found again in ascending order.

const CHUNK_SECTORS = 128

export class WrittenChunks {
  #chunks = new Uint8Array(1024)

  note(lba: number, sectors: number): void {
    const last = Math.floor((lba + sectors - 1) / CHUNK_SECTORS)
    if (last >= this.#chunks.length) {
      const larger = new Uint8Array(2 * last + 2)
      larger.set(this.#chunks)
      this.#chunks = larger
    }
    for (let chunk = Math.floor(lba / CHUNK_SECTORS); chunk <= last; chunk++) this.#chunks[chunk] = 1
  }

  *ranges(lunSectors: number): Generator<readonly [lba: number, sectors: number]> {
    for (let chunk = 0; chunk < this.#chunks.length; chunk++) {
      const lba = chunk * CHUNK_SECTORS
      if (this.#chunks[chunk] === 1 && lba < lunSectors) yield [lba, Math.min(CHUNK_SECTORS, lunSectors - lba)]
    }
  }
}
