// Writes a file of sectors of a CD: raw ones as they come, or raw ones around the 2048 bytes of data that come.
//
// A sector that could not be read at all becomes 2352 zeros, which no data sector is: there is no sync in it, and every reader sees that it
// is missing. One that was read in part keeps its bytes, and has an EDC that is wrong.

import { ftruncateSync } from 'node:fs'
import { DATA_BYTES, FIRST_FRAME, LAST_FRAME, RAW_BYTES } from '../../hardware/optical/cdSector'
import { putMode1 } from '../../hardware/optical/encodeSector'
import { isZero } from '../blocks/zeros'
import type { ImageWriter } from '../format'
import type { NewFile, NewFiles } from '../newFiles'
import { SectorStream, type TakeSector } from './sectorStream'

const BATCH_SECTORS = 256

/** The most sectors that have an address: up to 99:59:74. */
export const RAW_SECTORS_MAX = LAST_FRAME + 1 - FIRST_FRAME

export interface RawWriterOptions {
  readonly sectors: number
  /** 2048: of data; 2352: raw. */
  readonly sourceBytes: number
  /** What is stored of each: 2048 or 2352 bytes. */
  readonly storedBytes: number
  readonly see?: (sector: number, bytes: Uint8Array) => void
  /** When all sectors are written, before the files get their names. */
  readonly complete?: () => void
}

export class RawWriter implements ImageWriter {
  readonly #stream: SectorStream
  readonly #batch: Uint8Array
  #batchStart = 0
  #batched = 0

  constructor(
    private readonly files: NewFiles,
    private readonly file: NewFile,
    private readonly options: RawWriterOptions,
  ) {
    const { sectors, sourceBytes, storedBytes } = options
    this.#batch = new Uint8Array(BATCH_SECTORS * storedBytes)
    this.#stream = new SectorStream(sectors * sourceBytes, sourceBytes, this.#takes())
    ftruncateSync(file.descriptor, sectors * storedBytes)
  }

  write(offsetBytes: number, bytes: Uint8Array): void {
    this.#stream.write(offsetBytes, bytes)
  }

  unread(offsetBytes: number, lengthBytes: number): void {
    this.#stream.unread(offsetBytes, lengthBytes)
  }

  async finish(): Promise<void> {
    this.#stream.finish()
    this.#flush()
    this.options.complete?.()
    this.files.commit()
  }

  abandon(): void {
    this.files.abandon()
  }

  #takes(): TakeSector {
    const { sourceBytes, storedBytes, see } = this.options
    const encodes = sourceBytes === DATA_BYTES && storedBytes === RAW_BYTES
    return (sector, bytes, wholeness) => {
      see?.(sector, bytes)
      if (encodes && wholeness === 'unread') return
      if (!encodes && (wholeness === 'empty' || isZero(bytes))) return
      const place = this.#place(sector)
      if (encodes) putMode1(place, sector, bytes, wholeness !== 'in part')
      else place.set(bytes)
    }
  }

  /** Where a sector goes; what is left out between two of them is a hole in the file. */
  #place(sector: number): Uint8Array {
    const { storedBytes } = this.options
    if (sector !== this.#batchStart + this.#batched || this.#batched === BATCH_SECTORS) {
      this.#flush()
      this.#batchStart = sector
    }
    const at = this.#batched++ * storedBytes
    return this.#batch.subarray(at, at + storedBytes)
  }

  #flush(): void {
    const { storedBytes } = this.options
    this.file.write(this.#batchStart * storedBytes, this.#batch.subarray(0, this.#batched * storedBytes))
    this.#batched = 0
  }
}
