// Sums of a disk in any format, and the check of one against sums. What is compared is the content: an image may have been converted since.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { DamagedImage } from '../damagedImage'
import { digesterFor } from '../digester'
import type { DiskImage, Finding } from '../format'
import { type FileSum, hexOf, type Sums } from './sums'
import { SumsChecker } from './sumsChecker'
import { SumsMaker } from './sumsMaker'

const READ_BYTES = 1 << 20
const ZEROS = new Uint8Array(READ_BYTES)

export interface MakeSumsOptions {
  /** 4 MiB by default, more for disks of more than a terabyte. */
  readonly chunkBytes?: number
  /** Also of the files of the image, for `sha256sum -c`; they are read once more. */
  readonly withFiles?: boolean
  readonly signal?: AbortSignal
  /** Bytes of the disk that are done. */
  readonly onProgress?: (doneBytes: number) => void
}

/** Throws a DamagedImage when not all of it can be read, and the signal's reason when it is aborted. */
export async function makeSums(image: DiskImage, options: MakeSumsOptions = {}): Promise<Sums> {
  const { diskBytes, sectorBytes } = image
  const maker = new SumsMaker({ diskBytes, sectorBytes }, options.chunkBytes)
  try {
    const buffer = new Uint8Array(READ_BYTES)
    for (let at = 0; at < diskBytes; ) {
      options.signal?.throwIfAborted()
      const { kind, endBytes } = image.extentAt(at)
      const length = Math.min(endBytes - at, READ_BYTES)
      if (kind === 'data') {
        const bytes = buffer.subarray(0, length)
        await image.read(at, bytes)
        await maker.update(bytes)
      } else {
        if (kind === 'unread') maker.unread(at, length)
        await maker.zeros(length)
      }
      at += length
      options.onProgress?.(at)
      await turn()
    }
    const files: FileSum[] = []
    for (const path of options.withFiles ? image.files : []) files.push(await fileSumOf(path, options.signal))
    return await maker.finish(files)
  } finally {
    maker.close()
  }
}

/** Reports each chunk that is not what it was, or cannot be read. */
export async function checkSums(
  image: DiskImage,
  sums: Sums,
  report: (finding: Finding) => void,
  signal?: AbortSignal,
  onProgress?: (doneBytes: number) => void,
): Promise<void> {
  const file = image.files[0]!
  const wrong = (text: string, disk: Finding['disk'] = null) =>
    report({ kind: 'damage', file, fileOffsetBytes: 0, disk, text })
  if (image.diskBytes !== sums.diskBytes) {
    wrong(`the disk has ${image.diskBytes} bytes, and the sums are of one of ${sums.diskBytes}`)
  }
  const whole = digesterFor(['sha256'], sums.diskBytes)
  const checker = new SumsChecker(sums, file, report)
  try {
    const buffer = new Uint8Array(READ_BYTES)
    for (let at = 0; at < image.diskBytes && !signal?.aborted; ) {
      const { kind, endBytes } = image.extentAt(at)
      // Not over the end of a chunk: what cannot be read is lost alone.
      const length = Math.min(endBytes - at, READ_BYTES, sums.chunkBytes - (at % sums.chunkBytes))
      if (kind === 'unread') checkUnread(sums, at, at + length, wrong)
      const bytes = await readOrReport(image, at, kind === 'data' ? buffer.subarray(0, length) : null, length, report)
      if (bytes) {
        checker.update(bytes)
        await whole.update(bytes)
      } else {
        checker.lost(length)
      }
      at += length
      onProgress?.(at)
      await turn()
    }
    if (signal?.aborted || !checker.isRight || image.diskBytes !== sums.diskBytes) return
    const sha256 = hexOf((await whole.digest())[0]!)
    if (sha256 !== sums.sha256) wrong(`the SHA-256 of the disk is ${sha256}, and was ${sums.sha256}`)
  } finally {
    whole.close()
  }
}

/** The digest of one file as it is. */
export async function fileSumOf(path: string, signal?: AbortSignal): Promise<FileSum> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const part of createReadStream(path, { highWaterMark: READ_BYTES, signal }) as AsyncIterable<Buffer>) {
    hash.update(part)
    bytes += part.length
  }
  return { name: basename(path), bytes, sha256: hash.digest('hex') }
}

/** What is unread now and was read when the sums were made is lost, even if it was zeros. */
function checkUnread(
  sums: Sums,
  start: number,
  end: number,
  wrong: (text: string, disk: Finding['disk']) => void,
): void {
  const known = sums.unread.after(start)
  if (known && known.startBytes <= start && known.endBytes >= end) return
  wrong('unread, or in part, and was not when the sums were made', { startBytes: start, endBytes: end })
}

/** null: it cannot be read, as was reported. `into` is null for what is known to be zeros. */
async function readOrReport(
  image: DiskImage,
  startBytes: number,
  into: Uint8Array | null,
  length: number,
  report: (finding: Finding) => void,
): Promise<Uint8Array | null> {
  if (!into) return ZEROS.subarray(0, length)
  try {
    await image.read(startBytes, into)
    return into
  } catch (error) {
    if (!(error instanceof DamagedImage)) throw error
    const { file, fileOffsetBytes, text } = error
    report({ kind: 'damage', file, fileOffsetBytes, disk: { startBytes, endBytes: startBytes + length }, text })
    return null
  }
}

/** So that timers and signals have theirs. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
