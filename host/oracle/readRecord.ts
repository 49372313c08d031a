// One read in flight: what it may return was settled in part when it was submitted.

export class ReadRecord {
  lba = 0
  sectors = 0
  submitNs = 0
  /** Sequence number of its submission. */
  sequence = 0
  /** Writes with this id or a higher one were submitted while it was in flight. */
  firstLaterWrite = 0
  /** The array did not serve when it was submitted. */
  notServed = false
  decided = new Uint32Array(16)
  pending = new Uint32Array(16)
  #open: Map<number, readonly number[]> | null = null

  reset(lba: number, sectors: number): void {
    this.lba = lba
    this.sectors = sectors
    this.#open = null
    if (sectors <= this.decided.length) return
    this.decided = new Uint32Array(sectors * 2)
    this.pending = new Uint32Array(sectors * 2)
  }

  keepOpen(lba: number, ids: readonly number[]): void {
    this.#open ??= new Map()
    this.#open.set(lba, ids)
  }

  /** The versions that were possible when the read was submitted. */
  atSubmit(lba: number): readonly number[] {
    const open = this.#open?.get(lba)
    if (open) return open
    const i = lba - this.lba
    const decided = this.decided[i]!
    const pending = this.pending[i]!
    return pending === 0 ? [decided] : [decided, pending]
  }
}
