// Opens a qcow2 image with all that it consists of.

import type { DiskImage, ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { type Chain, openBacking, resolveName } from './backing'
import { type Header, readHeader } from './header'
import { Qcow2Image } from './reader'
import { readSnapshots } from './snapshots'

export async function openQcow2(format: ImageFormat, path: string, chain: Chain = []): Promise<DiskImage> {
  const file = ImageFile.open(path)
  let dataFile: ImageFile | null = null
  try {
    const header = readHeader(file)
    const snapshotTable = readSnapshots(file, header)
    if (header.hasDataFile) dataFile = ImageFile.open(dataFileOf(path, header))
    const { backingName, extensions } = header
    const openNext = (next: string, above: Chain): Promise<DiskImage> => openQcow2(format, next, above)
    const backing =
      backingName === null ? null : await openBacking(path, backingName, extensions.backingFormat, chain, openNext)
    return new Qcow2Image(format, { file, header, snapshotTable, backing, dataFile })
  } catch (error) {
    file.close()
    dataFile?.close()
    throw error
  }
}

function dataFileOf(path: string, { extensions }: Header): string {
  if (extensions.dataFile !== null) return resolveName(path, extensions.dataFile)
  throw new ImageInputError(`${path} has an external data file, but does not say which`)
}
