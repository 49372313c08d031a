// An archive that is to be restored: what is in it is looked at before anything is written over.

import { DamagedImage } from '../formats/damagedImage'
import type { DiskImage } from '../formats/format'
import { formatNamed, formatOf } from '../formats/formats'
import { ImageInputError } from '../formats/imageInputError'
import { rawFormat } from '../formats/raw/rawFormat'
import { readSumsOf } from '../formats/sums/sumsFile'
import { checkImage } from './checkImage'
import type { ImageRequest } from './imagePlan'

/** null: the bytes of the file are what is copied. */
export async function openArchive({ command, source, sourceFormat }: ImageRequest): Promise<DiskImage | null> {
  const isFoundOut = sourceFormat === null && command === 'restore'
  const format = sourceFormat !== null ? formatNamed(sourceFormat) : isFoundOut ? formatOf(source) : rawFormat
  if (format === rawFormat) return null
  try {
    return await format.open(source)
  } catch (error) {
    if (!(error instanceof DamagedImage)) throw error
    const instead = isFoundOut ? '; --from raw copies the bytes of the file as they are' : ''
    throw new ImageInputError(`${error.message}${instead}`)
  }
}

/** Of the things that are wrong, so many are told. */
const TOLD = 3

/** All of it is read and checked: an archive that ends in the middle is found before a target is half written. */
export async function checkArchive(archive: DiskImage, path: string, signal: AbortSignal | undefined): Promise<void> {
  const wrong: string[] = []
  let count = 0
  await checkImage(
    archive,
    path,
    ({ kind, file, fileOffsetBytes, text }) => {
      if (kind === 'damage' && count++ < TOLD) wrong.push(`${file}, at byte ${fileOffsetBytes}: ${text}`)
    },
    signal,
  )
  if (signal?.aborted) throw new ImageInputError('interrupted while the archive was checked; nothing was written')
  if (count === 0) return
  const more = count > TOLD ? ` (and ${count - TOLD} more)` : ''
  throw new ImageInputError(
    `the archive is damaged, and nothing was written: ${wrong.join('; ')}${more}. --trust restores it nevertheless`,
  )
}

/** A raw image has no checksums of its own, but may have sums beside it. */
export async function checkRawImage({ command, source }: ImageRequest, signal: AbortSignal | undefined): Promise<void> {
  if (command !== 'restore' || readSumsOf(source) === null) return
  const image = await rawFormat.open(source)
  try {
    await checkArchive(image, source, signal)
  } finally {
    image.close()
  }
}
