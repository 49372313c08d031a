// BIN: the raw sectors of a CD, 2352 bytes each, or 2448 with the subchannel, and no sheet that says what they are. What they are is in them.

import {
  FIRST_FRAME,
  framesOfBcd,
  HEADER,
  hasSync,
  MODE,
  RAW_BYTES,
  SUBCHANNEL_BYTES,
} from '../../hardware/optical/cdSector'
import type { Disc, Storage, TrackKind } from '../cd/disc'
import { DiscBuilder } from '../cd/discBuilder'
import { DiscImage, withFiles } from '../cd/discImage'
import { RawWriter } from '../cd/rawWriter'

import { refuseMoreThanFits, sectorsOf } from '../cue/cueWriter'
import type { ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { NewFiles } from '../newFiles'

const STRIDES = [RAW_BYTES, RAW_BYTES + SUBCHANNEL_BYTES]

export const binFormat: ImageFormat = {
  name: 'bin',
  title: 'BIN: the raw 2352-byte sectors of a CD, without a sheet',
  extensions: ['bin'],
  options: [],
  recognises: (head) =>
    hasSync(head) && (head.length < 2 * RAW_BYTES || STRIDES.some((stride) => hasSync(head, stride))),
  open: (path) =>
    withFiles((opened) => {
      const file = ImageFile.open(path)
      opened.push(file)
      return new DiscImage(binFormat, opened, layOutBin(file))
    }),
  create: async (path, image) => {
    if (image.sectorBytes < 2048) {
      throw new ImageInputError('bin holds the sectors of a CD, and the disk has smaller ones: is raw meant?')
    }
    const { sectors, sourceBytes } = sectorsOf('bin', image)
    refuseMoreThanFits('bin', sectors)
    const files = new NewFiles()
    return new RawWriter(files, files.create(path), { sectors, sourceBytes, storedBytes: RAW_BYTES })
  },
}

/** One track, of what its first sector is. */
function layOutBin(file: ImageFile): Disc {
  const builder = new DiscBuilder(file.path)
  const head = file.readBytes(0, Math.min(file.sizeBytes, RAW_BYTES + SUBCHANNEL_BYTES + 12), 'the first sector')
  if (head.length < RAW_BYTES) throw file.damage(0, `it has no sector: it ends after ${head.length} bytes`)
  const hasSubchannel = !hasSync(head, RAW_BYTES) && hasSync(head, RAW_BYTES + SUBCHANNEL_BYTES)
  const strideBytes = hasSubchannel ? RAW_BYTES + SUBCHANNEL_BYTES : RAW_BYTES
  const storage: Storage = { mainBytes: RAW_BYTES, strideBytes, hasSubchannel }
  const kind: TrackKind = hasSync(head) ? (head[MODE] === 2 ? 'mode 2' : 'mode 1') : 'audio'
  // A track out of the middle of a disc keeps its addresses.
  const frames = kind === 'audio' ? FIRST_FRAME : framesOfBcd(head, HEADER)
  const start = Math.max(0, frames - FIRST_FRAME)
  builder.lba = start
  const sectors = Math.floor(file.sizeBytes / strideBytes)
  builder.addStored({ track: 1, kind, sectors, file, offsetBytes: 0, storage })
  if (file.sizeBytes !== sectors * strideBytes) {
    builder.problem(file.path, sectors * strideBytes, 'the file ends inside a sector')
  }
  const indexes = [{ number: 1, lba: start }]
  const track = { number: 1, session: 1, kind, indexes, endLba: builder.lba, isrc: '', notes: [] }
  return builder.build([track], [['subchannel', hasSubchannel ? 'yes, mixed' : 'none']])
}
