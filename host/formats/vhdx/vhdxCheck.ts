// What of a VHDX can be checked: both headers and region tables, and that everything in the file has a place of its own. Blocks have no checksum.

import { breathe } from '../blocks/blockImage'
import { Claims } from '../blocks/claims'
import { isZero } from '../blocks/zeros'
import { DamagedImage } from '../damagedImage'
import type { Finding } from '../format'
import { type BatEntry, BITMAP_BYTES, parseEntry, State } from './bat'
import { MIB } from './headers'
import type { VhdxImage } from './vhdxImage'

type Report = (finding: Finding) => void
type Disk = Finding['disk']
type Damage = (fileOffsetBytes: number, disk: Disk, text: string) => void

const ENTRIES_A_BREATH = 1024

export async function checkVhdx(image: VhdxImage, report: Report, signal?: AbortSignal): Promise<void> {
  const { file, header, regions, warnings, parent } = image.parts
  const damage = (fileOffsetBytes: number, disk: Disk, text: string): void =>
    report({ kind: 'damage', file: file.path, fileOffsetBytes, disk, text })
  for (const { fileOffsetBytes, text } of warnings) damage(fileOffsetBytes, null, text)
  const places = new Places()
  places.claim(0, MIB)
  for (const { offsetBytes, lengthBytes } of [
    ...regions,
    { offsetBytes: header.logOffsetBytes, lengthBytes: header.logBytes },
  ]) {
    if (!places.claim(offsetBytes, lengthBytes))
      damage(offsetBytes, null, `the region at ${offsetBytes} overlaps another`)
  }
  for (let index = 0; index < image.table.entries; index++) {
    if (index % ENTRIES_A_BREATH === 0 && !(await breathe(signal))) return
    if (image.table.u64(index) === 0n) continue
    try {
      checkEntry(image, index, places, damage)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      damage(error.fileOffsetBytes, diskOf(image, index), error.text)
    }
  }
  const unused = places.unused(file.sizeBytes)
  if (unused) {
    const { offsetBytes, bytes } = unused
    report({
      kind: 'leak',
      file: file.path,
      fileOffsetBytes: offsetBytes,
      disk: null,
      text: `${bytes} bytes in no block`,
    })
  }
  await parent?.check(report, signal)
}

function checkEntry(image: VhdxImage, index: number, places: Places, damage: Damage) {
  const { shape, table, parts } = image
  const block = shape.blockOf(index)
  const at = table.offsetOf(index)
  if (index >= shape.entries) {
    damage(at, null, 'an entry behind the last block is not empty')
    return
  }
  if (block === null) {
    const entry = parseEntry(table.u64(index))
    if (!parts.parent && entry?.state !== State.notPresent)
      damage(at, null, 'a sector bitmap in a disk without a parent')
    if (!parts.parent) return
    const offset = image.bitmapOffset(Math.floor(index / (shape.blocksPerChunk + 1)))
    if (offset !== null && !places.claimBlock(offset, BITMAP_BYTES))
      damage(at, null, `the sector bitmap at ${offset} overlaps`)
    return
  }
  const { state, offsetBytes } = image.blockEntry(block)
  if (state !== State.present && state !== State.partial) {
    if (offsetBytes >= MIB) checkKept(image, index, { state, offsetBytes }, places, damage)
    return
  }
  if (state === State.partial) image.bitmapOf(block)
  const { blockBytes } = parts.metadata
  // The last block may end with the disk.
  const bytes = Math.min(blockBytes, Math.max(0, parts.file.sizeBytes - offsetBytes))
  if (!places.claimBlock(offsetBytes, bytes)) {
    damage(at, diskOf(image, index), `block ${block} at ${offsetBytes} overlaps something else`)
  }
}

/** A block without data may keep its place. Is it said to be zeros, there must be none. */
function checkKept(image: VhdxImage, index: number, { state, offsetBytes }: BatEntry, places: Places, damage: Damage) {
  const { file, metadata } = image.parts
  const end = Math.min(offsetBytes + metadata.blockBytes, file.sizeBytes)
  places.claimBlock(offsetBytes, Math.max(0, end - offsetBytes))
  for (let at = offsetBytes; state === State.zero && at < end; at += MIB) {
    if (isZero(file.readBytes(at, Math.min(MIB, end - at), 'a block'))) continue
    damage(image.table.offsetOf(index), diskOf(image, index), `a block of zeros has data at ${at}`)
    return
  }
}

function diskOf({ shape, parts, diskBytes }: VhdxImage, index: number): Disk {
  const block = index < shape.entries ? shape.blockOf(index) : null
  if (block === null) return null
  const startBytes = block * parts.metadata.blockBytes
  return { startBytes, endBytes: Math.min(startBytes + parts.metadata.blockBytes, diskBytes) }
}

/** Everything lies at whole MiB. */
class Places {
  readonly #claims = new Claims(MIB, MIB)
  readonly #regions: { readonly start: number; readonly end: number }[] = []
  #blocksBytes = 0
  /** Where the first block is. */
  #blocksStart = Number.POSITIVE_INFINITY

  /** False: some of it is something else's. */
  claim(offsetBytes: number, lengthBytes: number): boolean {
    this.#regions.push({ start: offsetBytes, end: offsetBytes + lengthBytes })
    return this.#claimAll(offsetBytes, lengthBytes)
  }

  claimBlock(offsetBytes: number, lengthBytes: number): boolean {
    this.#blocksStart = Math.min(this.#blocksStart, offsetBytes)
    this.#blocksBytes += lengthBytes
    return this.#claimAll(offsetBytes, lengthBytes)
  }

  /** Behind the first block: before it others leave room. Not counted one by one: a log may say that the file has any size. */
  unused(fileBytes: number): { readonly offsetBytes: number; readonly bytes: number } | null {
    const offsetBytes = this.#blocksStart
    if (offsetBytes >= fileBytes) return null
    const behind = this.#regions.map(({ start, end }) => Math.max(0, end - Math.max(start, offsetBytes)))
    const bytes = fileBytes - offsetBytes - this.#blocksBytes - behind.reduce((sum, length) => sum + length, 0)
    return bytes >= MIB ? { offsetBytes, bytes } : null
  }

  #claimAll(offsetBytes: number, lengthBytes: number): boolean {
    let isFree = true
    for (let at = offsetBytes; at < offsetBytes + lengthBytes; at += MIB)
      isFree = this.#claims.claim(at) === null && isFree
    return isFree
  }
}
