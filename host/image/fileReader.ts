// An open file or block device as bytes from anywhere.

import { readSync } from 'node:fs'
import type { SectorReader } from '../disk/sectorReader'
import type { CopyFile } from '../formats/raw/copyFile'

/** The descriptor stays the caller's to close. */
export function fileReader({ descriptor, sizeBytes }: Pick<CopyFile, 'descriptor' | 'sizeBytes'>): SectorReader {
  return {
    diskBytes: sizeBytes,
    read(offsetBytes, into) {
      let done = 0
      while (done < into.length) {
        const got = readSync(descriptor, into, done, into.length - done, offsetBytes + done)
        if (got === 0) throw new Error('the file has become shorter')
        done += got
      }
    },
  }
}
