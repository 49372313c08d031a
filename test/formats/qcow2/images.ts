// Small qcow2 images for tests, written by our own writer.

import { closeSync, openSync, writeSync } from 'node:fs'
import type { DiskImage } from '../../../host/formats/format'
import { qcow2Format } from '../../../host/formats/qcow2/qcow2Format'
import { findingsOf, isRefusal, readAll } from '../imageAccess'

export type Options = Readonly<Record<string, string>>

/** Without `isSparse` its zeros are written, too. */
export async function writeQcow2(
  path: string,
  content: Uint8Array,
  options: Options = {},
  pieceBytes = 4096,
): Promise<void> {
  const writer = await qcow2Format.create!(path, newImage(content.length, options))
  for (let at = 0; at < content.length; at += pieceBytes) await writer.write(at, content.subarray(at, at + pieceBytes))
  await writer.finish()
}

export function newImage(diskBytes: number, options: Options = {}) {
  return { diskBytes, sectorBytes: 512, options: new Map(Object.entries(options)) }
}

export async function readQcow2(path: string): Promise<Buffer> {
  const image = await qcow2Format.open(path)
  try {
    return await readAll(image)
  } finally {
    image.close()
  }
}

export function patch(path: string, offset: number, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, offset)
  closeSync(descriptor)
}

/** What became of an image that was damaged on purpose; anything but a DamagedImage or an ImageInputError is a crash. */
export async function outcomeOf(path: string, expected: Uint8Array): Promise<'found' | 'harmless' | 'wrong data'> {
  let image: DiskImage
  try {
    image = await qcow2Format.open(path)
  } catch (error) {
    return foundOrCrash(error)
  }
  try {
    for (let at = 0; at < image.diskBytes; at = image.extentAt(at).endBytes);
    const findings = await findingsOf(image)
    // A disk that is said to be far larger is not read.
    const isSame = image.diskBytes === expected.length && (await readAll(image)).equals(expected)
    if (findings.length > 0) return 'found'
    return isSame ? 'harmless' : 'wrong data'
  } catch (error) {
    return foundOrCrash(error)
  } finally {
    image.close()
  }
}

function foundOrCrash(error: unknown): 'found' {
  if (isRefusal(error)) return 'found'
  throw error
}
