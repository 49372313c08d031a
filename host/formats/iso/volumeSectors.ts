// The sectors of a volume, one at a time. Numbers of sectors come from the volume itself: one that lies outside gives null.

import type { SectorReader } from '../../disk/sectorReader'

/** ECMA-119 6.1.2 and ECMA-167 3/8.1.2: what a logical sector of an optical disc has. */
export const SECTOR_BYTES = 2048

/** ECMA-119 6.2.1: the system area is before it; the descriptors begin here. ECMA-167 3/8.3 has its own at the same place. */
export const FIRST_DESCRIPTOR = 16

export class VolumeSectors {
  constructor(private readonly disk: SectorReader) {}

  get sizeBytes(): number {
    return this.disk.diskBytes
  }

  async read(sector: number): Promise<DataView | null> {
    const offset = sector * SECTOR_BYTES
    if (!(sector >= 0 && offset + SECTOR_BYTES <= this.disk.diskBytes)) return null
    const bytes = new Uint8Array(SECTOR_BYTES)
    await this.disk.read(offset, bytes)
    return new DataView(bytes.buffer)
  }
}

/** Printable text of a fixed field, without the blanks that fill it. */
export function textOf(view: DataView, offset: number, length: number): string {
  let text = ''
  for (let at = offset; at < offset + length; at++) {
    const code = view.getUint8(at)
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : code >= 0xa0 ? String.fromCharCode(code) : ' '
  }
  return text.trim()
}

/** The same of 16-bit characters, the high byte first (Joliet; 16-bit compressed strings of UDF). */
export function wideTextOf(view: DataView, offset: number, length: number): string {
  let text = ''
  for (let at = offset; at + 1 < offset + length; at += 2) {
    const code = view.getUint16(at)
    text += code >= 0x20 && !(code >= 0x7f && code < 0xa0) ? String.fromCharCode(code) : ' '
  }
  return text.trim()
}
