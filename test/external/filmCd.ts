// A Video CD made by vcdimager: sectors of Mode 2, Form 1 and Form 2, by a program that we did not write.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runToolOk } from './tools'

/** Sectors of an MPEG-1 system stream on a Video CD hold one pack each. */
const PACK_BYTES = 2324
const PACKS = 60

/** The least that vcdimager takes for a film: a pack header, one video packet with a picture of noise, padding. */
function pack(clock: number): Uint8Array {
  const bytes = new Uint8Array(PACK_BYTES).fill(0xff)
  const scr = [0x21 | ((clock >> 29) & 0xe), (clock >> 22) & 0xff, ((clock >> 14) & 0xfe) | 1]
  bytes.set([0, 0, 1, 0xba, ...scr, (clock >> 7) & 0xff, ((clock << 1) & 0xfe) | 1, 0x80, 0x1b, 0x91])
  const sequence = [0, 0, 1, 0xb3, 0x16, 0x01, 0x20, 0x83, 0x02, 0xce, 0x20, 0xa4]
  const group = [0, 0, 1, 0xb8, 0x80, 0x08, 0x00, 0x40]
  const picture = [0, 0, 1, 0x00, 0x00, 0x0f, 0xff, 0xf8]
  const slice = Array.from({ length: 1500 }, (_, at) => ((at * 37 + clock) & 0x7f) | 2)
  const stream = [...sequence, ...group, ...picture, 0, 0, 1, 0x01, ...slice]
  const packetBytes = stream.length + 1
  bytes.set([0, 0, 1, 0xe0, packetBytes >> 8, packetBytes & 0xff, 0x0f, ...stream], 12)
  const padding = 12 + 6 + packetBytes
  const paddingBytes = PACK_BYTES - padding - 6
  bytes.set([0, 0, 1, 0xbe, paddingBytes >> 8, paddingBytes & 0xff, 0x0f], padding)
  return bytes
}

/** Raw sectors of 2,352 bytes, from LBA 0 on. */
export function makeVideoCd(folder: string): Buffer {
  const film = join(folder, 'film.mpg')
  writeFileSync(film, Buffer.concat(Array.from({ length: PACKS }, (_, at) => pack(at * 1200))))
  const image = join(folder, 'film.bin')
  runToolOk('vcdimager', ['-t', 'vcd11', '-b', image, '-c', join(folder, 'film.cue'), film])
  return readFileSync(image)
}
