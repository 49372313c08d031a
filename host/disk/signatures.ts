// Other things that claim a disk, known by a magic text only: enough to say what would be overwritten.

import { type Place, type Volume, volume } from './volume'

interface Signature {
  readonly type: string
  readonly title: string
  readonly at: number
  readonly magic: string
}

/** Each from the header of its driver in Linux (include/uapi/linux/magic.h, fs/*) or from its maker's documentation. */
const SIGNATURES: readonly Signature[] = [
  { type: 'BitLocker', title: 'BitLocker, encrypted', at: 3, magic: '-FVE-FS-' },
  { type: 'ReFS', title: 'ReFS', at: 3, magic: 'ReFS\0\0\0\0' },
  { type: 'apfs', title: 'APFS container', at: 32, magic: 'NXSB' },
  { type: 'hfsplus', title: 'HFS+', at: 1024, magic: 'H+\0\x04' },
  { type: 'hfsplus', title: 'HFSX', at: 1024, magic: 'HX\0\x05' },
  { type: 'f2fs', title: 'F2FS', at: 1024, magic: '\x10\x20\xf5\xf2' },
  { type: 'erofs', title: 'EROFS', at: 1024, magic: '\xe2\xe1\xf5\xe0' },
  { type: 'squashfs', title: 'SquashFS', at: 0, magic: 'hsqs' },
  { type: 'cramfs', title: 'cramfs', at: 0, magic: '\x45\x3d\xcd\x28' },
  { type: 'jfs', title: 'JFS', at: 32768, magic: 'JFS1' },
  { type: 'reiserfs', title: 'ReiserFS', at: 65536 + 52, magic: 'ReIsEr' },
  { type: 'bcache', title: 'bcache', at: 4096 + 24, magic: '\xc6\x85\x73\xf6\x4e\x1a\x45\xca' },
  { type: 'mac', title: 'Apple partition map', at: 512, magic: 'PM\0\0' },
  { type: 'bsd', title: 'BSD disk label', at: 512, magic: '\x57\x45\x56\x82' },
]

export function recogniseSignature({ window, head }: Place): Volume | null {
  const found = SIGNATURES.find(({ at, magic }) => head.has(at, magic))
  return found ? volume(window, found.at, { type: found.type, title: found.title }) : null
}
