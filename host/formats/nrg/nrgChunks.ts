// The chunks at the end of a Nero image. There is no published specification; the layout is the one that libcdio (lib/driver/image/nrg.h)
// and libmirage (image-nrg.h) document. All numbers have the high byte first.
//
//   sectors ... | chunk: name (4), length (4), content | ... | END! | NER5, offset of the first chunk (8), or NERO, offset (4)
//
//   CUEX, CUES  8 a point:   control and ADR, track (BCD), index (BCD), 0, sector (CUES: 0, minute, second, frame)
//   DAOX, DAOI  22, then 42 or 30 a track: ISRC (12), bytes a sector (2), mode, 3 others, where the gap, the track and its end are (8 or 4)
//   ETN2, ETNF  32 or 20 a track: offset (8 or 4), bytes (8 or 4), mode (4), sector (4), 0 (8 or 4)
//   SINF        4: the tracks of a session, behind the other chunks of it

import type { ImageFile } from '../imageFile'

const CHUNK_HEAD = 8
/** 99 tracks, their points, and all of a disc's CD-TEXT are far less. */
const CHUNKS_BYTES_MAX = 1 << 20

export interface NrgChunk {
  readonly name: string
  readonly view: DataView
  readonly offsetBytes: number
}

export interface NrgFooter {
  readonly isWide: boolean
  readonly bytes: number
}

export function footerOf(tail: Uint8Array): NrgFooter | null {
  const nameAt = (fromEnd: number) => String.fromCharCode(...tail.subarray(tail.length - fromEnd).subarray(0, 4))
  if (tail.length >= 12 && nameAt(12) === 'NER5') return { isWide: true, bytes: 12 }
  return tail.length >= 8 && nameAt(8) === 'NERO' ? { isWide: false, bytes: 8 } : null
}

export function readChunks(file: ImageFile): NrgChunk[] {
  const tail = file.readBytes(file.sizeBytes - Math.min(12, file.sizeBytes), Math.min(12, file.sizeBytes), 'the footer')
  const footer = footerOf(tail)
  if (!footer) throw file.damage(file.sizeBytes, 'it does not end with a footer of Nero')
  const end = file.sizeBytes - footer.bytes
  const view = new DataView(tail.buffer)
  const start = footer.isWide ? Number(view.getBigUint64(4)) : view.getUint32(tail.length - 4)
  if (!(start < end && end - start <= CHUNKS_BYTES_MAX)) {
    throw file.damage(end, `the footer says that the chunks begin at byte ${start}, and they cannot`)
  }
  const bytes = file.readBytes(start, end - start, 'the chunks')
  const chunks: NrgChunk[] = []
  for (let at = 0; ; ) {
    if (at + CHUNK_HEAD > bytes.length) throw file.damage(start + at, 'the chunks have no end')
    const name = String.fromCharCode(...bytes.subarray(at, at + 4))
    const length = new DataView(bytes.buffer).getUint32(at + 4)
    if (at + CHUNK_HEAD + length > bytes.length)
      throw file.damage(start + at, `chunk ${name} is longer than all of them`)
    chunks.push({ name, view: new DataView(bytes.buffer, at + CHUNK_HEAD, length), offsetBytes: start + at })
    if (name === 'END!') return chunks
    at += CHUNK_HEAD + length
  }
}
