// Reading a VDI: a map says of each block which one in the file it is.

import { BlockImage, breathe, type Place } from '../blocks/blockImage'
import { Claims } from '../blocks/claims'
import { FileTable } from '../blocks/fileTable'
import { flatPlace, holesOf } from '../blocks/flatPlace'
import { guidText } from '../blocks/guid'
import { DamagedImage } from '../damagedImage'
import type { Finding } from '../format'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import type { HoleMap } from '../raw/holeMap'
import { vdiFormat } from './vdiFormat'
import { DISCARDED, HEADER_BYTES, parseVdiHeader, SECTOR_BYTES, UNUSED, type VdiHeader } from './vdiHeader'

const BLOCKS_A_BREATH = 1024

export class VdiImage extends BlockImage {
  readonly format = vdiFormat
  readonly diskBytes: number
  readonly files: readonly string[]
  readonly details: readonly (readonly [string, string])[]
  readonly #map: FileTable

  constructor(
    private readonly file: ImageFile,
    private readonly header: VdiHeader,
    /** A static image has a place for each block, also for zeros. */
    private readonly holes: HoleMap | null,
  ) {
    super()
    const { diskBytes, mapOffsetBytes, dataOffsetBytes, blocks, blockBytes, type, id } = header
    this.diskBytes = diskBytes
    this.files = [file.path]
    this.details = [
      ['subformat', type],
      ['block size', `${blockBytes}`],
      ['id', guidText(id)],
    ]
    this.#map = new FileTable(file, { offsetBytes: mapOffsetBytes, entries: blocks, entryBytes: 4, what: 'block map' })
    if (mapOffsetBytes < HEADER_BYTES) throw file.damage(0x154, `the block map cannot be at ${mapOffsetBytes}`)
    if (dataOffsetBytes < this.#map.offsetOf(blocks) || dataOffsetBytes % SECTOR_BYTES !== 0) {
      throw file.damage(0x158, `blocks cannot begin at ${dataOffsetBytes}`)
    }
  }

  placeAt(offsetBytes: number): Place {
    const { blockBytes, extraBytes } = this.header
    const block = Math.floor(offsetBytes / blockBytes)
    const startBytes = block * blockBytes
    const endBytes = startBytes + blockBytes
    const offset = this.#blockOffset(block)
    if (offset === null) return { kind: 'zero', endBytes }
    const { file, holes } = this
    return flatPlace({ file, holes, startBytes, endBytes, fileOffsetBytes: offset + extraBytes }, offsetBytes)
  }

  /** null: zeros. */
  #blockOffset(block: number): number | null {
    const entry = this.#map.u32(block)
    if (entry === UNUSED || entry === DISCARDED) return null
    const { dataOffsetBytes, blockBytes, extraBytes, diskBytes } = this.header
    const offset = dataOffsetBytes + entry * (blockBytes + extraBytes)
    const used = Math.min(blockBytes, diskBytes - block * blockBytes)
    if (offset + extraBytes + used <= this.file.sizeBytes) return offset
    throw this.file.damage(this.#map.offsetOf(block), `block ${block} cannot be at ${offset}`)
  }

  async check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    const { file, header, diskBytes } = this
    const { blockBytes, extraBytes, blocks, blocksStored, dataOffsetBytes } = header
    const spanBytes = blockBytes + extraBytes
    const claims = new Claims(spanBytes, SECTOR_BYTES)
    let stored = 0
    for (let block = 0; block < blocks; block++) {
      if (block % BLOCKS_A_BREATH === 0 && !(await breathe(signal))) return
      const disk = { startBytes: block * blockBytes, endBytes: Math.min((block + 1) * blockBytes, diskBytes) }
      const damage = (fileOffsetBytes: number, text: string): void =>
        report({ kind: 'damage', file: file.path, fileOffsetBytes, disk, text })
      try {
        const offset = this.#blockOffset(block)
        if (offset === null) continue
        stored++
        const place = this.#map.offsetOf(block)
        if (claims.claim(offset) !== null) damage(place, `block ${block} at ${offset} is another block's, too`)
      } catch (error) {
        if (!(error instanceof DamagedImage)) throw error
        damage(error.fileOffsetBytes, error.text)
      }
    }
    if (stored !== blocksStored) {
      const text = `${stored} blocks are stored; the header says ${blocksStored}`
      report({ kind: 'damage', file: file.path, fileOffsetBytes: 0x184, disk: null, text })
    }
    const unused = file.sizeBytes - dataOffsetBytes - stored * spanBytes
    if (unused >= spanBytes) {
      const text = `${unused} bytes in no block`
      report({ kind: 'leak', file: file.path, fileOffsetBytes: dataOffsetBytes, disk: null, text })
    }
  }

  close(): void {
    this.file.close()
  }
}

export async function openVdi(path: string): Promise<VdiImage> {
  const file = ImageFile.open(path)
  try {
    const header = parseVdiHeader(file.readBytes(0, HEADER_BYTES, 'the header'))
    if (typeof header === 'string') throw file.damage(0, header)
    if (header.type !== 'dynamic' && header.type !== 'static') {
      // It has the parent's UUID, and no path: VirtualBox keeps them in its registry.
      throw new ImageInputError(`${path} is a VDI of type ${header.type}, which does not say where its parent is`)
    }
    return new VdiImage(file, header, await holesOf(path))
  } catch (error) {
    file.close()
    throw error
  }
}
