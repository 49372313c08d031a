// The subchannels of a mastered CD, raw: 96 bytes a sector, each with one bit of P (highest) to W (ECMA-130, 22). Only Q says something here: the
// address, in its mode 1, with its CRC.

import { crc16 } from '../crc'
import { bcdOfFrames, FIRST_FRAME, SUBCHANNEL_BYTES, toBcd } from './cdSector'

export const Q_BYTES = 12
/** Where its CRC is, the high byte first. */
export const Q_CRC = 10

export interface TrackPlace {
  readonly track: number
  readonly firstLba: number
  readonly isData: boolean
}

export function encodeSubchannels(lba: number, { track, firstLba, isData }: TrackPlace): Uint8Array {
  const q = new Uint8Array(Q_BYTES)
  // Control 0100b: data, copying not permitted; 0000b: two channels of audio. ADR 1: an address. Index 1: the track itself.
  q.set([isData ? 0x41 : 0x01, toBcd(track), 1, ...bcdOfFrames(lba - firstLba), 0, ...bcdOfFrames(lba + FIRST_FRAME)])
  const crc = qCrc(q)
  q.set([crc >> 8, crc & 0xff], Q_CRC)
  return Uint8Array.from({ length: SUBCHANNEL_BYTES }, (_, at) => ((q[at >> 3]! >> (7 - (at & 7))) & 1) << 6)
}

/** The CRC of a Q: of all before it, inverted. */
export function qCrc(q: Uint8Array): number {
  return ~crc16(q.subarray(0, Q_CRC)) & 0xffff
}
