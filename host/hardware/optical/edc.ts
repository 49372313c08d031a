// The error detection code of a CD sector (ECMA-130, 14.3): a CRC of (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1), the lowest bit of each
// byte first, from zero on.

import { reflectedTable } from '../crc'

/** The product, x^31 in the lowest bit. */
const POLYNOMIAL = 0xd8018001

const TABLE = reflectedTable(POLYNOMIAL)

export function edcOf(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 0xff]!
  return crc >>> 0
}

/** The code that is written at `at`, the low byte first. */
export function storedEdc(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

export function putEdc(bytes: Uint8Array, at: number, edc: number): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = edc >>> (8 * index)
}
