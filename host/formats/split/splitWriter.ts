// Writes a split image, and its sums: of each part, of each chunk and of all of the disk, in the same pass.

import { createHash, type Hash } from 'node:crypto'
import { ftruncateSync } from 'node:fs'
import { basename } from 'node:path'
import type { ImageWriter, NewImage } from '../format'
import { type NewFile, NewFiles } from '../newFiles'
import type { FileSum } from '../sums/sums'
import { sumsText } from '../sums/sums'
import { sumsPathOf } from '../sums/sumsFile'
import { SumsMaker } from '../sums/sumsMaker'
import type { PartNames } from './partNames'

const ZEROS = new Uint8Array(1 << 20)

export class SplitWriter implements ImageWriter {
  private readonly files = new NewFiles()
  private readonly maker: SumsMaker
  private readonly done: FileSum[] = []
  private file!: NewFile
  private hash: Hash = createHash('sha256')
  private partStart = 0
  private atBytes = 0

  constructor(
    private readonly path: string,
    private readonly names: PartNames,
    private readonly partBytes: number,
    private readonly image: NewImage,
  ) {
    const { diskBytes, sectorBytes } = image
    this.maker = new SumsMaker({ diskBytes, sectorBytes })
    try {
      this.begin()
    } catch (error) {
      this.abandon()
      throw error
    }
  }

  async write(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    await this.zerosTo(offsetBytes)
    await this.maker.update(bytes)
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done, done + this.room())
      this.file.write(this.atBytes - this.partStart, part)
      this.passed(part)
      done += part.length
    }
  }

  unread(offsetBytes: number, lengthBytes: number): void {
    this.maker.unread(offsetBytes, lengthBytes)
  }

  async finish(): Promise<void> {
    await this.zerosTo(this.image.diskBytes)
    this.end()
    const sums = await this.maker.finish(this.done)
    this.files.create(sumsPathOf(this.path)).write(0, sumsText(sums))
    this.files.commit()
  }

  abandon(): void {
    this.maker.close()
    this.files.abandon()
  }

  /** Holes: the parts have their lengths from the beginning. */
  private async zerosTo(endBytes: number): Promise<void> {
    while (this.atBytes < endBytes) {
      const part = ZEROS.subarray(0, Math.min(endBytes - this.atBytes, ZEROS.length, this.room()))
      await this.maker.zeros(part.length)
      this.passed(part)
    }
  }

  /** What is left of the part; the next one begins when there are bytes for it. */
  private room(): number {
    if (this.atBytes - this.partStart === this.partBytes) {
      this.end()
      this.partStart = this.atBytes
      this.begin()
    }
    return this.partBytes - (this.atBytes - this.partStart)
  }

  private passed(part: Uint8Array): void {
    this.hash.update(part)
    this.atBytes += part.length
  }

  private begin(): void {
    this.file = this.files.create(this.names.at(this.done.length))
    this.hash = createHash('sha256')
    ftruncateSync(this.file.descriptor, Math.min(this.partBytes, this.image.diskBytes - this.partStart))
  }

  private end(): void {
    this.file.close()
    const bytes = this.atBytes - this.partStart
    this.done.push({ name: basename(this.file.path), bytes, sha256: this.hash.digest('hex') })
  }
}
