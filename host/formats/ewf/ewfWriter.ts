// Writes an EWF image in one pass: chunks are compressed in other threads, several at once.

import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type Deflater, deflaterFor } from '../deflater'
import { type Digester, digesterFor } from '../digester'
import type { ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { NewFiles } from '../newFiles'
import { putSum } from './adler32'
import { header2Data, headerData } from './headerValues'
import { type Media, mediaData, SET_IDENTIFIER_BYTES } from './media'
import type { EwfPlan } from './options'
import { SegmentWriter } from './segmentWriter'

const ZLIB_LEVELS = { none: 0, fast: 1, best: 9 } as const
/** Chunks in order: as many as the threads may have among them. */
const IN_FLIGHT_MAX = 64
const ZEROS = Buffer.alloc(1 << 20)
/** [EWF] Error2 entry: 32 bits. */
const ERROR2_SECTORS = 2 ** 32

interface StoredChunk {
  readonly bytes: Uint8Array
  readonly isCompressed: boolean
}

export class EwfWriter implements ImageWriter {
  private readonly files = new NewFiles()
  private readonly segments: SegmentWriter
  private readonly media: Omit<Media, 'compression'>
  private readonly chunkBytes: number
  private readonly digester: Digester
  private readonly deflater: Deflater | null
  /** In turns: the one that is being filled, and those behind it that are not stored yet. */
  private readonly chunks: readonly Uint8Array[]
  private chunk: Uint8Array
  private turn = 0
  private filled = 0
  private atBytes = 0
  private readonly running: Promise<StoredChunk>[] = []
  private zeroChunk: StoredChunk | null = null
  /** Pairs of a first sector and a number of them, ascending and apart from each other. */
  private readonly unreadSectors: number[] = []

  constructor(
    path: string,
    private readonly image: NewImage,
    private readonly plan: EwfPlan,
  ) {
    const { diskBytes, sectorBytes } = image
    const { sectorsPerChunk, headers, segmentBytes } = plan
    this.chunkBytes = sectorsPerChunk * sectorBytes
    this.digester = digesterFor(['md5', 'sha1'], diskBytes)
    const level = ZLIB_LEVELS[plan.compression]
    this.deflater = level === 0 ? null : deflaterFor({ level, chunkBytes: this.chunkBytes, totalBytes: diskBytes })
    // Each with room for the checksum that it has when it is stored as it is.
    this.chunks = Array.from({ length: IN_FLIGHT_MAX + 1 }, () => Buffer.allocUnsafeSlow(this.chunkBytes + 4))
    this.chunk = this.chunks[0]!
    this.media = {
      // Discs have sectors of 2048 or 2352 bytes.
      type: sectorBytes === 2048 || sectorBytes === 2352 ? 0x03 : 0x01,
      chunkCount: Math.ceil(diskBytes / this.chunkBytes),
      sectorsPerChunk,
      sectorBytes,
      sectorCount: diskBytes / sectorBytes,
      setIdentifier: '0'.repeat(2 * SET_IDENTIFIER_BYTES),
    }
    const header2 = header2Data(headers)
    const sections = [
      ['header2', header2],
      ['header2', header2],
      ['header', headerData(headers)],
    ] as const
    const media = mediaData({ ...this.media, compression: plan.compression })
    try {
      this.segments = new SegmentWriter(this.files, path, segmentBytes, sections, media)
    } catch (error) {
      this.abandon()
      throw error
    }
  }

  async write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    await this.zerosTo(offsetBytes)
    await this.digester.update(bytes)
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(bytes.length - done, this.chunkBytes - this.filled)
      this.chunk.set(bytes.subarray(done, done + length), this.filled)
      this.filled += length
      done += length
      if (this.filled === this.chunkBytes) await this.submit()
    }
    this.atBytes += bytes.length
  }

  /** Sectors that it touches are unread as a whole. */
  unread(offsetBytes: number, lengthBytes: number): void {
    if (lengthBytes === 0) return
    const { sectorBytes } = this.image
    const first = Math.floor(offsetBytes / sectorBytes)
    const end = Math.ceil((offsetBytes + lengthBytes) / sectorBytes)
    if (end > ERROR2_SECTORS) {
      throw new ImageInputError(`sector ${end - 1} is unread: EWF can say so of the first 2^32 sectors only`)
    }
    const list = this.unreadSectors
    const last = list.length - 2
    const isNext = last >= 0 && list[last]! + list[last + 1]! >= first
    if (isNext) list[last + 1] = end - list[last]!
    else list.push(first, end - first)
  }

  async finish(): Promise<void> {
    await this.zerosTo(this.image.diskBytes)
    if (this.filled > 0) await this.submit()
    this.deflater?.flush()
    while (this.running.length > 0) await this.storeNext()
    const [md5, sha1] = (await this.digester.digest()) as [Uint8Array, Uint8Array]
    this.digester.close()
    this.deflater?.close()
    const media = { ...this.media, setIdentifier: this.identifierFor(md5, sha1) }
    const data = mediaData({ ...media, compression: this.plan.compression })
    this.segments.finish(md5, sha1, this.unreadSectors, data)
    this.files.commit()
  }

  abandon(): void {
    this.digester.close()
    this.deflater?.close()
    this.files.abandon()
  }

  private async zerosTo(endBytes: number): Promise<void> {
    while (this.atBytes < endBytes) {
      const length = Math.min(ZEROS.length, endBytes - this.atBytes)
      await this.digester.update(ZEROS.subarray(0, length))
      for (let left = length; left > 0; ) {
        const part = Math.min(left, this.chunkBytes - this.filled)
        this.chunk.fill(0, this.filled, this.filled + part)
        this.filled += part
        left -= part
        if (this.filled === this.chunkBytes) await this.submit()
      }
      this.atBytes += length
    }
  }

  private async submit(): Promise<void> {
    const { chunk, filled } = this
    this.filled = 0
    if (filled <= ZEROS.length && Buffer.compare(chunk.subarray(0, filled), ZEROS.subarray(0, filled)) === 0) {
      this.running.push(Promise.resolve(this.zeros(filled)))
      // Otherwise a chunk could wait for company while this one and others wait behind it.
      this.deflater?.flush()
    } else {
      this.chunk = this.chunks[++this.turn % this.chunks.length]!
      await this.deflater?.room()
      const stored = this.deflater ? this.compress(this.deflater, chunk, filled) : Promise.resolve(plain(chunk, filled))
      // Looked at when its turn comes.
      stored.catch(() => {})
      this.running.push(stored)
    }
    if (this.running.length >= IN_FLIGHT_MAX) await this.storeNext()
  }

  private zeros(length: number): StoredChunk {
    if (length !== this.chunkBytes)
      return { bytes: deflateSync(ZEROS.subarray(0, length), { level: 9 }), isCompressed: true }
    this.zeroChunk ??= { bytes: deflateSync(ZEROS.subarray(0, length), { level: 9 }), isCompressed: true }
    return this.zeroChunk
  }

  private async compress(deflater: Deflater, chunk: Uint8Array, length: number): Promise<StoredChunk> {
    const bytes = await deflater.deflate(chunk.subarray(0, length))
    return bytes ? { bytes, isCompressed: true } : plain(chunk, length)
  }

  private async storeNext(): Promise<void> {
    const { bytes, isCompressed } = await this.running.shift()!
    this.segments.addChunk(bytes, isCompressed, this.unreadSectors.length / 2)
  }

  /** The same for the same image, and different for different ones: a UUID of RFC 9562, version 8. */
  private identifierFor(md5: Uint8Array, sha1: Uint8Array): string {
    const { compression, segmentBytes, headers } = this.plan
    const layout = JSON.stringify([compression, segmentBytes, [...headers], this.unreadSectors])
    const bytes = createHash('sha256')
      .update(md5)
      .update(sha1)
      .update(layout)
      .digest()
      .subarray(0, SET_IDENTIFIER_BYTES)
    bytes[6] = (bytes[6]! & 0x0f) | 0x80
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    return bytes.toString('hex')
  }
}

function plain(chunk: Uint8Array, length: number): StoredChunk {
  putSum(chunk, length)
  return { bytes: chunk.subarray(0, length + 4), isCompressed: false }
}
