// The subchannels of a mastered CD, raw: 96 bytes a sector, each with one bit of P (highest) to W (ECMA-130, 22). Only Q says something here: the
// address, in its mode 1, with its CRC.

import { LEAD_FRAMES } from './cdEncoder'

export const SUBCHANNEL_BYTES = 96

export interface TrackPlace {
  readonly track: number
  readonly firstLba: number
  readonly isData: boolean
}

export function encodeSubchannels(lba: number, { track, firstLba, isData }: TrackPlace): Uint8Array {
  const q = new Uint8Array(12)
  // Control 0100b: data, copying not permitted; 0000b: two channels of audio. ADR 1: an address. Index 1: the track itself.
  q.set([isData ? 0x41 : 0x01, bcd(track), 1, ...addressOf(lba - firstLba), 0, ...addressOf(lba + LEAD_FRAMES)])
  const crc = ~crc16(q.subarray(0, 10)) & 0xffff
  q.set([crc >> 8, crc & 0xff], 10)
  return Uint8Array.from({ length: SUBCHANNEL_BYTES }, (_, at) => ((q[at >> 3]! >> (7 - (at & 7))) & 1) << 6)
}

/** x^16 + x^12 + x^5 + 1, highest bit first, begun with 0. */
export function crc16(bytes: Uint8Array): number {
  let register = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = ((register >> 15) ^ (byte >> bit)) & 1
      register = ((register << 1) & 0xffff) ^ (carry ? 0x1021 : 0)
    }
  }
  return register
}

function addressOf(frame: number): [number, number, number] {
  return [bcd(Math.floor(frame / 4500)), bcd(Math.floor(frame / 75) % 60), bcd(frame % 75)]
}

function bcd(value: number): number {
  return Math.floor(value / 10) * 16 + (value % 10)
}
