// A split image that is open for reading: parts of a raw image, one after the other, with or without sums beside them.

import { createHash, type Hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { DamagedImage } from '../damagedImage'
import { type Digester, digesterFor } from '../digester'
import type { DiskImage, Extent, Finding, ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { hexOf, SHA256_BYTES, type Sums } from '../sums/sums'
import { SumsChecker } from '../sums/sumsChecker'
import type { Part } from './findParts'

interface CheckOptions {
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((doneBytes: number) => void) | undefined
}

const SECTOR_BYTES = 512
const OPEN_MAX = 16
const CHECK_BYTES = 1 << 20

export class SplitImage implements DiskImage {
  readonly diskBytes: number
  readonly sectorBytes: number
  readonly files: readonly string[]
  readonly details: DiskImage['details']
  /** By chunk of the sums: 1 when it was looked at, and right. */
  private readonly verified: Uint8Array
  /** Opened when they are read; the one used last is the last one. */
  private readonly open = new Map<Part, ImageFile>()

  constructor(
    readonly format: ImageFormat,
    private readonly parts: readonly Part[],
    private readonly sums: Sums | null,
  ) {
    const last = parts.at(-1)!
    this.diskBytes = last.startBytes + last.bytes
    this.verified = new Uint8Array(sums ? sums.chunks.length / SHA256_BYTES : 0)
    this.sectorBytes = sums?.sectorBytes ?? SECTOR_BYTES
    this.files = parts.map(({ path }) => path)
    this.details = [
      ['parts', String(parts.length)],
      ...(sums ? [['SHA-256', sums.sha256] as const] : []),
      ['sums', sums ? `of each ${sums.chunkBytes} bytes` : 'none: nothing can be checked'],
      ...(sums && sums.unread.count > 0
        ? [['unread', `${sums.unread.totalBytes} bytes in ${sums.unread.count} places`] as const]
        : []),
    ]
  }

  /** Zeros are not looked for: they are stored, too. */
  extentAt(offsetBytes: number): Extent {
    const unread = this.sums?.unread.after(offsetBytes) ?? null
    if (unread && unread.startBytes <= offsetBytes) return { kind: 'unread', endBytes: unread.endBytes }
    return { kind: 'data', endBytes: unread?.startBytes ?? this.diskBytes }
  }

  /** With sums, only what is in chunks that are what they were. */
  read(offsetBytes: number, into: Uint8Array): void {
    if (this.sums && into.length > 0) {
      const last = Math.floor((offsetBytes + into.length - 1) / this.sums.chunkBytes)
      for (let chunk = Math.floor(offsetBytes / this.sums.chunkBytes); chunk <= last; chunk++)
        this.verify(this.sums, chunk)
    }
    this.readUnverified(offsetBytes, into)
  }

  async check(
    report: (finding: Finding) => void,
    signal?: AbortSignal,
    onProgress?: (doneBytes: number) => void,
  ): Promise<void> {
    const whole = digesterFor(this.sums ? ['sha256'] : [], this.diskBytes)
    const chunks = this.sums && new SumsChecker(this.sums, this.parts[0]!.path, report)
    try {
      let isRight = true
      for (const part of this.parts) {
        isRight = (await this.checkPart(part, whole, chunks, report, { signal, onProgress })) && isRight
      }
      if (signal?.aborted || !isRight || !this.sums || !chunks?.isRight) return
      const sha256 = hexOf((await whole.digest())[0]!)
      if (sha256 === this.sums.sha256) return
      const text = `the SHA-256 of the disk is ${sha256}, and was ${this.sums.sha256}`
      report({ kind: 'damage', file: this.parts[0]!.path, fileOffsetBytes: 0, disk: null, text })
    } finally {
      whole.close()
    }
  }

  close(): void {
    for (const file of this.open.values()) file.close()
    this.open.clear()
  }

  private readUnverified(offsetBytes: number, into: Uint8Array): void {
    const end = offsetBytes + into.length
    for (let at = offsetBytes; at < end; ) {
      const part = this.partAt(at)
      const next = Math.min(end, part.startBytes + part.bytes)
      this.fileOf(part).readInto(
        at - part.startBytes,
        into.subarray(at - offsetBytes, next - offsetBytes),
        'this stretch',
      )
      at = next
    }
  }

  private verify(sums: Sums, chunk: number): void {
    if (this.verified[chunk] === 1) return
    const { chunkBytes, chunks } = sums
    const start = chunk * chunkBytes
    const end = Math.min(start + chunkBytes, this.diskBytes)
    const hash = createHash('sha256')
    const buffer = new Uint8Array(Math.min(CHECK_BYTES, end - start))
    for (let at = start; at < end; at += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, end - at))
      this.readUnverified(at, bytes)
      hash.update(bytes)
    }
    if (!hash.digest().equals(chunks.subarray(chunk * SHA256_BYTES, (chunk + 1) * SHA256_BYTES))) {
      const { path, startBytes } = this.partAt(start)
      const text = `disk bytes ${start} to ${end - 1} are not what their SHA-256 was made from; without the sums they are read as they are`
      throw new DamagedImage(path, start - startBytes, text)
    }
    this.verified[chunk] = 1
  }

  /** Whether it is what it was, as far as that is known. */
  private async checkPart(
    part: Part,
    whole: Digester,
    chunks: SumsChecker | null,
    report: (finding: Finding) => void,
    { signal, onProgress }: CheckOptions,
  ): Promise<boolean> {
    const { path, startBytes, bytes } = part
    const hash = createHash('sha256')
    const buffer = new Uint8Array(CHECK_BYTES)
    let isWhole = true
    const wrong = (text: string, fileOffsetBytes: number, disk: Finding['disk']) => {
      isWhole = false
      report({ kind: 'damage', file: path, fileOffsetBytes, disk, text })
    }
    const size = statSync(path, { throwIfNoEntry: false })?.size
    if (size !== undefined && size > bytes) wrong(`this part has ${size} bytes, expected ${bytes}`, bytes, null)
    for (let at = 0; at < bytes && !signal?.aborted; at += CHECK_BYTES) {
      const read = buffer.subarray(0, Math.min(CHECK_BYTES, bytes - at))
      const disk = { startBytes: startBytes + at, endBytes: startBytes + at + read.length }
      const damage = this.damageOf(part, at, read)
      if (damage) {
        wrong(damage.text, damage.fileOffsetBytes, disk)
        chunks?.lost(read.length)
      } else {
        chunks?.update(read)
        await takeAll(read, hash, whole)
      }
      onProgress?.(disk.endBytes)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    if (signal?.aborted || !isWhole || part.sha256 === null) return isWhole
    const sha256 = hash.digest('hex')
    const disk = { startBytes, endBytes: startBytes + bytes }
    if (sha256 !== part.sha256) wrong(`the SHA-256 of this part is ${sha256}, and was ${part.sha256}`, 0, disk)
    return isWhole
  }

  private damageOf(part: Part, offsetBytes: number, into: Uint8Array): DamagedImage | null {
    try {
      this.fileOf(part).readInto(offsetBytes, into, 'this stretch')
      return null
    } catch (error) {
      if (error instanceof DamagedImage) return error
      throw error
    }
  }

  private partAt(offsetBytes: number): Part {
    let [low, high] = [0, this.parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.parts[middle]!.startBytes <= offsetBytes) low = middle
      else high = middle - 1
    }
    return this.parts[low]!
  }

  private fileOf(part: Part): ImageFile {
    let file = this.open.get(part)
    if (file) this.open.delete(part)
    else file = openPart(part)
    this.open.set(part, file)
    if (this.open.size > OPEN_MAX) {
      const [oldest, old] = this.open.entries().next().value!
      this.open.delete(oldest)
      old.close()
    }
    return file
  }
}

/** That a part of an image is not there is damage, and no mistake of whoever asked for it. */
function openPart({ path }: Part): ImageFile {
  try {
    return ImageFile.open(path)
  } catch (error) {
    if (error instanceof ImageInputError) throw new DamagedImage(path, 0, error.message)
    throw error
  }
}

async function takeAll(bytes: Uint8Array, hash: Hash, whole: Digester): Promise<void> {
  hash.update(bytes)
  await whole.update(bytes)
}
