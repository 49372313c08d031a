// Subchannel Q of a sector (ECMA-130, 22.3; IEC 60908): 96 bits.
//
//   0 control (4 bits), ADR (4 bits) | 1 .. 9 data | 10 CRC, inverted, the high byte first
//   ADR 1: 1 track, 2 index, 3 time in the track, 6 zero, 7 time on the disc
//   ADR 2: 1 catalog number, 13 digits, 9 frame
//   ADR 3: 1 ISRC: 5 characters of 6 bits, 2 bits, 7 digits, 9 frame

import { framesOfBcd, fromBcd, SUBCHANNEL_BYTES } from '../../hardware/optical/cdSector'
import { Q_BYTES, Q_CRC, qCrc } from '../../hardware/optical/subchannels'
import { isZero } from '../blocks/zeros'

const LEAD_OUT = 0xaa

export type Q =
  | { readonly kind: 'position'; readonly track: number; readonly index: number; readonly frames: number }
  | { readonly kind: 'catalog' | 'isrc'; readonly text: string }
  | { readonly kind: 'other'; readonly adr: number }
  /** All zeros: nobody has written one. */
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged' }

/** Q of 96 bytes of subchannel: one channel behind the other, or mixed, P to W the bits of each byte from the highest on. */
export function qOf(subchannel: Uint8Array, isMixed: boolean): Uint8Array {
  if (!isMixed) return subchannel.subarray(Q_BYTES, 2 * Q_BYTES)
  const q = new Uint8Array(Q_BYTES)
  for (let bit = 0; bit < SUBCHANNEL_BYTES; bit++) if (subchannel[bit]! & 0x40) q[bit >> 3]! |= 0x80 >> (bit & 7)
  return q
}

export function decodeQ(q: Uint8Array): Q {
  if (isZero(q)) return { kind: 'none' }
  if (qCrc(q) !== ((q[Q_CRC]! << 8) | q[Q_CRC + 1]!)) return { kind: 'damaged' }
  const adr = q[0]! & 15
  if (adr === 1) {
    const track = q[1] === LEAD_OUT ? LEAD_OUT : fromBcd(q[1]!)
    return { kind: 'position', track, index: fromBcd(q[2]!), frames: framesOfBcd(q, 7) }
  }
  if (adr === 2) return { kind: 'catalog', text: digits(q, 1, 0, 13) }
  return adr === 3 ? { kind: 'isrc', text: isrcOf(q) } : { kind: 'other', adr }
}

/** Digits of four bits each, `skip` of them left out. */
function digits(q: Uint8Array, at: number, skip: number, count: number): string {
  let text = ''
  for (let nibble = skip; nibble < skip + count; nibble++) {
    const byte = q[at + (nibble >> 1)]!
    const digit = nibble % 2 === 0 ? byte >> 4 : byte & 15
    text += digit < 10 ? String(digit) : '?'
  }
  return text
}

/** IEC 60908: the characters are 0 to 9 as they are, and A to Z from 17 on: ASCII without 0x30. */
function isrcOf(q: Uint8Array): string {
  let text = ''
  for (let index = 0; index < 5; index++) {
    const bit = 8 + 6 * index
    const pair = (q[bit >> 3]! << 8) | q[(bit >> 3) + 1]!
    const code = (pair >> (10 - (bit & 7))) & 0x3f
    const isKnown = code < 10 || (code >= 17 && code < 43)
    text += isKnown ? String.fromCharCode(code + 0x30) : '?'
  }
  return text + digits(q, 5, 0, 7)
}
