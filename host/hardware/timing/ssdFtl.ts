// The flash translation layer: which flash page holds which logical page, and how room is made.
//
// Page-mapped. Logical page n lives on die n mod dies (static striping: a die never holds more than its share), on whatever page of
// it was next when it was written: pages are programmed in order within a block, and blocks are erased whole. When a die runs out of
// free blocks, the block with the fewest valid pages (greedy; the lowest number among equals) is copied away and erased. So write
// amplification is a result, not a parameter. Deterministic; allocates nothing per write, but for chunks touched for the first time.
// Not modelled: wear levelling, bad blocks, retention, separate streams for hot and cold data.
//
// Pages and blocks are numbered within their die here; tables hold number + 1, and 0 for none.

import { CowInts } from './cowInts'
import type { SsdShape } from './ssdParameters'

/** A die starts to collect when it has fewer free blocks than this beside the one being filled. */
const FREE_BLOCKS_MIN = 1

export class SsdFtl {
  readonly shape: SsdShape
  readonly #pagesPerDie: number
  /** By logical page: its flash page + 1. */
  #flashOf: CowInts
  /** By die and flash page: the logical page + 1 that was last programmed there, valid or not. */
  #logicalOf: CowInts
  /** By die and block. */
  readonly #validPages: Uint32Array
  readonly #isFull: Uint8Array
  /** By die: the free blocks, as a ring: first in, first out. */
  readonly #freeBlocks: Int32Array
  readonly #freeHead: Int32Array
  readonly #freeCount: Int32Array
  /** By die: the block being filled, and its next page. */
  readonly #openBlock: Int32Array
  readonly #openPage: Int32Array

  /** Results of `write`: pages copied and blocks erased to make room after it. */
  copiedPages = 0
  erasedBlocks = 0
  /** Totals. */
  hostPages = 0
  programmedPages = 0
  totalErasedBlocks = 0

  constructor(shape: SsdShape) {
    const { dies, blocksPerDie, pagesPerBlock, logicalPages } = shape
    this.shape = shape
    this.#pagesPerDie = blocksPerDie * pagesPerBlock
    this.#flashOf = CowInts.create(logicalPages)
    this.#logicalOf = CowInts.create(dies * this.#pagesPerDie)
    this.#validPages = new Uint32Array(dies * blocksPerDie)
    this.#isFull = new Uint8Array(dies * blocksPerDie)
    this.#freeBlocks = new Int32Array(dies * blocksPerDie)
    this.#freeHead = new Int32Array(dies)
    this.#freeCount = new Int32Array(dies)
    this.#openBlock = new Int32Array(dies)
    this.#openPage = new Int32Array(dies)
    for (let die = 0; die < dies; die++) {
      // Block 0 is open; the others are free.
      for (let block = 1; block < blocksPerDie; block++) this.#freeBlocks[die * blocksPerDie + block - 1] = block
      this.#freeCount[die] = blocksPerDie - 1
    }
  }

  clone(): SsdFtl {
    const copy = new SsdFtl(this.shape)
    copy.#flashOf = this.#flashOf.clone()
    copy.#logicalOf = this.#logicalOf.clone()
    copy.#validPages.set(this.#validPages)
    copy.#isFull.set(this.#isFull)
    copy.#freeBlocks.set(this.#freeBlocks)
    copy.#freeHead.set(this.#freeHead)
    copy.#freeCount.set(this.#freeCount)
    copy.#openBlock.set(this.#openBlock)
    copy.#openPage.set(this.#openPage)
    copy.hostPages = this.hostPages
    copy.programmedPages = this.programmedPages
    copy.totalErasedBlocks = this.totalErasedBlocks
    return copy
  }

  dieOf(logicalPage: number): number {
    return logicalPage % this.shape.dies
  }

  isMapped(logicalPage: number): boolean {
    return this.#flashOf.get(logicalPage) !== 0
  }

  /** Flash pages programmed per page that the host wrote. */
  get writeAmplification(): number {
    return this.hostPages === 0 ? 1 : this.programmedPages / this.hostPages
  }

  /** Puts a logical page on a new flash page; makes room for the next one. */
  write(logicalPage: number): void {
    const die = this.dieOf(logicalPage)
    this.copiedPages = 0
    this.erasedBlocks = 0
    this.hostPages++
    this.#invalidate(die, logicalPage)
    this.#program(die, logicalPage)
    while (this.#freeCount[die]! < FREE_BLOCKS_MIN) this.#collect(die)
  }

  /** The host no longer needs the page. */
  trim(logicalPage: number): void {
    this.#invalidate(this.dieOf(logicalPage), logicalPage)
    this.#flashOf.set(logicalPage, 0)
  }

  #invalidate(die: number, logicalPage: number): void {
    const flash = this.#flashOf.get(logicalPage) - 1
    if (flash < 0) return
    const block = Math.floor(flash / this.shape.pagesPerBlock)
    this.#validPages[die * this.shape.blocksPerDie + block]!--
  }

  #program(die: number, logicalPage: number): void {
    const { blocksPerDie, pagesPerBlock } = this.shape
    const block = this.#openBlock[die]!
    const flash = block * pagesPerBlock + this.#openPage[die]!
    this.#flashOf.set(logicalPage, flash + 1)
    this.#logicalOf.set(die * this.#pagesPerDie + flash, logicalPage + 1)
    this.#validPages[die * blocksPerDie + block]!++
    this.programmedPages++
    this.#openPage[die]!++
    if (this.#openPage[die]! < pagesPerBlock) return
    this.#isFull[die * blocksPerDie + block] = 1
    this.#openPage[die] = 0
    this.#openBlock[die] = this.#takeFree(die)
  }

  #takeFree(die: number): number {
    const { blocksPerDie } = this.shape
    if (this.#freeCount[die]! <= 0) throw new Error('ssd: a die without a free block was written to')
    const head = this.#freeHead[die]!
    this.#freeHead[die] = (head + 1) % blocksPerDie
    this.#freeCount[die]!--
    return this.#freeBlocks[die * blocksPerDie + head]!
  }

  /** Copies the valid pages of the emptiest full block away, and erases it. */
  #collect(die: number): void {
    const { blocksPerDie, pagesPerBlock } = this.shape
    const victim = this.#pickVictim(die)
    const firstFlash = victim * pagesPerBlock
    const base = die * this.#pagesPerDie
    this.#isFull[die * blocksPerDie + victim] = 0
    for (let page = 0; page < pagesPerBlock && this.#validPages[die * blocksPerDie + victim]! > 0; page++) {
      const logicalPage = this.#logicalOf.get(base + firstFlash + page) - 1
      if (this.#flashOf.get(logicalPage) !== firstFlash + page + 1) continue
      this.#validPages[die * blocksPerDie + victim]!--
      this.#program(die, logicalPage)
      this.copiedPages++
    }
    const tail = (this.#freeHead[die]! + this.#freeCount[die]!) % blocksPerDie
    this.#freeBlocks[die * blocksPerDie + tail] = victim
    this.#freeCount[die]!++
    this.erasedBlocks++
    this.totalErasedBlocks++
  }

  #pickVictim(die: number): number {
    const { blocksPerDie, pagesPerBlock } = this.shape
    const base = die * blocksPerDie
    let best = -1
    let bestValid = pagesPerBlock
    for (let block = 0; block < blocksPerDie; block++) {
      const valid = this.#validPages[base + block]!
      if (valid >= bestValid || this.#isFull[base + block] === 0) continue
      best = block
      bestValid = valid
      if (valid === 0) break
    }
    if (best < 0) throw new Error('ssd: no block of a full die has an invalid page')
    return best
  }

  /** Throws unless the tables agree with each other: every rule of this file, checked the slow way. For tests. */
  checkInvariants(): void {
    const { dies, blocksPerDie, pagesPerBlock, logicalPages } = this.shape
    const valid = new Uint32Array(dies * blocksPerDie)
    for (let logicalPage = 0; logicalPage < logicalPages; logicalPage++) {
      const flash = this.#flashOf.get(logicalPage) - 1
      if (flash < 0) continue
      const die = this.dieOf(logicalPage)
      if (this.#logicalOf.get(die * this.#pagesPerDie + flash) !== logicalPage + 1) {
        throw new Error(`ssd: logical page ${logicalPage} lies on a flash page that holds another`)
      }
      valid[die * blocksPerDie + Math.floor(flash / pagesPerBlock)]!++
    }
    for (let die = 0; die < dies; die++) this.#checkDie(die, valid)
  }

  #checkDie(die: number, valid: Uint32Array): void {
    const { blocksPerDie } = this.shape
    const base = die * blocksPerDie
    const seen = new Uint8Array(blocksPerDie)
    seen[this.#openBlock[die]!] = 1
    for (let i = 0; i < this.#freeCount[die]!; i++) {
      const block = this.#freeBlocks[base + ((this.#freeHead[die]! + i) % blocksPerDie)]!
      if (seen[block] === 1) throw new Error(`ssd: block ${block} of die ${die} is free twice, or free and open`)
      if (valid[base + block] !== 0) throw new Error(`ssd: free block ${block} of die ${die} holds valid pages`)
      seen[block] = 1
    }
    for (let block = 0; block < blocksPerDie; block++) {
      if (this.#validPages[base + block] !== valid[base + block]) throw new Error(`ssd: block ${block} miscounts`)
      if ((seen[block] === 1) === (this.#isFull[base + block] === 1)) {
        throw new Error(`ssd: block ${block} of die ${die} is neither free, open nor full, or two of them`)
      }
    }
  }
}
