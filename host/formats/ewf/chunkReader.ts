// The chunks of a disk: found by the tables, read, unpacked, and held against their checksums.
//
// [EWF] Data chunk: the bytes and their Adler-32, or zlib data, which end in the same checksum of what they were made from. The last chunk of a
// disk may be shorter; some writers fill it up.

import { inflateSync, type ZlibOptions } from 'node:zlib'
import { DamagedImage } from '../damagedImage'
import { RecentlyUsed } from '../recentlyUsed'
import { isSummed } from './adler32'
import type { ChunkPlace } from './chunkTables'
import type { ScannedSet } from './scan'

const SUM_BYTES = 4
/** What zlib may add to data that it cannot compress, with much room to spare. */
const STORED_EXTRA_BYTES = 1024
/** Zeros take less than this part of a chunk. */
const ZEROS_SHARE = 64
const PATTERNS_MAX = 64

interface StoredChunk {
  readonly place: ChunkPlace
  readonly bytes: Uint8Array
}

export class ChunkReader {
  readonly chunkBytes: number
  readonly chunkCount: number
  /** As long as any stored chunk has to be; of a longer one, the rest is none of it. */
  readonly #buffer: Uint8Array
  /** Stored bytes of small chunks, and whether they unpack to zeros. */
  readonly #patterns = new RecentlyUsed<string, boolean>(PATTERNS_MAX)

  constructor(private readonly set: ScannedSet) {
    this.chunkBytes = set.media.sectorsPerChunk * set.media.sectorBytes
    this.chunkCount = Math.ceil(set.diskBytes / this.chunkBytes)
    this.#buffer = new Uint8Array(this.chunkBytes + Math.ceil(this.chunkBytes / ZEROS_SHARE) + STORED_EXTRA_BYTES)
  }

  /** How many bytes of the disk a chunk has. */
  lengthOf(chunk: number): number {
    return Math.min(this.chunkBytes, this.set.diskBytes - chunk * this.chunkBytes)
  }

  /** Throws a DamagedImage. What it gives may be overwritten by the next call. */
  decode(chunk: number): Uint8Array {
    const stored = this.#stored(chunk)
    if (!stored.place.isCompressed) return this.#unpacked(chunk, stored)
    let bytes: Uint8Array
    try {
      // zlib's threads would take as long to be asked as it takes to unpack a chunk.
      bytes = inflateSync(stored.bytes, this.#options)
    } catch (error) {
      throw this.#damage(chunk, stored.place, `it cannot be unpacked: ${(error as Error).message}`)
    }
    return this.#whole(chunk, stored.place, bytes)
  }

  /** By its stored bytes, which are few and often the same; a chunk that is damaged is none. */
  isZero(chunk: number): boolean {
    try {
      const place = this.set.tables.locate(chunk)
      if (!place.isCompressed || place.storedBytes > Math.max(this.chunkBytes / ZEROS_SHARE, 128)) return false
      const { bytes } = this.#stored(chunk)
      const pattern = `${this.lengthOf(chunk)} ${Buffer.from(bytes).toString('latin1')}`
      let isZero = this.#patterns.get(pattern)
      if (isZero === undefined) {
        isZero = this.decode(chunk).every((byte) => byte === 0)
        this.#patterns.set(pattern, isZero)
      }
      return isZero
    } catch (error) {
      if (error instanceof DamagedImage) return false
      throw error
    }
  }

  get #options(): ZlibOptions {
    return { maxOutputLength: this.chunkBytes, chunkSize: Math.max(64, this.chunkBytes) }
  }

  #stored(chunk: number): StoredChunk {
    const { tables, files } = this.set
    if (chunk >= tables.chunkCount) {
      throw new DamagedImage(files.paths.at(-1)!, 0, `chunk ${chunk} of ${this.chunkCount} is in no table`)
    }
    const place = tables.locate(chunk)
    const bytes = this.#buffer.subarray(0, Math.min(place.storedBytes, this.#buffer.length))
    files.at(place.segment).readInto(place.fileOffsetBytes, bytes, `chunk ${chunk}`)
    return { place, bytes }
  }

  #unpacked(chunk: number, { place, bytes }: StoredChunk): Uint8Array {
    const length = Math.min(bytes.length - SUM_BYTES, this.chunkBytes)
    if (length < this.lengthOf(chunk)) throw this.#damage(chunk, place, `${bytes.length} bytes are too few`)
    if (!isSummed(bytes, length)) throw this.#damage(chunk, place, 'its checksum is wrong')
    return bytes.subarray(0, this.lengthOf(chunk))
  }

  #whole(chunk: number, place: ChunkPlace, bytes: Uint8Array): Uint8Array {
    const length = this.lengthOf(chunk)
    if (bytes.length < length)
      throw this.#damage(chunk, place, `it unpacks to ${bytes.length} bytes, expected ${length}`)
    return bytes.subarray(0, length)
  }

  #damage(chunk: number, place: ChunkPlace, text: string): DamagedImage {
    return this.set.files.at(place.segment).damage(place.fileOffsetBytes, `chunk ${chunk}: ${text}`)
  }
}
