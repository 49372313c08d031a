// The file beside an image that has its sums: IMAGE.sums.

import { readFileSync, statSync } from 'node:fs'
import { DamagedImage } from '../damagedImage'
import { ImageInputError } from '../imageInputError'
import { NewFiles } from '../newFiles'
import { parseSums, type Sums, sumsText } from './sums'

/** A disk of a terabyte has 22 MB of them, and larger ones have larger chunks. */
const SUMS_BYTES_MAX = 96 << 20

/** `imagePath`: by which the image is opened, its first file. */
export const sumsPathOf = (imagePath: string): string => `${imagePath}.sums`

/** null: there are none. Throws a DamagedImage when they are damaged. */
export function readSumsOf(imagePath: string): Sums | null {
  const path = sumsPathOf(imagePath)
  return statSync(path, { throwIfNoEntry: false }) ? readSums(path) : null
}

/** Throws a DamagedImage, or an ImageInputError when there is no such file. */
export function readSums(path: string): Sums {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile()) throw new ImageInputError(`${path} is no file with sums`)
  if (stats.size > SUMS_BYTES_MAX) throw new DamagedImage(path, 0, `sums of ${stats.size} bytes are not believed`)
  return parseSums(readFileSync(path), path)
}

/** Replaces what was there. */
export function writeSums(path: string, sums: Sums): void {
  const files = new NewFiles()
  try {
    files.create(path).write(0, sumsText(sums))
    files.commit()
  } catch (error) {
    files.abandon()
    throw error
  }
}
