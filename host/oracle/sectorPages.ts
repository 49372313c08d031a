// A few words for every sector of a LUN, in leaves that exist only where something was written.

export const LEAF_SECTORS = 1024

export class SectorPages {
  readonly wordsPerSector: number
  readonly #leaves: (Uint32Array | null)[]
  /** Leaves that are not in use any more, to be used again. */
  readonly #spare: Uint32Array[] = []

  constructor(sectorCount: number, wordsPerSector: number) {
    this.wordsPerSector = wordsPerSector
    this.#leaves = new Array<Uint32Array | null>(Math.ceil(sectorCount / LEAF_SECTORS)).fill(null)
  }

  /** Becomes an independent copy of other pages of the same shape. */
  copyFrom(other: SectorPages): void {
    for (let i = 0; i < this.#leaves.length; i++) {
      const source = other.#leaves[i]
      if (!source) {
        const unused = this.#leaves[i]
        if (unused) this.#spare.push(unused)
        this.#leaves[i] = null
      } else this.own(i).set(source)
    }
  }

  /** The leaf with this number (LBA / LEAF_SECTORS), made if need be. */
  own(leafNumber: number): Uint32Array {
    return this.#leaves[leafNumber] ?? this.#make(leafNumber)
  }

  /** The same, or null where all words are 0. */
  look(leafNumber: number): Uint32Array | null {
    return this.#leaves[leafNumber] ?? null
  }

  /** Numbers of the leaves that exist, ascending. */
  *used(): Generator<number> {
    for (let i = 0; i < this.#leaves.length; i++) if (this.#leaves[i]) yield i
  }

  #make(leafNumber: number): Uint32Array {
    const spare = this.#spare.pop()
    spare?.fill(0)
    const leaf = spare ?? new Uint32Array(LEAF_SECTORS * this.wordsPerSector)
    this.#leaves[leafNumber] = leaf
    return leaf
  }
}
