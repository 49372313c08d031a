// What is on a target that may be written over: the image, the file systems, the data in it, and the names by which all that can be called.

import { statSync } from 'node:fs'
import { lookForData } from '../disk/blank'
import { contentsLines, contentsNames } from '../disk/contentsText'
import { type DiskContents, examineDisk } from '../disk/examineDisk'
import type { SectorReader } from '../disk/sectorReader'
import { DamagedImage } from '../formats/damagedImage'
import type { ImageFormat } from '../formats/format'
import { formatOf } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import { rawFormat } from '../formats/raw/rawFormat'

export interface TargetContents {
  readonly isBlank: boolean
  /** What is there, a line each. */
  readonly lines: readonly string[]
  /** By which it may be called. */
  readonly names: readonly string[]
}

export async function lookAt(path: string, reader: SectorReader): Promise<TargetContents> {
  const format = statSync(path).isFile() ? formatOf(path) : rawFormat
  const inside = format === rawFormat ? await examineDisk(reader) : await insideImage(path, format)
  const names = inside ? contentsNames(inside) : []
  const lines = [
    ...(format === rawFormat ? [] : [`an image of the format ${format.name}`]),
    ...(inside ? contentsLines(inside) : []),
  ]
  if (lines.length > 0) return { isBlank: false, lines, names }
  const { isBlank, looked } = await lookForData(reader)
  if (isBlank) return { isBlank, lines: [`blank (looked at ${looked})`], names }
  return { isBlank, lines: ['data that is not recognised'], names }
}

/** Null where the image is damaged: it can be overwritten all the same. */
async function insideImage(path: string, format: ImageFormat): Promise<DiskContents | null> {
  try {
    const image = await format.open(path)
    try {
      return await examineDisk(image)
    } finally {
      image.close()
    }
  } catch (error) {
    if (error instanceof DamagedImage || error instanceof ImageInputError) return null
    throw error
  }
}
