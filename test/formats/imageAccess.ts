// What tests of all formats do with an open image.

import { DamagedImage } from '../../host/formats/damagedImage'
import type { DiskImage, Finding } from '../../host/formats/format'
import { ImageInputError } from '../../host/formats/imageInputError'

export async function readAll(image: DiskImage): Promise<Buffer> {
  // No zeros, so that what is not read is not taken for some.
  const content = Buffer.alloc(image.diskBytes, 0xdd)
  await image.read(0, content)
  return content
}

export async function findingsOf(image: DiskImage): Promise<Finding[]> {
  const findings: Finding[] = []
  await image.check((finding) => findings.push(finding))
  return findings
}

/** Whether an image was refused, as it should be. All other errors are crashes. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DamagedImage || error instanceof ImageInputError
}
