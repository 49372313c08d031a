// Raw: the bytes of the disk, and nothing else. Files and block devices; holes of sparse files are zeros that need not be read.
//
// A length that is no multiple of 512 is kept.

import { closeSync, ftruncateSync, realpathSync } from 'node:fs'
import { DamagedImage } from '../damagedImage'
import type { DiskImage, Extent, Finding, ImageFormat, ImageWriter, NewImage } from '../format'
import { type NewFile, NewFiles } from '../newFiles'
import { LONG_READ_BYTES, readUpTo, readUpToAside } from '../openFile'
import { type CopyFile, openCopyFile } from './copyFile'
import { type HoleMap, readHoleMap } from './holeMap'

const SECTOR_BYTES = 512
const CHECK_BYTES = 1 << 20

class RawImage implements DiskImage {
  readonly format = rawFormat
  readonly sectorBytes = SECTOR_BYTES
  readonly diskBytes: number
  readonly files: readonly string[]
  readonly details: DiskImage['details']

  constructor(
    private readonly file: CopyFile,
    private readonly holes: HoleMap | null,
  ) {
    this.diskBytes = file.sizeBytes
    this.files = [file.path]
    this.details = [['kind', file.isDevice ? 'block device' : 'file']]
  }

  extentAt(offsetBytes: number): Extent {
    if (!this.holes) return { kind: 'data', endBytes: this.diskBytes }
    const { startBytes, endBytes } = this.holes.dataAfter(offsetBytes)
    const isZero = startBytes > offsetBytes
    return { kind: isZero ? 'zero' : 'data', endBytes: Math.min(isZero ? startBytes : endBytes, this.diskBytes) }
  }

  read(offsetBytes: number, into: Uint8Array): void | Promise<void> {
    const { descriptor } = this.file
    const wanted = into.length
    if (wanted < LONG_READ_BYTES) return this.expect(wanted, offsetBytes, readUpTo(descriptor, offsetBytes, into))
    return readUpToAside(descriptor, offsetBytes, into).then((got) => this.expect(wanted, offsetBytes, got))
  }

  private expect(wanted: number, offsetBytes: number, got: number): void {
    if (got < wanted) throw new DamagedImage(this.file.path, offsetBytes + got, 'the file has become shorter')
  }

  /** A raw image has no checksums: it is read, and that is all. */
  async check(
    report: (finding: Finding) => void,
    signal?: AbortSignal,
    onProgress?: (doneBytes: number) => void,
  ): Promise<void> {
    const bytes = new Uint8Array(CHECK_BYTES)
    for (let at = 0; at < this.diskBytes && !signal?.aborted; at += CHECK_BYTES) {
      const end = Math.min(at + CHECK_BYTES, this.diskBytes)
      try {
        await this.read(at, bytes.subarray(0, end - at))
      } catch (error) {
        const disk = { startBytes: at, endBytes: end }
        report({ kind: 'damage', file: this.file.path, fileOffsetBytes: at, disk, text: (error as Error).message })
      }
      onProgress?.(end)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  close(): void {
    closeSync(this.file.descriptor)
  }
}

class RawWriter implements ImageWriter {
  private readonly files = new NewFiles()
  private readonly file: NewFile

  constructor(path: string, { diskBytes }: NewImage) {
    this.file = this.files.create(path)
    ftruncateSync(this.file.descriptor, diskBytes)
  }

  write(offsetBytes: number, bytes: Uint8Array): void {
    this.file.write(offsetBytes, bytes)
  }

  unread(): void {}

  async finish(): Promise<void> {
    this.files.commit()
  }

  abandon(): void {
    this.files.abandon()
  }
}

export const rawFormat: ImageFormat = {
  name: 'raw',
  title: 'raw image: the sectors of the disk, and nothing else',
  extensions: ['raw', 'img', 'dd'],
  options: [],
  recognises: () => true,
  open: async (path) => {
    const file = openCopyFile(path, 'read')
    return new RawImage(file, file.isSparse ? await readHoleMap(realpathSync(path)) : null)
  },
  create: async (path, image) => new RawWriter(path, image),
}
