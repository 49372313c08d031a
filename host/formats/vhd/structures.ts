// Footer and dynamic header of a VHD: Microsoft, "Virtual Hard Disk Image Format Specification", version 1.0 (2006). Numbers are big-endian.
//
//   fixed    | data | footer |
//   dynamic  | copy of the footer | dynamic header | block allocation table | block ... | footer |
//   block    | sector bitmap, filled up to whole sectors | data |

import type { DiskGeometry } from './geometry'

export const SECTOR_BYTES = 512
export const FOOTER_BYTES = 512
export const HEADER_BYTES = 1024
/** An entry of the block allocation table: the block is not there. */
export const UNUSED = 0xffff_ffff

const VERSION = 0x0001_0000
/** "Reserved: this bit must always be set to 1." */
const FEATURES = 2
const NO_OFFSET = 0xffff_ffff_ffff_ffffn

const DISK_TYPES = new Map([
  [2, 'fixed'],
  [3, 'dynamic'],
  [4, 'differencing'],
] as const)
export type DiskType = 'fixed' | 'dynamic' | 'differencing'

export interface Footer {
  readonly type: DiskType
  readonly diskBytes: number
  /** Of the dynamic header. */
  readonly headerOffsetBytes: number
  readonly creator: string
  readonly geometry: DiskGeometry
  readonly uniqueId: Uint8Array
}

export interface DynamicHeader {
  readonly tableOffsetBytes: number
  readonly tableEntries: number
  readonly blockBytes: number
  readonly parent: ParentReference
}

/** Empty in a dynamic disk. */
export interface ParentReference {
  readonly uniqueId: Uint8Array
  /** Seconds since 2000 UTC. */
  readonly modifiedSeconds: number
  readonly name: string
  readonly locators: readonly ParentLocator[]
}

export interface ParentLocator {
  /** `W2ru`: a relative path, `W2ku`: an absolute one, both in UTF-16, little-endian. */
  readonly platform: string
  readonly spaceBytes: number
  readonly lengthBytes: number
  readonly offsetBytes: number
}

/** The ones' complement of the sum of all bytes but those of the checksum itself. */
export function checksum(bytes: Uint8Array, checksumAt: number): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at++) if (at < checksumAt || at >= checksumAt + 4) sum += bytes[at]!
  return ~sum >>> 0
}

const FOOTER_CHECKSUM = 64
const HEADER_CHECKSUM = 36

/** What is wrong with it, as a text, when it is none. */
export function parseFooter(bytes: Uint8Array): Footer | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.toString('latin1', 0, 8) !== 'conectix') return 'no VHD footer'
  if (view.readUInt32BE(FOOTER_CHECKSUM) !== checksum(bytes, FOOTER_CHECKSUM))
    return 'the checksum of the footer is wrong'
  const version = view.readUInt32BE(12)
  if (version >>> 16 !== 1) return `the footer is of version ${version >>> 16}.${version & 0xffff}; known is 1.0`
  const type = DISK_TYPES.get(view.readUInt32BE(60) as 2 | 3 | 4)
  if (type === undefined) return `disk type ${view.readUInt32BE(60)} is none that VHD 1.0 knows`
  const diskBytes = Number(view.readBigUInt64BE(48))
  if (!Number.isSafeInteger(diskBytes) || diskBytes % SECTOR_BYTES !== 0)
    return `a disk of ${diskBytes} bytes cannot be`
  return {
    type,
    diskBytes,
    headerOffsetBytes: Number(view.readBigUInt64BE(16)),
    creator: view.toString('latin1', 28, 32),
    geometry: { cylinders: view.readUInt16BE(56), heads: bytes[58]!, sectors: bytes[59]! },
    uniqueId: bytes.slice(68, 84),
  }
}

export function encodeFooter(footer: Footer): Uint8Array {
  const bytes = Buffer.alloc(FOOTER_BYTES)
  bytes.write('conectix', 0, 'latin1')
  bytes.writeUInt32BE(FEATURES, 8)
  bytes.writeUInt32BE(VERSION, 12)
  bytes.writeBigUInt64BE(footer.type === 'fixed' ? NO_OFFSET : BigInt(footer.headerOffsetBytes), 16)
  bytes.write(footer.creator, 28, 'latin1')
  bytes.writeUInt32BE(VERSION, 32)
  bytes.write('Wi2k', 36, 'latin1')
  bytes.writeBigUInt64BE(BigInt(footer.diskBytes), 40)
  bytes.writeBigUInt64BE(BigInt(footer.diskBytes), 48)
  bytes.writeUInt16BE(footer.geometry.cylinders, 56)
  bytes.writeUInt8(footer.geometry.heads, 58)
  bytes.writeUInt8(footer.geometry.sectors, 59)
  bytes.writeUInt32BE({ fixed: 2, dynamic: 3, differencing: 4 }[footer.type], 60)
  bytes.set(footer.uniqueId, 68)
  bytes.writeUInt32BE(checksum(bytes, FOOTER_CHECKSUM), FOOTER_CHECKSUM)
  return bytes
}

/** The same: a text says what is wrong. */
export function parseHeader(bytes: Uint8Array): DynamicHeader | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.toString('latin1', 0, 8) !== 'cxsparse') return 'no dynamic disk header'
  if (view.readUInt32BE(HEADER_CHECKSUM) !== checksum(bytes, HEADER_CHECKSUM)) {
    return 'the checksum of the dynamic disk header is wrong'
  }
  const version = view.readUInt32BE(24)
  if (version >>> 16 !== 1) return `the dynamic disk header is of version ${version >>> 16}; known is 1`
  const blockBytes = view.readUInt32BE(32)
  if (blockBytes < 4096 || blockBytes > 1 << 30 || (blockBytes & (blockBytes - 1)) !== 0) {
    return `blocks of ${blockBytes} bytes: expected a power of two from 4 KiB to 1 GiB`
  }
  const locators = Array.from({ length: 8 }, (_, index) => parseLocator(view.subarray(576 + 24 * index)))
  return {
    tableOffsetBytes: Number(view.readBigUInt64BE(16)),
    tableEntries: view.readUInt32BE(28),
    blockBytes,
    parent: {
      uniqueId: bytes.slice(40, 56),
      modifiedSeconds: view.readUInt32BE(56),
      name: Buffer.from(view.subarray(64, 576)).swap16().toString('utf16le').replace(/\0.*$/s, ''),
      locators: locators.filter(({ platform }) => platform !== '\0\0\0\0'),
    },
  }
}

function parseLocator(view: Buffer): ParentLocator {
  return {
    platform: view.toString('latin1', 0, 4),
    spaceBytes: view.readUInt32BE(4),
    lengthBytes: view.readUInt32BE(8),
    offsetBytes: Number(view.readBigUInt64BE(16)),
  }
}

export function encodeHeader({ tableOffsetBytes, tableEntries, blockBytes, parent }: DynamicHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write('cxsparse', 0, 'latin1')
  bytes.writeBigUInt64BE(NO_OFFSET, 8)
  bytes.writeBigUInt64BE(BigInt(tableOffsetBytes), 16)
  bytes.writeUInt32BE(VERSION, 24)
  bytes.writeUInt32BE(tableEntries, 28)
  bytes.writeUInt32BE(blockBytes, 32)
  bytes.set(parent.uniqueId, 40)
  bytes.writeUInt32BE(parent.modifiedSeconds, 56)
  bytes.set(Buffer.from(parent.name.slice(0, 255), 'utf16le').swap16(), 64)
  for (const [index, locator] of parent.locators.entries()) {
    const at = 576 + 24 * index
    bytes.write(locator.platform, at, 'latin1')
    bytes.writeUInt32BE(locator.spaceBytes, at + 4)
    bytes.writeUInt32BE(locator.lengthBytes, at + 8)
    bytes.writeBigUInt64BE(BigInt(locator.offsetBytes), at + 16)
  }
  bytes.writeUInt32BE(checksum(bytes, HEADER_CHECKSUM), HEADER_CHECKSUM)
  return bytes
}

export const NO_PARENT: ParentReference = {
  uniqueId: new Uint8Array(16),
  modifiedSeconds: 0,
  name: '',
  locators: [],
}

/** In front of the data of a block. */
export function bitmapBytesOf(blockBytes: number): number {
  const bytes = blockBytes / SECTOR_BYTES / 8
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES
}
