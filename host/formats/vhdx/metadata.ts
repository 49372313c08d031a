// Metadata of a VHDX: [MS-VHDX] 2.6. A table of items, each with a GUID; the items lie behind it in the same region.

import type { ByteSource } from '../blocks/byteSource'
import { guidBytes, guidText } from '../blocks/guid'
import { KIB, MIB, type Region } from './headers'

const TABLE_BYTES = 64 * KIB
const ITEMS_MAX = 2047
const LOCATOR_BYTES_MAX = 64 * KIB

const FILE_PARAMETERS = 'caa16737-fa36-4d43-b3b6-33f0aa44e76b'
const DISK_SIZE = '2fa54224-cd1b-4876-b211-5dbed83bf4b8'
const DISK_ID = 'beca12ab-b2e6-4523-93ef-c309e000c746'
const LOGICAL_SECTOR = '8141bf1d-a96f-4709-ba47-f233a8faab5f'
const PHYSICAL_SECTOR = 'cda348c7-445d-4471-9cc9-e9885251c556'
const PARENT_LOCATOR = 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c'
const KNOWN = new Set([FILE_PARAMETERS, DISK_SIZE, DISK_ID, LOGICAL_SECTOR, PHYSICAL_SECTOR, PARENT_LOCATOR])
/** Of a parent locator that has paths of VHDX files. */
const LOCATOR_TYPE = 'b04aefb7-d19e-4a81-b789-25b8e9445913'

const IS_VIRTUAL_DISK = 2
const IS_REQUIRED = 4
const LEAVE_BLOCKS_ALLOCATED = 1
const HAS_PARENT = 2

export interface Metadata {
  readonly blockBytes: number
  readonly isFixed: boolean
  readonly diskBytes: number
  readonly diskId: Uint8Array
  readonly logicalSectorBytes: number
  readonly physicalSectorBytes: number
  /** Names and paths of the parent; null: there is none. */
  readonly parent: ReadonlyMap<string, string> | null
}

export function readMetadata(file: ByteSource, region: Region): Metadata {
  const items = readItems(file, region)
  const item = (guid: string, bytes: number, what: string): Buffer => {
    const found = items.get(guid)
    if (!found) throw file.damage(region.offsetBytes, `the metadata have no ${what}`)
    if (found.lengthBytes !== bytes) throw file.damage(found.offsetBytes, `the ${what} has ${found.lengthBytes} bytes`)
    return Buffer.from(file.readBytes(found.offsetBytes, bytes, what))
  }
  const parameters = item(FILE_PARAMETERS, 8, 'file parameters')
  const flags = parameters.readUInt32LE(4)
  const metadata = {
    blockBytes: parameters.readUInt32LE(0),
    isFixed: (flags & LEAVE_BLOCKS_ALLOCATED) !== 0,
    diskBytes: Number(item(DISK_SIZE, 8, 'size of the disk').readBigUInt64LE(0)),
    diskId: item(DISK_ID, 16, 'id of the disk'),
    logicalSectorBytes: item(LOGICAL_SECTOR, 4, 'logical sector size').readUInt32LE(0),
    physicalSectorBytes: item(PHYSICAL_SECTOR, 4, 'physical sector size').readUInt32LE(0),
    parent: (flags & HAS_PARENT) === 0 ? null : readLocator(file, items.get(PARENT_LOCATOR)),
  }
  const text = impossible(metadata)
  if (text !== null) throw file.damage(region.offsetBytes, text)
  return metadata
}

function impossible({ blockBytes, diskBytes, logicalSectorBytes, physicalSectorBytes }: Metadata): string | null {
  if (!(blockBytes >= MIB && blockBytes <= 256 * MIB && Number.isInteger(Math.log2(blockBytes)))) {
    return `blocks of ${blockBytes} bytes: expected a power of two from 1 MiB to 256 MiB`
  }
  for (const bytes of [logicalSectorBytes, physicalSectorBytes]) {
    if (bytes !== 512 && bytes !== 4096) return `sectors of ${bytes} bytes: expected 512 or 4096`
  }
  const isPossible = diskBytes <= 64 * 2 ** 40 && diskBytes % logicalSectorBytes === 0
  return isPossible ? null : `a disk of ${diskBytes} bytes cannot be`
}

function readItems(file: ByteSource, { offsetBytes, lengthBytes }: Region): ReadonlyMap<string, Region> {
  if (lengthBytes < TABLE_BYTES) throw file.damage(offsetBytes, `a metadata region of ${lengthBytes} bytes cannot be`)
  const table = Buffer.from(file.readBytes(offsetBytes, TABLE_BYTES, 'the metadata table'))
  if (table.toString('latin1', 0, 8) !== 'metadata') throw file.damage(offsetBytes, 'no metadata table')
  const count = table.readUInt16LE(10)
  if (count > ITEMS_MAX) throw file.damage(offsetBytes + 10, `a metadata table of ${count} entries cannot be`)
  const items = new Map<string, Region>()
  for (let entry = 0; entry < count; entry++) {
    const at = 32 + 32 * entry
    const guid = guidText(table.subarray(at, at + 16))
    const [start, length, flags] = [16, 20, 24].map((field) => table.readUInt32LE(at + field)) as [
      number,
      number,
      number,
    ]
    if (!KNOWN.has(guid)) {
      if ((flags & IS_REQUIRED) === 0) continue
      throw file.damage(offsetBytes + at, `the metadata ${guid} are required, and not known`)
    }
    if (start < TABLE_BYTES || start + length > lengthBytes || items.has(guid)) {
      throw file.damage(offsetBytes + at, `the metadata ${guid} are there twice, or cannot be at ${start}`)
    }
    items.set(guid, { offsetBytes: offsetBytes + start, lengthBytes: length })
  }
  const inOrder = [...items.values()].sort((left, right) => left.offsetBytes - right.offsetBytes)
  for (const [index, { offsetBytes: start }] of inOrder.entries()) {
    const before = inOrder[index - 1]
    if (before && start < before.offsetBytes + before.lengthBytes) throw file.damage(start, 'two metadata overlap')
  }
  return items
}

/** Keys and values, both in UTF-16: [MS-VHDX] 2.6.2.6. */
function readLocator(file: ByteSource, item: Region | undefined): ReadonlyMap<string, string> {
  if (!item) throw file.damage(0, 'the disk has a parent, and no locator of it')
  const { offsetBytes, lengthBytes } = item
  if (lengthBytes < 20 || lengthBytes > LOCATOR_BYTES_MAX) {
    throw file.damage(offsetBytes, `a parent locator of ${lengthBytes} bytes cannot be`)
  }
  const bytes = Buffer.from(file.readBytes(offsetBytes, lengthBytes, 'the parent locator'))
  const type = guidText(bytes.subarray(0, 16))
  if (type !== LOCATOR_TYPE) throw file.damage(offsetBytes, `a parent locator of type ${type} is not known`)
  const values = new Map<string, string>()
  const text = (start: number, length: number): string => bytes.toString('utf16le', start, start + length)
  for (let entry = 0; entry < bytes.readUInt16LE(18); entry++) {
    const at = 20 + 12 * entry
    if (at + 12 > lengthBytes) throw file.damage(offsetBytes, 'the parent locator ends inside its entries')
    const key = text(bytes.readUInt32LE(at), bytes.readUInt16LE(at + 8))
    values.set(key, text(bytes.readUInt32LE(at + 4), bytes.readUInt16LE(at + 10)))
  }
  return values
}

export function encodeMetadata(metadata: Metadata): Uint8Array {
  const bytes = Buffer.alloc(MIB)
  bytes.write('metadata', 0, 'latin1')
  let entries = 0
  let end = TABLE_BYTES
  const add = (guid: string, flags: number, value: Uint8Array): void => {
    const at = 32 + 32 * entries++
    bytes.set(guidBytes(guid), at)
    bytes.writeUInt32LE(end, at + 16)
    bytes.writeUInt32LE(value.length, at + 20)
    bytes.writeUInt32LE(flags, at + 24)
    bytes.set(value, end)
    end += value.length
  }
  const { blockBytes, isFixed, diskBytes, diskId, logicalSectorBytes, physicalSectorBytes, parent } = metadata
  const flags = (isFixed ? LEAVE_BLOCKS_ALLOCATED : 0) | (parent ? HAS_PARENT : 0)
  add(FILE_PARAMETERS, IS_REQUIRED, new Uint8Array(Uint32Array.of(blockBytes, flags).buffer))
  add(DISK_SIZE, IS_REQUIRED | IS_VIRTUAL_DISK, new Uint8Array(BigUint64Array.of(BigInt(diskBytes)).buffer))
  add(DISK_ID, IS_REQUIRED | IS_VIRTUAL_DISK, diskId)
  add(LOGICAL_SECTOR, IS_REQUIRED | IS_VIRTUAL_DISK, new Uint8Array(Uint32Array.of(logicalSectorBytes).buffer))
  add(PHYSICAL_SECTOR, IS_REQUIRED | IS_VIRTUAL_DISK, new Uint8Array(Uint32Array.of(physicalSectorBytes).buffer))
  if (parent) add(PARENT_LOCATOR, IS_REQUIRED, encodeLocator(parent))
  bytes.writeUInt16LE(entries, 10)
  return bytes
}

function encodeLocator(values: ReadonlyMap<string, string>): Uint8Array {
  const head = Buffer.alloc(20 + 12 * values.size)
  head.set(guidBytes(LOCATOR_TYPE), 0)
  head.writeUInt16LE(values.size, 18)
  const texts: Buffer[] = []
  let end = head.length
  for (const [entry, [key, value]] of [...values].entries()) {
    const pair = [Buffer.from(key, 'utf16le'), Buffer.from(value, 'utf16le')] as const
    const at = 20 + 12 * entry
    head.writeUInt32LE(end, at)
    head.writeUInt32LE(end + pair[0].length, at + 4)
    head.writeUInt16LE(pair[0].length, at + 8)
    head.writeUInt16LE(pair[1].length, at + 10)
    texts.push(...pair)
    end += pair[0].length + pair[1].length
  }
  return Buffer.concat([head, ...texts])
}
