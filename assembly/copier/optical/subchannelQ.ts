// Subchannel Q of a sector of 2,448 bytes (ECMA-130, 22): behind the 2,352 bytes lie 96 more, each with one bit of every subchannel, P highest;
// so Q is bit 6 of each: 96 bits, highest first.
//
//   | control 4 | ADR 4 | 72 bits; with ADR 1: track, index, address in the track 3, zero, address on the disc 3 | CRC 16 |
//
// Nothing corrects it. A CRC tells whether it is right; a wrong one is counted, and copied as it is.

import { CD_SECTOR_BYTES } from './layout'

const SYMBOLS: u32 = 96
const CHECKED_BYTES: u32 = 10
/** x^16 + x^12 + x^5 + 1, begun with 0, stored inverted, highest byte first (22.3.3.4). */
const POLYNOMIAL: u32 = 0x1021
/** Control, highest four bits of the first byte: 01x0 is a track of data (22.3.1). */
const CONTROL_DATA: u8 = 0x40

const q: usize = memory.data(12, 4)

/** Takes Q out of a sector; whether its CRC is right. */
export function readQ(sector: usize): bool {
  memory.fill(q, 0, 12)
  for (let at: u32 = 0; at < SYMBOLS; at++) {
    const bit = (load<u8>(sector + CD_SECTOR_BYTES + at) >> 6) & 1
    store<u8>(q + (at >> 3), load<u8>(q + (at >> 3)) | (bit << (<u8>(7 - (at & 7)))))
  }
  let crc: u32 = 0
  for (let at: u32 = 0; at < CHECKED_BYTES; at++) {
    crc ^= (<u32>load<u8>(q + at)) << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1
  }
  return ((crc ^ 0xffff) & 0xffff) === (((<u32>load<u8>(q, 10)) << 8) | <u32>load<u8>(q, 11))
}

/** What the Q that was read last says of its sector. */
export function saysData(): bool {
  return (load<u8>(q) & CONTROL_DATA) !== 0
}
