// What of a VHD can be checked: both footers, the table, the bitmaps. Data have no checksum.

import { bitAt, endOfRun } from '../blocks/bitRun'
import { breathe } from '../blocks/blockImage'
import { Claims } from '../blocks/claims'
import { isZero } from '../blocks/zeros'
import { DamagedImage } from '../damagedImage'
import type { Finding } from '../format'
import { modifiedSeconds } from './parent'
import { bitmapBytesOf, FOOTER_BYTES, SECTOR_BYTES, UNUSED } from './structures'
import type { VhdImage } from './vhdImage'

type Report = (finding: Finding) => void

const BLOCKS_A_BREATH = 256

export async function checkVhd(image: VhdImage, report: Report, signal?: AbortSignal): Promise<void> {
  const { parts } = image
  const { file, footer, footerDamage, footerOffsetBytes, header } = parts
  const say = (kind: Finding['kind'], fileOffsetBytes: number, text: string): void =>
    report({ kind, file: file.path, fileOffsetBytes, disk: null, text })
  if (footerDamage !== null) say('damage', Math.max(0, file.sizeBytes - FOOTER_BYTES), footerDamage)
  if (!header) {
    const between = footerOffsetBytes - footer.diskBytes
    if (between > 0) say('leak', footer.diskBytes, `${between} bytes between the disk and the footer`)
    return
  }
  if (footerDamage === null) {
    const [head, tail] = [0, footerOffsetBytes].map((at) => file.readBytes(at, FOOTER_BYTES - 1, 'the footer'))
    if (Buffer.compare(head!, tail!) !== 0) say('damage', 0, 'the copy of the footer differs from the footer')
  }
  await checkBlocks(image, report, signal)
  if (parts.parent) {
    const { modifiedSeconds: expected } = header.parent
    const path = parts.parent.files[0]!
    if (expected !== 0 && modifiedSeconds(path) !== expected) {
      say('damage', footer.headerOffsetBytes, `the parent ${path} has been changed since, or copied without its time`)
    }
    await parts.parent.check(report, signal)
  }
}

async function checkBlocks(image: VhdImage, report: Report, signal?: AbortSignal): Promise<void> {
  const { file, header, footer, footerOffsetBytes } = image.parts
  const { blockBytes } = header!
  const table = image.table!
  const spanBytes = bitmapBytesOf(blockBytes) + blockBytes
  const claims = new Claims(spanBytes, SECTOR_BYTES)
  let [used, first] = [0, footerOffsetBytes]
  for (let block = 0; block < table.entries; block++) {
    if (block % BLOCKS_A_BREATH === 0 && !(await breathe(signal))) return
    const startBytes = block * blockBytes
    const disk = { startBytes, endBytes: Math.min(startBytes + blockBytes, footer.diskBytes) }
    const damage = (fileOffsetBytes: number, text: string): void =>
      report({ kind: 'damage', file: file.path, fileOffsetBytes, disk, text })
    if (startBytes >= footer.diskBytes) {
      if (table.u32BigEndian(block) !== UNUSED) damage(table.offsetOf(block), `block ${block} lies behind the disk`)
      continue
    }
    try {
      const offset = image.blockOffset(block)
      if (offset === null) continue
      const other = claims.claim(offset)
      if (other !== null) damage(table.offsetOf(block), `block ${block} at ${offset} overlaps the block at ${other}`)
      used += spanBytes
      first = Math.min(first, offset)
      const text = footer.type === 'dynamic' ? hiddenData(image, block, offset) : null
      if (text !== null) damage(offset, text)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      damage(error.fileOffsetBytes, error.text)
    }
  }
  const unused = footerOffsetBytes - first - used
  if (unused >= spanBytes) {
    report({ kind: 'leak', file: file.path, fileOffsetBytes: first, disk: null, text: `${unused} bytes in no block` })
  }
}

/** A sector that says it was never written must have nothing in it. */
function hiddenData(image: VhdImage, block: number, blockOffset: number): string | null {
  const { file, header, footer } = image.parts
  const bitmap = image.bitmap(block, blockOffset)
  const diskSectors = (footer.diskBytes - block * header!.blockBytes) / SECTOR_BYTES
  const sectors = Math.min(header!.blockBytes / SECTOR_BYTES, diskSectors)
  const dataOffset = blockOffset + bitmapBytesOf(header!.blockBytes)
  for (let sector = 0; sector < sectors; ) {
    const end = endOfRun(bitmap, sector, sectors, 'high bit first')
    if (!bitAt(bitmap, sector, 'high bit first')) {
      const hidden = file.readBytes(dataOffset + sector * SECTOR_BYTES, (end - sector) * SECTOR_BYTES, 'data')
      if (!isZero(hidden)) return `block ${block} has data in sectors that its bitmap says were never written`
    }
    sector = end
  }
  return null
}
