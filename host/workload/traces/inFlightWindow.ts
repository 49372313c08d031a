// Which extents may be in flight, for one who knows only how many are: everything issued since none was.
//
// `conflicts` is exact within the window. A filter of bits, one per hashed piece of 8 sectors, answers most questions without looking
// at every extent; reads are in it, too, because a write must not overtake them.

/** Extents that are remembered; then the window is full, and somebody must wait until nothing is in flight. */
const EXTENTS = 256
const PIECE_SECTORS = 8
const FILTER_BITS = 4096
/** Longer extents are looked up one by one. */
const PIECES_MAX = 64

export class InFlightWindow {
  readonly #starts = new Float64Array(EXTENTS)
  readonly #ends = new Float64Array(EXTENTS)
  readonly #changes = new Uint8Array(EXTENTS)
  readonly #filter = new Uint32Array(FILTER_BITS / 32)
  #count = 0
  /** An extent too long for the filter is in the window. */
  #hasLong = false

  get isFull(): boolean {
    return this.#count === EXTENTS
  }

  clear(): void {
    if (this.#count === 0) return
    this.#count = 0
    this.#hasLong = false
    this.#filter.fill(0)
  }

  /** It overlaps one of the window, and one of the two changes data. */
  conflicts(lba: number, sectors: number, changesData: boolean): boolean {
    if (!this.#hasLong && !this.#maybe(lba, sectors)) return false
    const end = lba + sectors
    for (let i = 0; i < this.#count; i++) {
      if (lba < this.#ends[i]! && end > this.#starts[i]! && (changesData || this.#changes[i] === 1)) return true
    }
    return false
  }

  /** Requires: not isFull. */
  add(lba: number, sectors: number, changesData: boolean): void {
    this.#starts[this.#count] = lba
    this.#ends[this.#count] = lba + sectors
    this.#changes[this.#count] = changesData ? 1 : 0
    this.#count++
    if (sectors === 0) return
    const first = Math.floor(lba / PIECE_SECTORS)
    const last = Math.floor((lba + sectors - 1) / PIECE_SECTORS)
    if (last - first >= PIECES_MAX) {
      this.#hasLong = true
      return
    }
    for (let piece = first; piece <= last; piece++) {
      const bit = hash(piece)
      this.#filter[bit >>> 5]! |= 1 << (bit & 31)
    }
  }

  #maybe(lba: number, sectors: number): boolean {
    if (sectors === 0) return false
    const first = Math.floor(lba / PIECE_SECTORS)
    const last = Math.floor((lba + sectors - 1) / PIECE_SECTORS)
    if (last - first >= PIECES_MAX) return true
    for (let piece = first; piece <= last; piece++) {
      const bit = hash(piece)
      if (((this.#filter[bit >>> 5]! >>> (bit & 31)) & 1) !== 0) return true
    }
    return false
  }
}

/** 12 bits. */
function hash(piece: number): number {
  return Math.imul(piece, 0x9e3779b1) >>> 20
}
