// Where the samples are in a WAVE file ("Multimedia Programming Interface and Data Specifications 1.0", RIFF), if they are a CD's: 44,100 of
// two channels and 16 bits a second.

import type { ImageFile } from '../imageFile'

const CHUNK_HEAD = 8
const CHUNKS_MAX = 1000
const PCM = 1
const EXTENSIBLE = 0xfffe

export function samplesOfWave(file: ImageFile): { readonly startBytes: number; readonly endBytes: number } {
  const head = new DataView(file.readBytes(0, 12, 'the head of a WAVE file').buffer)
  if (head.getUint32(0) !== 0x52494646 || head.getUint32(8) !== 0x57415645) throw file.damage(0, 'it is no WAVE file')
  let isCd = false
  let at = 12
  for (let count = 0; count < CHUNKS_MAX; count++) {
    const chunk = new DataView(file.readBytes(at, CHUNK_HEAD, 'the head of a chunk').buffer)
    const bytes = chunk.getUint32(4, true)
    const start = at + CHUNK_HEAD
    if (chunk.getUint32(0) === 0x666d7420)
      isCd = isCdFormat(new DataView(file.readBytes(start, 16, 'the format').buffer))
    if (chunk.getUint32(0) === 0x64617461) {
      if (!isCd) throw file.damage(start, 'its samples are not those of a CD: 44100 Hz, 16 bits, two channels')
      if (start + bytes > file.sizeBytes)
        throw file.damage(start, `its samples are cut off: ${bytes} bytes are to be here`)
      return { startBytes: start, endBytes: start + bytes }
    }
    at = start + bytes + (bytes % 2)
  }
  throw file.damage(at, 'no samples are in it')
}

function isCdFormat(format: DataView): boolean {
  const code = format.getUint16(0, true)
  const isPcm = code === PCM || code === EXTENSIBLE
  return (
    isPcm && format.getUint16(2, true) === 2 && format.getUint32(4, true) === 44100 && format.getUint16(14, true) === 16
  )
}
