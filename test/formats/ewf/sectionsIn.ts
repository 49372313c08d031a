// The sections of one file of an E01, in their order.

import { FILE_HEADER_BYTES, readSection, type Section } from '../../../host/formats/ewf/sections'
import { ImageFile } from '../../../host/formats/imageFile'

export function sectionsIn(path: string): Section[] {
  const file = ImageFile.open(path)
  const sections: Section[] = []
  for (let start = FILE_HEADER_BYTES; start < file.sizeBytes; start = sections.at(-1)!.endBytes) {
    sections.push(readSection(file, start))
  }
  file.close()
  return sections
}
