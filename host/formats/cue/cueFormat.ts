// BIN/CUE: a sheet of text that says which tracks are where in which files of sectors.

import { pathBeside } from '../cd/besideFile'
import { DiscImage, withFiles } from '../cd/discImage'
import { readSheet, sheetText } from '../cd/sheetText'
import { DamagedImage } from '../damagedImage'
import type { ImageFormat } from '../format'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { type CueSource, layOutCue } from './cueLayout'
import { type CueFile, parseCueSheet } from './cueSheet'
import { CUE_OPTIONS, createCue } from './cueWriter'
import { samplesOfWave } from './wave'

const FILES_MAX = 99

export const cueFormat: ImageFormat = {
  name: 'cue',
  title: 'BIN/CUE: tracks of a CD, and the sheet that says where they are',
  extensions: ['cue'],
  options: CUE_OPTIONS,
  recognises: (head) => isCueText(sheetText(head)),
  open: (path) =>
    withFiles((opened) => {
      const sheetFile = ImageFile.open(path)
      opened.push(sheetFile)
      const sheet = parseCueSheet(path, readSheet(sheetFile))
      if (sheet.files.length > FILES_MAX) throw new DamagedImage(path, 0, `it names ${sheet.files.length} files`)
      const sources = sheet.files.map((file) => openSource(path, file, opened))
      return new DiscImage(cueFormat, opened, layOutCue(sheet, sources))
    }),
  create: createCue,
}

/** Text that has all three commands that no sheet is without. */
function isCueText(text: string): boolean {
  const commands = [
    /^\s*FILE\s.*\s\w+\s*$/im,
    /^\s*TRACK\s+\d\d?\s+\S+\s*$/im,
    /^\s*INDEX\s+\d\d?\s+\d+:\d\d:\d\d\s*$/im,
  ]
  return !text.includes('\0') && commands.every((command) => command.test(text))
}

function openSource(sheet: string, { name, type, offsetBytes }: CueFile, opened: ImageFile[]): CueSource {
  if (!['BINARY', 'MOTOROLA', 'WAVE'].includes(type)) {
    throw new ImageInputError(
      `${sheet}, at byte ${offsetBytes}: files of type ${type} are not read; BINARY, MOTOROLA and WAVE are`,
    )
  }
  const file = ImageFile.open(pathBeside(sheet, name))
  opened.push(file)
  const samples = type === 'WAVE' ? samplesOfWave(file) : { startBytes: 0, endBytes: file.sizeBytes }
  return { file, ...samples, isSwapped: type === 'MOTOROLA' }
}
