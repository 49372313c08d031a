// What a mastering machine does: user data become sectors of 2,352 bytes, with sync, address, EDC and the parity of the product code
// (ECMA-130, 14 and annex A; the forms of Mode 2 as in MMC-6 4.2.3.8).
//
// It shares nothing with the microcode that checks such sectors but the standard, so that one judges the other.

export const CD_SECTOR_BYTES = 2352
export const CD_USER_BYTES = 2048
export const CD_FORM2_BYTES = 2324
/** Frames before LBA 0: the program area begins at 00:02:00 (MMC-6 table 16). */
export const LEAD_FRAMES = 150

const SUBMODE_DATA = 0x08
const SUBMODE_FORM2 = 0x20

export function encodeMode1(lba: number, data: Uint8Array): Uint8Array {
  const sector = newSector(lba, 1)
  sector.set(data.subarray(0, CD_USER_BYTES), 16)
  putEdc(sector, 0, 2064)
  putParity(sector)
  return sector
}

/** `subheader`: file number, channel, submode, coding; it is stored twice. */
export function encodeForm1(lba: number, data: Uint8Array, subheader = [0, 0, SUBMODE_DATA, 0]): Uint8Array {
  const sector = newSector(lba, 2)
  sector.set([...subheader, ...subheader], 16)
  sector.set(data.subarray(0, CD_USER_BYTES), 24)
  putEdc(sector, 16, 2072)
  // The address is no part of the code: a sector may be copied to another place.
  const header = sector.slice(12, 16)
  sector.fill(0, 12, 16)
  putParity(sector)
  sector.set(header, 12)
  return sector
}

export function encodeForm2(
  lba: number,
  data: Uint8Array,
  hasEdc = true,
  subheader = [0, 0, SUBMODE_FORM2, 0],
): Uint8Array {
  const sector = newSector(lba, 2)
  sector.set([...subheader, ...subheader], 16)
  sector.set(data.subarray(0, CD_FORM2_BYTES), 24)
  if (hasEdc) putEdc(sector, 16, 2348)
  return sector
}

export function encodeMode0(lba: number): Uint8Array {
  return newSector(lba, 0)
}

function newSector(lba: number, mode: number): Uint8Array {
  const sector = new Uint8Array(CD_SECTOR_BYTES)
  sector.fill(0xff, 1, 11)
  const frame = lba + LEAD_FRAMES
  sector.set([bcd(Math.floor(frame / 4500)), bcd(Math.floor(frame / 75) % 60), bcd(frame % 75), mode], 12)
  return sector
}

function bcd(value: number): number {
  return Math.floor(value / 10) * 16 + (value % 10)
}

/** ECMA-130, 14.3: x^32 + x^31 + x^16 + x^15 + x^4 + x^3 + x + 1, the lowest bit of each byte first. */
export function edcOf(bytes: Uint8Array): number {
  let register = 0
  for (const byte of bytes) register = (register >>> 8) ^ EDC_OF_BYTE[(register ^ byte) & 0xff]!
  return register >>> 0
}

const EDC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let register = byte
  for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (register & 1 ? 0xd8018001 : 0)
  return register
})

function putEdc(sector: Uint8Array, start: number, end: number): void {
  new DataView(sector.buffer, sector.byteOffset).setUint32(end, edcOf(sector.subarray(start, end)), true)
}

/** Times alpha in the field of x^8 + x^4 + x^3 + x^2 + 1. */
function timesAlpha(value: number): number {
  return value & 0x80 ? ((value << 1) ^ 0x11d) & 0xff : value << 1
}

/** ECMA-130, annex A: the bytes of each code word, P first, then Q, which covers P as well. Word n is bytes 12 + 2n and 13 + 2n. */
const CODE_WORDS: readonly Uint16Array[] = [0, 1].flatMap((half) => {
  const at = (word: number): number => 12 + 2 * word + half
  const columns = Array.from({ length: 43 }, (_, column) =>
    Uint16Array.from({ length: 26 }, (_, row) => at(43 * row + column)),
  )
  const diagonals = Array.from({ length: 26 }, (_, diagonal) => {
    const words = Array.from({ length: 43 }, (_, step) => (44 * step + 43 * diagonal) % 1118)
    return Uint16Array.from([...words, 43 * 26 + diagonal, 44 * 26 + diagonal].map(at))
  })
  return [...columns, ...diagonals]
})

function putParity(sector: Uint8Array): void {
  for (const offsets of CODE_WORDS) putTwo(sector, offsets)
}

/** 1 / (1 + alpha): found by trying, once. */
const ONE_PLUS_ALPHA_INVERSE = (() => {
  for (let candidate = 1; ; candidate++) if ((timesAlpha(candidate) ^ candidate) === 1) return candidate
})()

function product(a: number, b: number): number {
  let sum = 0
  for (let bit = 7; bit >= 0; bit--) sum = timesAlpha(sum) ^ ((b >> bit) & 1 ? a : 0)
  return sum
}

/** Chooses the last two bytes so that the sum of all is 0, and the sum with weights alpha^(n-1) ... alpha, 1 as well. */
function putTwo(sector: Uint8Array, offsets: Uint16Array): void {
  const [last, end] = [offsets.length - 2, offsets.length - 1]
  let sum = 0
  let weighed = 0
  for (let i = 0; i < last; i++) {
    const value = sector[offsets[i]!]!
    sum ^= value
    weighed = timesAlpha(weighed) ^ value
  }
  weighed = timesAlpha(timesAlpha(weighed))
  // a + b = sum, alpha a + b = weighed.
  const a = product(sum ^ weighed, ONE_PLUS_ALPHA_INVERSE)
  sector[offsets[last]!] = a
  sector[offsets[end]!] = sum ^ a
}
