// An open file or block device as bytes from anywhere.

import type { SectorReader } from '../disk/sectorReader'
import { readUpTo } from '../formats/openFile'
import type { CopyFile } from '../formats/raw/copyFile'

/** The descriptor stays the caller's to close. */
export function fileReader({ descriptor, sizeBytes }: Pick<CopyFile, 'descriptor' | 'sizeBytes'>): SectorReader {
  return {
    diskBytes: sizeBytes,
    read(offsetBytes, into) {
      if (readUpTo(descriptor, offsetBytes, into) < into.length) throw new Error('the file has become shorter')
    },
  }
}
