// A Video CD by vcdimager: sectors of mode 2, forms 1 and 2, whose EDC and parities another program made. Its stream is as little of
// MPEG-1 (ISO/IEC 11172-1 and -2) as vcdimager takes: packs of one picture each.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runToolOk } from './tools'

/** ISO/IEC 11172-1: 2324 bytes, what a form 2 sector holds. */
const PACK_BYTES = 2324

/** Makes NAME.bin and NAME.cue. */
export function makeVideoCd(folder: string, name: string): void {
  const stream = join(folder, 'stream.mpg')
  makeVideoCdStream(stream)
  const outputs = [`--cue-file=${join(folder, name)}.cue`, `--bin-file=${join(folder, name)}.bin`]
  runToolOk('vcdimager', ['--type=vcd2', ...outputs, stream])
}

export function makeVideoCdStream(path: string): void {
  writeFileSync(path, Buffer.concat(Array.from({ length: 200 }, (_, index) => pack(index))))
}

function pack(index: number): Buffer {
  const clock = index * 3600
  const muxRate = 3528
  const bytes = Buffer.alloc(PACK_BYTES)
  bytes.set([0, 0, 1, 0xba, ...timestamp(2, clock / 3)])
  bytes.set([0x80 | (muxRate >> 15), (muxRate >> 7) & 0xff, ((muxRate << 1) & 0xfe) | 1], 9)
  let at = 12
  if (index === 0) {
    bytes.set([0, 0, 1, 0xbb, 0, 9, 0x80, 0x1b, 0x91, 0, 0x60, 0xff, 0xe0, 0xe0, 0x2e], at)
    at += 15
  }
  bytes.set([0, 0, 1, 0xe0], at)
  bytes.writeUInt16BE(PACK_BYTES - at - 6, at + 4)
  bytes.set(timestamp(2, clock), at + 6)
  bytes.set(index % 10 === 0 ? [...SEQUENCE, ...GROUP, ...PICTURE] : PICTURE, at + 11)
  return bytes
}

/** 352 x 288, 25 pictures a second. */
const SEQUENCE = [0, 0, 1, 0xb3, 0x16, 0x01, 0x20, 0x83, 0x02, 0xce, 0x20, 0xa4]
const GROUP = [0, 0, 1, 0xb8, 0, 8, 0, 0x40]
const PICTURE = [0, 0, 1, 0, 0, 0x0f, 0xff, 0xf8]

function timestamp(prefix: number, time: number): number[] {
  const part = (shift: number) => Math.floor(time / 2 ** shift)
  return [
    (prefix << 4) | ((part(30) & 7) << 1) | 1,
    part(22) & 0xff,
    (part(14) & 0xfe) | 1,
    part(7) & 0xff,
    ((part(0) << 1) & 0xfe) | 1,
  ]
}
