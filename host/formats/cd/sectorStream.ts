// Makes whole sectors out of the pieces in which a new image gets its bytes: ascending, of any length, with gaps, which are zeros, and with
// stretches that could not be read.

/** How much of a sector could be read. Nothing was said of an empty one: it is zeros. */
export type Wholeness = 'whole' | 'empty' | 'in part' | 'unread'

export type TakeSector = (sector: number, bytes: Uint8Array, wholeness: Wholeness) => void

export class SectorStream {
  readonly #sector: Uint8Array
  #index = 0
  #unreadBytes = 0
  #isWritten = false

  constructor(
    private readonly diskBytes: number,
    private readonly sectorBytes: number,
    private readonly take: TakeSector,
  ) {
    this.#sector = new Uint8Array(sectorBytes)
  }

  write(offsetBytes: number, bytes: Uint8Array): void {
    this.#through(offsetBytes)
    for (let done = 0; done < bytes.length; ) {
      const at = offsetBytes + done
      this.#through(at)
      const inSector = at - this.#index * this.sectorBytes
      const part = bytes.subarray(done, done + this.sectorBytes - inSector)
      this.#sector.set(part, inSector)
      this.#isWritten = true
      done += part.length
    }
  }

  unread(offsetBytes: number, lengthBytes: number): void {
    const end = offsetBytes + lengthBytes
    for (let at = offsetBytes; at < end; ) {
      this.#through(at)
      const next = Math.min(end, (this.#index + 1) * this.sectorBytes)
      this.#unreadBytes += next - at
      at = next
    }
  }

  /** Gives all sectors that are not given yet. */
  finish(): void {
    this.#through(this.diskBytes)
  }

  /** Gives the sectors before the one with this byte. */
  #through(offsetBytes: number): void {
    const sector = Math.floor(offsetBytes / this.sectorBytes)
    while (this.#index < sector) {
      this.take(this.#index, this.#sector, this.#wholeness())
      if (this.#isWritten) this.#sector.fill(0)
      this.#isWritten = false
      this.#unreadBytes = 0
      this.#index++
    }
  }

  #wholeness(): Wholeness {
    if (this.#unreadBytes > 0) return this.#unreadBytes < this.sectorBytes ? 'in part' : 'unread'
    return this.#isWritten ? 'whole' : 'empty'
  }
}
