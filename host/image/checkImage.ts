// Everything that can be checked of an image: what its format checks, and the sums beside it (IMAGE.sums) when there are some.

import type { DiskImage, Finding } from '../formats/format'
import { splitFormat } from '../formats/split/splitFormat'
import { checkSums } from '../formats/sums/diskSums'
import { readSumsOf } from '../formats/sums/sumsFile'

/** Returns whether there are sums. `onProgress`: bytes of the disk; with sums a disk may be read twice, and begins again then. */
export async function checkImage(
  image: DiskImage,
  path: string,
  report: (finding: Finding) => void,
  signal?: AbortSignal,
  onProgress?: (doneBytes: number) => void,
): Promise<boolean> {
  await image.check(report, signal, onProgress)
  // A split image has checked its own.
  const sums = image.format === splitFormat ? null : readSumsOf(path)
  if (sums && !signal?.aborted) await checkSums(image, sums, report, signal, onProgress)
  return sums !== null
}
