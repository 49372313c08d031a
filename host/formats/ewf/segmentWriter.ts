// The segment files of a new image: sections in the order in which EnCase 6 has them.
//
//   first file:  header2 twice, header, volume, then chunks
//   others:      data, then chunks
//   chunks:      sectors, table, table2, and again when a table is full
//   end:         next; in the last file data (if it is also the first), error2, digest, hash, done
//
// A file is never longer than asked for: before a chunk is added, there has to be room for all that may have to follow.

import { closeSync, openSync, writeSync } from 'node:fs'
import type { NewFile, NewFiles } from '../newFiles'
import { adler32, putSum } from './adler32'
import { COMPRESSED, ENTRY_BYTES, TABLE_BASE_AT, TABLE_HEADER_BYTES } from './chunkTables'
import { DIGEST_BYTES, digestData, HASH_BYTES, hashData } from './digests'
import { error2Bytes, error2Data } from './error2'
import { MEDIA_BYTES } from './media'
import { DESCRIPTOR_BYTES, fileHeader, sectionDescriptor } from './sections'
import { segmentPath } from './segmentNames'

/** ASR Data's limit, that all versions of all programs keep to. */
const ENTRIES_MAX = 16375
const BUFFER_BYTES = 256 << 10

export class SegmentWriter {
  #file!: NewFile
  #number = 0
  /** Where the next byte goes. */
  #at = 0
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #buffered = 0
  /** Of the sections `sectors` that is being written. */
  #sectorsStart = 0
  #entries: number[] = []
  #hasChunks = false
  /** `volume` and each `data`, which get the identifier of the set in the end. */
  readonly #mediaPlaces: { readonly path: string; readonly offsetBytes: number }[] = []

  constructor(
    private readonly files: NewFiles,
    private readonly firstPath: string,
    private readonly segmentBytes: number,
    private readonly headers: readonly (readonly [string, Uint8Array])[],
    private readonly media: Uint8Array,
  ) {
    this.#begin()
  }

  addChunk(stored: Uint8Array, isCompressed: boolean, unreadRangeCount: number): void {
    if (this.#entries.length > 0 && !this.#fitsTable(stored.length)) this.#endSectors()
    if (this.#hasChunks && !this.#fitsFile(stored.length, unreadRangeCount)) {
      this.#endSectors()
      this.#section('next', new Uint8Array())
      this.#end()
      this.#begin()
    }
    if (this.#entries.length === 0) {
      this.#sectorsStart = this.#at
      // Its size comes when it is known.
      this.#append(new Uint8Array(DESCRIPTOR_BYTES))
    }
    const offset = this.#at - this.#sectorsStart
    this.#entries.push(isCompressed ? offset + COMPRESSED : offset)
    this.#append(stored)
    this.#hasChunks = true
  }

  finish(md5: Uint8Array, sha1: Uint8Array, unreadSectors: readonly number[], media: Uint8Array): void {
    this.#endSectors()
    if (this.#number === 1) this.#mediaSection('data')
    if (unreadSectors.length > 0) this.#section('error2', error2Data(unreadSectors))
    this.#section('digest', digestData(md5, sha1))
    this.#section('hash', hashData(md5))
    this.#section('done', new Uint8Array())
    this.#end()
    for (const { path, offsetBytes } of this.#mediaPlaces) overwrite(`${path}.partial`, offsetBytes, media)
  }

  #begin(): void {
    this.#number++
    this.#file = this.files.create(segmentPath(this.firstPath, this.#number))
    this.#at = 0
    this.#hasChunks = false
    this.#append(fileHeader(this.#number))
    const isFirst = this.#number === 1
    for (const [type, data] of isFirst ? this.headers : []) this.#section(type, data)
    this.#mediaSection(isFirst ? 'volume' : 'data')
  }

  #end(): void {
    this.#flush()
    this.#file.close()
  }

  #fitsTable(length: number): boolean {
    const end = this.#at - this.#sectorsStart + length
    return this.#entries.length < ENTRIES_MAX && end < COMPRESSED
  }

  #fitsFile(length: number, unreadRangeCount: number): boolean {
    const sectors = this.#entries.length === 0 ? DESCRIPTOR_BYTES : 0
    const table = DESCRIPTOR_BYTES + TABLE_HEADER_BYTES + (this.#entries.length + 1) * ENTRY_BYTES + 4
    const sections = [MEDIA_BYTES, DIGEST_BYTES, HASH_BYTES, 0]
    // A list of half a file: the last one may become too long; all others would have next to nothing in them.
    const error2 = error2Bytes(unreadRangeCount)
    if (unreadRangeCount > 0 && error2 < this.segmentBytes / 2) sections.push(error2)
    const tail = sections.reduce((sum, bytes) => sum + DESCRIPTOR_BYTES + bytes, 0)
    return this.#at + sectors + length + 2 * table + tail <= this.segmentBytes
  }

  #endSectors(): void {
    if (this.#entries.length === 0) return
    const start = this.#sectorsStart
    this.#flush()
    this.#file.write(start, sectionDescriptor('sectors', start, this.#at - start - DESCRIPTOR_BYTES))
    const table = tableData(this.#entries, start)
    this.#section('table', table)
    this.#section('table2', table)
    this.#entries = []
  }

  #mediaSection(type: string): void {
    this.#mediaPlaces.push({ path: this.#file.path, offsetBytes: this.#at + DESCRIPTOR_BYTES })
    this.#section(type, this.media)
  }

  #section(type: string, data: Uint8Array): void {
    this.#append(sectionDescriptor(type, this.#at, data.length))
    this.#append(data)
  }

  #append(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush()
    if (bytes.length > BUFFER_BYTES) {
      this.#file.write(this.#at, bytes)
    } else {
      this.#buffer.set(bytes, this.#buffered)
      this.#buffered += bytes.length
    }
    this.#at += bytes.length
  }

  #flush(): void {
    this.#file.write(this.#at - this.#buffered, this.#buffer.subarray(0, this.#buffered))
    this.#buffered = 0
  }
}

function tableData(entries: readonly number[], baseBytes: number): Uint8Array {
  const bytes = new Uint8Array(TABLE_HEADER_BYTES + entries.length * ENTRY_BYTES + 4)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, entries.length, true)
  view.setBigUint64(TABLE_BASE_AT, BigInt(baseBytes), true)
  putSum(bytes, TABLE_HEADER_BYTES - 4)
  entries.forEach((entry, index) => {
    view.setUint32(TABLE_HEADER_BYTES + index * ENTRY_BYTES, entry, true)
  })
  const end = bytes.length - 4
  view.setUint32(end, adler32(bytes.subarray(TABLE_HEADER_BYTES, end)), true)
  return bytes
}

function overwrite(path: string, offsetBytes: number, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+')
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(descriptor, bytes, done, bytes.length - done, offsetBytes + done)
    }
  } finally {
    closeSync(descriptor)
  }
}
