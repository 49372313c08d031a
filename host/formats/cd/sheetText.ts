// The text of a sheet: cue and CloneCD files are written in UTF-8, or in some 8-bit set of old.

import type { ImageFile } from '../imageFile'

/** A sheet of 99 tracks with all their indexes and texts is far smaller. */
const SHEET_BYTES_MAX = 1 << 20

export function readSheet(file: ImageFile): string {
  if (file.sizeBytes > SHEET_BYTES_MAX) throw file.damage(0, `it is no sheet: it has ${file.sizeBytes} bytes`)
  return sheetText(file.readBytes(0, file.sizeBytes, 'the sheet'))
}

export function sheetText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('latin1').decode(bytes)
  }
}
