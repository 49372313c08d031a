// What the parts of a disc's image know of it when it is open.

import type { DiskImage } from '../format'
import type { Disc } from './disc'
import type { DiscSectors } from './discSectors'

/** An image whose disk has tracks. */
export interface OpenDisc extends DiskImage {
  readonly disc: Disc
  readonly sectors: DiscSectors
}

export function isOpenDisc(image: DiskImage): image is OpenDisc {
  return 'disc' in image && 'sectors' in image
}
