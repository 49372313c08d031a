// Which version a sector's bytes are: the only place that compares contents.
//
// Stamped writes are recognised by their header and checked word by word; writes with the initiator's own payload, trims and the content at
// the start are recognised by comparison, so two of those with equal bytes are both "it".

import {
  checkStamp,
  fillStamp,
  isFilledWith,
  readStamp,
  readStampLba,
  STAMP_HEADER_WORDS,
  stampPattern,
} from '../workload/stamp'
import { WRITE_PAYLOAD, WRITE_ZEROS, type WriteTable } from './writeTable'

/** Fills `target` with the content that an LBA had at the start. */
export type StartImage = (lba: number, target: Uint8Array) => void

/** Bytes and words over the same memory. */
export interface SectorBytes {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
}

export class Contents {
  readonly sectorBytes: number
  readonly #sectorWords: number
  readonly #writes: WriteTable
  readonly #startImages: readonly StartImage[]
  readonly #start: Uint8Array

  /** `startImages`: what the LUN may hold at the start, each sector on its own; none: zeros. */
  constructor(writes: WriteTable, sectorBytes: number, startImages: readonly StartImage[]) {
    if (sectorBytes % 4 !== 0 || sectorBytes < 32) throw new Error(`sectors must be words, at least 8: ${sectorBytes}`)
    this.sectorBytes = sectorBytes
    this.#sectorWords = sectorBytes >>> 2
    this.#writes = writes
    this.#startImages = startImages
    this.#start = new Uint8Array(sectorBytes)
  }

  /** The LUN was empty. */
  get startsAsZeros(): boolean {
    return this.#startImages.length === 0
  }

  /** The members came with different contents. */
  get hasSeveralStarts(): boolean {
    return this.#startImages.length > 1
  }

  /** Whether the sector at `offsetBytes` is version `id` of an LBA. */
  matches(id: number, lba: number, sector: SectorBytes, offsetBytes: number): boolean {
    const word = offsetBytes >>> 2
    if (id === 0) return this.#isStart(lba, sector, offsetBytes)
    const flags = this.#writes.flags[id]!
    if (flags & WRITE_PAYLOAD) {
      const payload = this.#writes.payloads.get(id)!
      const from = (lba - this.#writes.lba[id]!) * this.sectorBytes
      return equalBytes(payload, from, sector.bytes, offsetBytes, this.sectorBytes)
    }
    if (flags & WRITE_ZEROS) return isFilledWith(sector.words, word, word + this.#sectorWords, 0)
    return checkStamp(sector.words, word, this.#sectorWords, lba, id)
  }

  /** Whether bytes [from, end) of the sector are those of version `id`. Not for the hot path. */
  matchesPart(id: number, lba: number, sector: SectorBytes, offsetBytes: number, from: number, end: number): boolean {
    const same = (whole: Uint8Array): boolean => equalBytes(whole, from, sector.bytes, offsetBytes + from, end - from)
    if (id !== 0 || this.startsAsZeros) return same(this.#made(id, lba))
    return this.#startImages.some((image) => {
      image(lba, this.#start)
      return same(this.#start)
    })
  }

  /** The newest version of this LBA, still possible or not, that the sector is equal to; or -1. */
  versionOf(lba: number, sector: SectorBytes, offsetBytes: number): number {
    const stamped = readStamp(sector.words, offsetBytes >>> 2)
    if (stamped > 0 && this.#isStampOf(stamped, lba) && this.matches(stamped, lba, sector, offsetBytes)) return stamped
    const { next, flags } = this.#writes
    for (let id = next - 1; id > 0; id--) {
      if (!(flags[id]! & (WRITE_PAYLOAD | WRITE_ZEROS)) || !this.#writes.covers(id, lba)) continue
      if (this.matches(id, lba, sector, offsetBytes)) return id
    }
    return this.matches(0, lba, sector, offsetBytes) ? 0 : -1
  }

  /** What the sector holds, in words, whatever it is. */
  describe(lba: number, sector: SectorBytes, offsetBytes: number): string {
    const id = this.versionOf(lba, sector, offsetBytes)
    if (id >= 0) return versionName(id)
    const word = offsetBytes >>> 2
    const header = readStamp(sector.words, word)
    if (header === 0) return this.#describeForeign(lba, sector, word)
    const stampLba = readStampLba(sector.words, word)
    const whole = checkStamp(sector.words, word, this.#sectorWords, stampLba, header)
    if (whole) return `the content that write ${header} gave to LBA ${stampLba}`
    const changed = this.#firstChange(sector.words, word, stampPattern(header))
    const tail = this.#tailOwner(lba, sector.words[word + this.#sectorWords - 1]!)
    const rest = tail > 0 && tail !== header ? ` and then bytes of ${versionName(tail)}` : ' and then other bytes'
    const place = stampLba === lba ? '' : ` (which gave it to LBA ${stampLba})`
    return `${changed * 4} bytes of ${versionName(header)}${place}${rest}`
  }

  /** The whole sector of a version. */
  #made(id: number, lba: number): Uint8Array {
    const words = new Uint32Array(this.#sectorWords)
    const bytes = new Uint8Array(words.buffer)
    const flags = this.#writes.flags[id]!
    if (id === 0) this.#startImages[0]?.(lba, bytes)
    else if (flags & WRITE_PAYLOAD) {
      const from = (lba - this.#writes.lba[id]!) * this.sectorBytes
      bytes.set(this.#writes.payloads.get(id)!.subarray(from, from + this.sectorBytes))
    } else if (!(flags & WRITE_ZEROS)) fillStamp(words, 0, lba, 1, this.sectorBytes, id)
    return bytes
  }

  #describeForeign(lba: number, { words }: SectorBytes, word: number): string {
    if (isFilledWith(words, word, word + this.#sectorWords, 0)) return 'zeros'
    const tail = this.#tailOwner(lba, words[word + this.#sectorWords - 1]!)
    const first = Array.from(words.subarray(word, word + 2), (value) => value.toString(16).padStart(8, '0')).join(' ')
    return tail > 0 ? `other bytes and then bytes of ${versionName(tail)}` : `unknown bytes (words ${first} …)`
  }

  /** The stamped write of this LBA whose pattern is `pattern`, or 0. */
  #tailOwner(lba: number, pattern: number): number {
    for (let id = this.#writes.next - 1; id > 0; id--) {
      if (this.#isStampOf(id, lba) && stampPattern(id) === pattern) return id
    }
    return 0
  }

  #firstChange(words: Uint32Array, word: number, pattern: number): number {
    let i = STAMP_HEADER_WORDS
    while (i < this.#sectorWords && words[word + i] === pattern) i++
    return i
  }

  #isStampOf(id: number, lba: number): boolean {
    const writes = this.#writes
    return id < writes.next && !(writes.flags[id]! & (WRITE_PAYLOAD | WRITE_ZEROS)) && writes.covers(id, lba)
  }

  #isStart(lba: number, sector: SectorBytes, offsetBytes: number): boolean {
    const word = offsetBytes >>> 2
    if (this.startsAsZeros) return isFilledWith(sector.words, word, word + this.#sectorWords, 0)
    return this.#startImages.some((image) => {
      image(lba, this.#start)
      return equalBytes(this.#start, 0, sector.bytes, offsetBytes, this.sectorBytes)
    })
  }
}

export function versionName(id: number): string {
  return id === 0 ? 'the content at the start' : `version ${id}`
}

function equalBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[aOffset + i] !== b[bOffset + i]) return false
  return true
}
