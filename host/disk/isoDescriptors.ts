// The volume descriptors of ISO 9660: ECMA-119 section 8 (4th edition), Joliet ("Joliet Specification", 1995), and the boot record of "El
// Torito" (Bootable CD-ROM Format Specification 1.0).
//
//   sector 16, 17, ...    0      1         6         7
//                         +------+---------+---------+----------
//                         | type | "CD001" | version | ...           ended by a descriptor of type 255
//                         +------+---------+---------+----------

import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'

export const ISO_SECTOR_BYTES = 2048
const FIRST_SECTOR = 16
/** Real ones have three or four. */
const DESCRIPTORS_MAX = 64
const TYPE_BOOT = 0
const TYPE_PRIMARY = 1
const TYPE_SUPPLEMENTARY = 2
const TYPE_END = 255
/** ECMA-119 8.4.18: the record of the root directory. */
const ROOT_RECORD = 156
/** Joliet: escape sequences of UCS-2, levels 1 to 3. */
const JOLIET_ESCAPES = ['%/@', '%/C', '%/E']

export interface IsoDescriptors {
  readonly primary: Bytes
  readonly joliet: Bytes | null
  /** The sector of the boot catalogue. */
  readonly bootCatalogSector: number | null
  readonly notes: readonly string[]
}

export async function readIsoDescriptors(window: DiskWindow): Promise<IsoDescriptors | null> {
  let primary: Bytes | null = null
  let joliet: Bytes | null = null
  let bootCatalogSector: number | null = null
  let hasEnd = false
  for (let index = 0; index < DESCRIPTORS_MAX && !hasEnd; index++) {
    const block = await window.read((FIRST_SECTOR + index) * ISO_SECTOR_BYTES, ISO_SECTOR_BYTES)
    if (!block?.has(1, 'CD001')) break
    const type = block.u8(0)
    if (type === TYPE_PRIMARY) primary ??= block
    if (type === TYPE_SUPPLEMENTARY && JOLIET_ESCAPES.some((sequence) => block.has(88, sequence))) joliet ??= block
    if (type === TYPE_BOOT && block.has(7, 'EL TORITO SPECIFICATION')) bootCatalogSector ??= block.u32(71)
    hasEnd = type === TYPE_END
  }
  if (!primary) return null
  return { primary, joliet, bootCatalogSector, notes: hasEnd ? [] : ['its volume descriptors have no end'] }
}

export function logicalBlockBytes(primary: Bytes): number {
  return primary.u16(128)
}

export function rootRecord(descriptor: Bytes): Bytes {
  return descriptor.slice(ROOT_RECORD, 34)
}

/** El Torito, 2.0: who can boot this, from the validation entry and the headers of sections. */
export async function bootPlatforms(window: DiskWindow, sector: number): Promise<string[]> {
  const catalog = await window.read(sector * ISO_SECTOR_BYTES, ISO_SECTOR_BYTES)
  if (catalog?.u8(0) !== 1 || catalog.u8(30) !== 0x55 || catalog.u8(31) !== 0xaa) return []
  const platforms = [catalog.u8(1)]
  let at = 64
  while (at + 32 <= catalog.length) {
    const id = catalog.u8(at)
    if (id !== 0x90 && id !== 0x91) break
    platforms.push(catalog.u8(at + 1))
    at += 32 * (1 + catalog.u16(at + 2))
    if (id === 0x91) break
  }
  return [...new Set(platforms.map(platformName))]
}

function platformName(platform: number): string {
  // El Torito, 2.1; UEFI 2.10 section 13.3.2.1 for EFh.
  const names: Readonly<Record<number, string>> = { 0: 'x86 BIOS', 1: 'PowerPC', 2: 'Mac', 239: 'UEFI' }
  return names[platform] ?? `platform ${platform}`
}

/** ECMA-119 8.4.26.1: 16 digits and an offset from Greenwich in quarters of an hour; null where there are none. */
export function longTime(block: Bytes, at: number): string | null {
  const digits = block.latin1(at, 16)
  if (!/^\d{16}$/.test(digits) || /^0+$/.test(digits)) return null
  return digits.replace(/^(....)(..)(..)(..)(..)(..)(..)$/, '$1-$2-$3-$4-$5-$6-$7')
}
