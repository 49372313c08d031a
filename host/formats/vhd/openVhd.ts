// Opens a VHD with all its parents.

import { existsSync, realpathSync } from 'node:fs'
import { holesOf } from '../blocks/flatPlace'
import type { DamagedImage } from '../damagedImage'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { parentPaths } from './parent'
import { type DynamicHeader, FOOTER_BYTES, type Footer, HEADER_BYTES, parseFooter, parseHeader } from './structures'
import { VhdImage } from './vhdImage'

/** More children upon each other are a mistake. */
const CHAIN_MAX = 64

export async function openVhd(path: string, chain: readonly string[] = []): Promise<VhdImage> {
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
    if (header && found.footer.type === 'differencing')
      parent = await openParent(file, header, [...chain, realpathSync(path)])
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

async function openParent(file: ImageFile, { parent }: DynamicHeader, chain: readonly string[]): Promise<VhdImage> {
  if (chain.length > CHAIN_MAX) throw new ImageInputError(`${file.path} has more than ${CHAIN_MAX} ancestors`)
  const paths = parentPaths(file, parent)
  const others: string[] = []
  for (const path of paths) {
    if (!existsSync(path)) continue
    if (chain.includes(realpathSync(path))) throw file.damage(0, `${path} is its own ancestor`)
    const opened = await openOther(path, chain)
    if (opened instanceof VhdImage && Buffer.compare(opened.parts.footer.uniqueId, parent.uniqueId) === 0) return opened
    others.push(opened instanceof VhdImage ? `${path} is another disk` : opened.message)
    if (opened instanceof VhdImage) opened.close()
  }
  const found = others.length > 0 ? others.join('; ') : `looked for ${paths.join(', ') || 'nothing: it has no path'}`
  throw new ImageInputError(`the parent of ${file.path} is not there: ${found}`)
}

/** A parent that is there but cannot be opened is said, with the others that are not it. */
async function openOther(path: string, chain: readonly string[]): Promise<VhdImage | DamagedImage | ImageInputError> {
  try {
    return await openVhd(path, chain)
  } catch (error) {
    const { name } = error as Error
    if (name === 'DamagedImage' || name === 'ImageInputError') return error as DamagedImage | ImageInputError
    throw error
  }
}
