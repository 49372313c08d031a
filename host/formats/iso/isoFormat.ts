// ISO: the 2048-byte sectors of an optical disc, as they are, which is what `.iso` files are, with ISO 9660 or UDF in them.
//
// Reading gives the file. What the volume says of itself is shown, and checked: there are no checksums of data, but an image that was cut
// off is found, and the files that it lost.

import type { DiskImage, Extent, Finding, ImageFormat } from '../format'
import { ImageInputError } from '../imageInputError'
import { rawFormat } from '../raw/rawFormat'
import { checkVolume, readVolume, volumeDetails } from './volume'
import { FIRST_DESCRIPTOR, SECTOR_BYTES } from './volumeSectors'

/** ECMA-119 8.1.2 and ECMA-167 2/9.1.2. */
const RECOGNISED_NAMES: ReadonlySet<string> = new Set(['CD001', 'BEA01'])

class IsoImage implements DiskImage {
  readonly format = isoFormat
  readonly sectorBytes = SECTOR_BYTES
  readonly diskBytes: number
  readonly files: readonly string[]

  constructor(
    private readonly raw: DiskImage,
    readonly details: DiskImage['details'],
  ) {
    this.diskBytes = raw.diskBytes
    this.files = raw.files
  }

  extentAt(offsetBytes: number): Extent {
    return this.raw.extentAt(offsetBytes)
  }

  read(offsetBytes: number, into: Uint8Array): void | Promise<void> {
    return this.raw.read(offsetBytes, into)
  }

  async check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    await this.raw.check(report, signal)
    await checkVolume(this.raw, this.files[0]!, report, signal)
  }

  close(): void {
    this.raw.close()
  }
}

export const isoFormat: ImageFormat = {
  name: 'iso',
  title: 'ISO 9660 or UDF: the 2048-byte sectors of an optical disc',
  extensions: ['iso', 'udf'],
  options: [],
  recognises: (head) => {
    const name = head.subarray(FIRST_DESCRIPTOR * SECTOR_BYTES + 1, FIRST_DESCRIPTOR * SECTOR_BYTES + 6)
    return RECOGNISED_NAMES.has(String.fromCharCode(...name))
  },
  open: async (path) => {
    const raw = await rawFormat.open(path)
    try {
      return new IsoImage(raw, volumeDetails(await readVolume(raw), raw.diskBytes))
    } catch (error) {
      raw.close()
      throw error
    }
  },
  create: async (path, image) => {
    if (image.diskBytes % SECTOR_BYTES !== 0) {
      throw new ImageInputError(
        `iso holds whole sectors of ${SECTOR_BYTES} bytes, and the disk has ${image.diskBytes} bytes`,
      )
    }
    if (image.sectorBytes > SECTOR_BYTES) {
      throw new ImageInputError(
        `iso holds sectors of ${SECTOR_BYTES} bytes, and the disk has some of ${image.sectorBytes}`,
      )
    }
    return rawFormat.create!(path, image)
  },
}
