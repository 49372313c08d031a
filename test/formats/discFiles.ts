// Raw sectors for tests of images of CDs: around data, in each mode, and audio.

import { FIRST_FRAME, FORM2_EDC, putHeader, RAW_BYTES, SUBHEADER, toBcd } from '../../host/hardware/optical/cdSector'
import { edcOf, putEdc } from '../../host/hardware/optical/edc'
import { encodeMode1, putForm1 } from '../../host/hardware/optical/encodeSector'
import { qCrc } from '../../host/hardware/optical/subchannels'

import { smallIso } from './smallIso'

export const RAW = RAW_BYTES

/** Data in mode 1 sectors. */
export function mode1Track(data: Uint8Array, firstLba = 0): Buffer {
  const sectors: Uint8Array[] = []
  for (let at = 0; at < data.length; at += 2048)
    sectors.push(encodeMode1(firstLba + at / 2048, data.slice(at, at + 2048)))
  return Buffer.concat(sectors)
}

/** Data in mode 2 form 1 sectors. */
export function form1Track(data: Uint8Array, firstLba = 0): Buffer {
  const sectors = Buffer.alloc((data.length / 2048) * RAW)
  for (let at = 0; at < data.length; at += 2048) {
    const start = (at / 2048) * RAW
    putForm1(sectors.subarray(start, start + RAW), firstLba + at / 2048, data.subarray(at, at + 2048))
  }
  return sectors
}

export function form2Sector(lba: number, hasEdc = true): Buffer {
  const sector = Buffer.alloc(RAW, 0x33)
  sector.fill(0, 12, 24)
  sector[SUBHEADER + 2] = 0x20
  sector[SUBHEADER + 6] = 0x20
  putEdc(sector, FORM2_EDC, hasEdc ? edcOf(sector, SUBHEADER, FORM2_EDC) : 0)
  putHeader(sector, lba, 2)
  return sector
}

/** Sectors of samples: bytes that no two sectors have in common. */
export function audioTrack(sectors: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sectors * RAW)
  for (let at = 0; at < bytes.length; at += 4)
    bytes.writeUInt32LE((Math.imul(at + 1, 2654435761) ^ seed) >>> 0 || 1, at)
  return bytes
}

export const smallIsoTrack = (): Buffer => mode1Track(smallIso())

/** Q of a sector: where it is. */
export function positionQ(lba: number, track: number, relative: number): Buffer {
  const q = Buffer.alloc(12)
  q.set([0x41, toBcd(track), 1, ...bcdTime(relative), 0, ...bcdTime(lba + FIRST_FRAME)])
  return withCrc(q)
}

/** Q with 13 digits. */
export function catalogQ(digits: string): Buffer {
  const q = Buffer.alloc(12)
  q[0] = 0x42
  for (const [index, digit] of [...digits].entries()) q[1 + (index >> 1)]! |= Number(digit) << (index % 2 === 0 ? 4 : 0)
  return withCrc(q)
}

export function isrcQ(isrc: string): Buffer {
  const q = Buffer.alloc(12)
  q[0] = 0x43
  let bits = ''
  for (const character of isrc.slice(0, 5)) bits += (character.charCodeAt(0) - 0x30).toString(2).padStart(6, '0')
  bits += '00'
  for (const digit of isrc.slice(5)) bits += Number(digit).toString(2).padStart(4, '0')
  for (const [index, bit] of [...bits].entries()) if (bit === '1') q[1 + (index >> 3)]! |= 0x80 >> (index & 7)
  return withCrc(q)
}

function withCrc(q: Buffer): Buffer {
  q.writeUInt16BE(qCrc(q), 10)
  return q
}

function bcdTime(frames: number): number[] {
  return [Math.floor(frames / 4500), Math.floor(frames / 75) % 60, frames % 75].map(toBcd)
}

/** 96 bytes, one channel behind the other: P is empty, then Q. */
export function plainSubchannel(q: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(12), q, Buffer.alloc(72)])
}

/** The same as it is on the disc: P to W the bits of each byte. */
export function mixedSubchannel(q: Buffer, isPSet = false): Buffer {
  const bytes = Buffer.alloc(96, isPSet ? 0x80 : 0)
  for (let bit = 0; bit < 96; bit++) if (q[bit >> 3]! & (0x80 >> (bit & 7))) bytes[bit]! |= 0x40
  return bytes
}
