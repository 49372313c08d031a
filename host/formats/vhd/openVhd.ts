// Opens a VHD with all its parents.

import { holesOf } from '../blocks/flatPlace'
import { type Chain, findParent } from '../blocks/parents'
import { ImageFile } from '../imageFile'
import { parentNames } from './parent'
import { type DynamicHeader, FOOTER_BYTES, type Footer, HEADER_BYTES, parseFooter, parseHeader } from './structures'
import { VhdImage } from './vhdImage'

export async function openVhd(path: string, chain: Chain = []): Promise<VhdImage> {
  const file = ImageFile.open(path)
  let parent: VhdImage | null = null
  try {
    const found = findFooter(file)
    const header = found.footer.type === 'fixed' ? null : readHeader(file, found.footer)
    if (!header && found.footer.diskBytes > found.footerOffsetBytes) {
      throw file.damage(
        found.footerOffsetBytes,
        `the disk has ${found.footer.diskBytes} bytes; the file ends before that`,
      )
    }
    if (header && found.footer.type === 'differencing') parent = await openParent(file, header, chain)
    return new VhdImage({ file, ...found, header, parent, holes: header ? null : await holesOf(path) })
  } catch (error) {
    parent?.close()
    file.close()
    throw error
  }
}

function findFooter(file: ImageFile): { footer: Footer; footerOffsetBytes: number; footerDamage: string | null } {
  const { sizeBytes } = file
  if (sizeBytes < FOOTER_BYTES - 1) throw file.damage(0, `a file of ${sizeBytes} bytes is too short for a VHD`)
  // "Versions previous to Microsoft Virtual PC 2004 create disk images that have a 511-byte disk footer."
  for (const footerBytes of [FOOTER_BYTES, FOOTER_BYTES - 1]) {
    if (sizeBytes < footerBytes) continue
    const footer = footerAt(file, sizeBytes - footerBytes, footerBytes)
    if (typeof footer !== 'string') return { footer, footerOffsetBytes: sizeBytes - footerBytes, footerDamage: null }
  }
  const tail = Math.max(0, sizeBytes - FOOTER_BYTES)
  const damage = footerAt(file, tail, sizeBytes - tail) as string
  const copy = sizeBytes >= FOOTER_BYTES + HEADER_BYTES ? footerAt(file, 0, FOOTER_BYTES) : 'none'
  if (typeof copy === 'string' || copy.type === 'fixed') throw file.damage(tail, damage)
  // Blocks may go on to the end of the file, if there is no footer.
  const isThere = Buffer.from(file.readBytes(tail, 8, 'the footer')).toString('latin1') === 'conectix'
  return { footer: copy, footerOffsetBytes: isThere ? tail : sizeBytes, footerDamage: damage }
}

export function footerAt(file: ImageFile, offsetBytes: number, length: number): Footer | string {
  const bytes = new Uint8Array(FOOTER_BYTES)
  file.readInto(offsetBytes, bytes.subarray(0, length), 'the footer')
  return parseFooter(bytes)
}

function readHeader(file: ImageFile, { headerOffsetBytes }: Footer): DynamicHeader {
  const header = parseHeader(file.readBytes(headerOffsetBytes, HEADER_BYTES, 'the dynamic disk header'))
  if (typeof header === 'string') throw file.damage(headerOffsetBytes, header)
  return header
}

function openParent(file: ImageFile, { parent }: DynamicHeader, chain: Chain): Promise<VhdImage> {
  return findParent({
    childPath: file.path,
    names: parentNames(file, parent),
    chain,
    open: openVhd,
    isIt: (image) => Buffer.compare(image.parts.footer.uniqueId, parent.uniqueId) === 0,
  })
}
