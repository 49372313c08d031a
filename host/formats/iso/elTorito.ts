// The boot catalog ("El Torito" Bootable CD-ROM Format Specification 1.0): entries of 32 bytes.
//
//   validation entry: 1, platform, ..., checksum at 28, 0x55, 0xaa
//   default entry:    0x88 = bootable, medium, load segment, type, sectors of 512 bytes at 6, first sector at 8
//   section header:   0x90, or 0x91 for the last one, platform, count of entries at 2
//   section entry:    as the default entry; 0x44: an extension of it

import type { ReportProblem } from './problem'
import { SECTOR_BYTES, type VolumeSectors } from './volumeSectors'

const ENTRY_BYTES = 32
const PLATFORMS: ReadonlyMap<number, string> = new Map([
  [0, 'PC BIOS'],
  [1, 'PowerPC'],
  [2, 'Macintosh'],
  [0xef, 'UEFI'],
])

export interface BootEntry {
  readonly platform: string
  readonly sector: number
}

/** The bootable entries of the catalog's first sector. */
export async function readBootCatalog(
  sectors: VolumeSectors,
  sector: number,
  report: ReportProblem,
): Promise<BootEntry[]> {
  const at = sector * SECTOR_BYTES
  const view = await sectors.read(sector)
  if (!view) {
    report(at, 'the boot catalog lies outside the image')
    return []
  }
  if (!isValid(view)) {
    report(at, 'the boot catalog has no valid first entry: its checksum or its key is wrong')
    return []
  }
  const entries: BootEntry[] = []
  let platform = view.getUint8(1)
  for (let offset = ENTRY_BYTES; offset < SECTOR_BYTES; offset += ENTRY_BYTES) {
    const kind = view.getUint8(offset)
    if (kind === 0x90 || kind === 0x91) platform = view.getUint8(offset + 1)
    if (kind !== 0x88) continue
    const first = view.getUint32(offset + 8, true)
    entries.push({ platform: PLATFORMS.get(platform) ?? `platform ${platform}`, sector: first })
    const bytes = Math.max(1, view.getUint16(offset + 6, true)) * 512
    const end = first * SECTOR_BYTES + bytes
    if (end > sectors.sizeBytes) report(at + offset, `a boot image ends at byte ${end}, behind the image`)
  }
  return entries
}

/** The 16-bit words of the validation entry add up to zero. */
function isValid(view: DataView): boolean {
  let sum = 0
  for (let offset = 0; offset < ENTRY_BYTES; offset += 2) sum += view.getUint16(offset, true)
  return view.getUint8(0) === 1 && view.getUint16(30) === 0x55aa && (sum & 0xffff) === 0
}
