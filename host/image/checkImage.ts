// Everything that can be checked of an image: what its format checks, and the sums beside it (IMAGE.sums) when there are some.

import type { DiskImage, Finding } from '../formats/format'
import { splitFormat } from '../formats/split/splitFormat'
import { checkSums } from '../formats/sums/diskSums'
import { readSumsOf } from '../formats/sums/sumsFile'

/** Returns whether there are sums. */
export async function checkImage(
  image: DiskImage,
  path: string,
  report: (finding: Finding) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  await image.check(report, signal)
  // A split image has checked its own.
  const sums = image.format === splitFormat ? null : readSumsOf(path)
  if (sums && !signal?.aborted) await checkSums(image, sums, report, signal)
  return sums !== null
}
