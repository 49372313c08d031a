// Opens a VHDX with all its parents. Its log is carried out first, in memory: nothing is written to the file.

import type { ByteSource } from '../blocks/byteSource'
import { holesOf } from '../blocks/flatPlace'
import { guidText } from '../blocks/guid'
import { type Chain, findParent } from '../blocks/parents'
import { ImageFile } from '../imageFile'
import {
  BAT_REGION,
  HEADER_BYTES,
  HEADER_OFFSETS,
  isVhdx,
  METADATA_REGION,
  NO_GUID,
  parseHeader,
  parseRegionTable,
  REGION_TABLE_BYTES,
  REGION_TABLE_OFFSETS,
  type Region,
  type VhdxHeader,
} from './headers'
import { readLog } from './log'
import { readMetadata } from './metadata'
import { ReplayedFile } from './replayedFile'
import { VhdxImage } from './vhdxImage'

type Warnings = { fileOffsetBytes: number; text: string }[]

/** Keys of a parent locator that are paths, the likeliest first. */
const PATH_KEYS = ['relative_path', 'absolute_win32_path', 'volume_path']

export async function openVhdx(path: string, chain: Chain = []): Promise<VhdxImage> {
  const image = ImageFile.open(path)
  let parent: VhdxImage | null = null
  try {
    if (!isVhdx(image.readBytes(0, 8, 'the file type'))) throw image.damage(0, 'no VHDX')
    const warnings: Warnings = []
    const header = currentHeader(image, warnings)
    const replay = guidText(header.logGuid) === NO_GUID ? null : readLog(image, header)
    if (replay?.hasNewer) {
      const text = 'the log has newer entries, and one before them is damaged: they are not carried out'
      warnings.push({ fileOffsetBytes: header.logOffsetBytes, text })
    }
    const file = replay ? new ReplayedFile(image, replay) : image
    const regions = readRegions(file, warnings)
    const metadata = readMetadata(file, region(file, regions, METADATA_REGION))
    if (metadata.parent) parent = await openParent(path, metadata.parent, chain)
    return new VhdxImage({
      file,
      header,
      bat: region(file, regions, BAT_REGION),
      regions: [...regions.values()],
      metadata,
      replayedEntries: replay?.entries ?? 0,
      warnings,
      holes: replay ? null : await holesOf(path),
      parent,
    })
  } catch (error) {
    parent?.close()
    image.close()
    throw error
  }
}

function currentHeader(file: ImageFile, warnings: Warnings): VhdxHeader {
  let current: VhdxHeader | null = null
  for (const offset of HEADER_OFFSETS) {
    const header = parseHeader(file.readBytes(offset, HEADER_BYTES, 'a header'))
    if (typeof header === 'string') warnings.push({ fileOffsetBytes: offset, text: header })
    else if (!current || header.sequence > current.sequence) current = header
  }
  if (current) return current
  throw file.damage(HEADER_OFFSETS[0], `neither header is valid: ${warnings.map(({ text }) => text).join('; ')}`)
}

function readRegions(file: ByteSource, warnings: Warnings): ReadonlyMap<string, Region> {
  const tables = REGION_TABLE_OFFSETS.map((offset) => file.readBytes(offset, REGION_TABLE_BYTES, 'a region table'))
  let found: ReadonlyMap<string, Region> | null = null
  const texts: string[] = []
  for (const [copy, bytes] of tables.entries()) {
    const regions = parseRegionTable(bytes)
    if (typeof regions !== 'string') found ??= regions
    else texts.push(regions)
    if (typeof regions === 'string') warnings.push({ fileOffsetBytes: REGION_TABLE_OFFSETS[copy]!, text: regions })
  }
  if (!found) throw file.damage(REGION_TABLE_OFFSETS[0], `neither region table is valid: ${texts.join('; ')}`)
  if (texts.length === 0 && Buffer.compare(tables[0]!, tables[1]!) !== 0) {
    warnings.push({ fileOffsetBytes: REGION_TABLE_OFFSETS[1], text: 'the region tables differ' })
  }
  return found
}

function region(file: ByteSource, regions: ReadonlyMap<string, Region>, guid: string): Region {
  const found = regions.get(guid)
  if (!found) throw file.damage(REGION_TABLE_OFFSETS[0], `there is no region ${guid}`)
  if (found.offsetBytes + found.lengthBytes <= file.sizeBytes) return found
  throw file.damage(REGION_TABLE_OFFSETS[0], `the region at ${found.offsetBytes} lies outside the file`)
}

function openParent(path: string, locator: ReadonlyMap<string, string>, chain: Chain): Promise<VhdxImage> {
  // The second is there while a parent is being changed into another one.
  const linkages = ['parent_linkage', 'parent_linkage2'].map((key) =>
    locator.get(key)?.replaceAll(/[{}]/g, '').toLowerCase(),
  )
  return findParent({
    childPath: path,
    names: PATH_KEYS.flatMap((key) => locator.get(key) ?? []),
    chain,
    open: openVhdx,
    isIt: (image) => linkages.includes(guidText(image.parts.header.dataWriteGuid)),
  })
}
