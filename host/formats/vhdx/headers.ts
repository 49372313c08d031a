// The first MiB of a VHDX: Microsoft, [MS-VHDX] "Virtual Hard Disk v2 (VHDX) File Format", 2.2. Numbers are little-endian.
//
//   0 file type | 64 KiB header | 128 KiB header | 192 KiB region table | 256 KiB region table | 1 MiB: log, metadata, BAT, blocks
//
// Of the headers the valid one with the greater sequence number counts. The region tables are the same twice.

import { crc32c, without } from '../../disk/checksums'
import { guidText } from '../blocks/guid'

export const KIB = 1 << 10
export const MIB = 1 << 20
export const HEADER_OFFSETS = [64 * KIB, 128 * KIB] as const
export const HEADER_BYTES = 4 * KIB
export const REGION_TABLE_OFFSETS = [192 * KIB, 256 * KIB] as const
export const REGION_TABLE_BYTES = 64 * KIB

export const NO_GUID = '00000000-0000-0000-0000-000000000000'
export const BAT_REGION = '2dc27766-f623-4200-9d64-115e9bfd4a08'
export const METADATA_REGION = '8b7ca206-4790-4b9a-b8fe-575f050f886e'

const REGIONS_MAX = 2047

export interface VhdxHeader {
  readonly sequence: bigint
  /** Changes with the content. */
  readonly dataWriteGuid: Uint8Array
  /** All 0: there is nothing in the log. */
  readonly logGuid: Uint8Array
  readonly logOffsetBytes: number
  readonly logBytes: number
}

export interface Region {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

export function isVhdx(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 8)).toString('latin1') === 'vhdxfile'
}

export function encodeFileType(): Uint8Array {
  const bytes = Buffer.alloc(64 * KIB)
  bytes.write('vhdxfile', 0, 'latin1')
  bytes.write('Platterlab', 8, 'utf16le')
  return bytes
}

/** A text says what is wrong. */
export function parseHeader(bytes: Uint8Array): VhdxHeader | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.toString('latin1', 0, 4) !== 'head') return 'no header'
  if (view.readUInt32LE(4) !== crc32c(without(bytes, 4, 4))) return 'the checksum of a header is wrong'
  if (view.readUInt16LE(66) !== 1) return `the header is of version ${view.readUInt16LE(66)}; known is 1`
  const header = {
    sequence: view.readBigUInt64LE(8),
    dataWriteGuid: bytes.slice(32, 48),
    logGuid: bytes.slice(48, 64),
    logBytes: view.readUInt32LE(68),
    logOffsetBytes: Number(view.readBigUInt64LE(72)),
  }
  if (header.logBytes % MIB !== 0 || header.logOffsetBytes % MIB !== 0 || header.logOffsetBytes < MIB) {
    return `a log of ${header.logBytes} bytes at ${header.logOffsetBytes} cannot be`
  }
  if (guidText(header.logGuid) !== NO_GUID && view.readUInt16LE(64) !== 0) {
    return `the log is of version ${view.readUInt16LE(64)}; known is 0`
  }
  return header
}

export function encodeHeader(header: VhdxHeader, fileWriteGuid: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write('head', 0, 'latin1')
  bytes.writeBigUInt64LE(header.sequence, 8)
  bytes.set(fileWriteGuid, 16)
  bytes.set(header.dataWriteGuid, 32)
  bytes.set(header.logGuid, 48)
  bytes.writeUInt16LE(1, 66)
  bytes.writeUInt32LE(header.logBytes, 68)
  bytes.writeBigUInt64LE(BigInt(header.logOffsetBytes), 72)
  bytes.writeUInt32LE(crc32c(without(bytes, 4, 4)), 4)
  return bytes
}

/** By their GUIDs. */
export function parseRegionTable(bytes: Uint8Array): ReadonlyMap<string, Region> | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.toString('latin1', 0, 4) !== 'regi') return 'no region table'
  if (view.readUInt32LE(4) !== crc32c(without(bytes, 4, 4))) return 'the checksum of a region table is wrong'
  const count = view.readUInt32LE(8)
  if (count > REGIONS_MAX) return `a region table of ${count} entries cannot be`
  const regions = new Map<string, Region>()
  for (let entry = 0; entry < count; entry++) {
    const at = 16 + 32 * entry
    const guid = guidText(bytes.subarray(at, at + 16))
    const region = { offsetBytes: Number(view.readBigUInt64LE(at + 16)), lengthBytes: view.readUInt32LE(at + 24) }
    const isKnown = guid === BAT_REGION || guid === METADATA_REGION
    if (!isKnown && (view.readUInt32LE(at + 28) & 1) === 1) return `the region ${guid} is required, and not known`
    if (region.offsetBytes < MIB || region.offsetBytes % MIB !== 0 || region.lengthBytes % MIB !== 0) {
      return `a region of ${region.lengthBytes} bytes at ${region.offsetBytes} cannot be`
    }
    if (regions.has(guid)) return `the region ${guid} is there twice`
    regions.set(guid, region)
  }
  return regions
}

export function encodeRegionTable(regions: readonly (readonly [guid: Uint8Array, region: Region])[]): Uint8Array {
  const bytes = Buffer.alloc(REGION_TABLE_BYTES)
  bytes.write('regi', 0, 'latin1')
  bytes.writeUInt32LE(regions.length, 8)
  for (const [entry, [guid, { offsetBytes, lengthBytes }]] of regions.entries()) {
    const at = 16 + 32 * entry
    bytes.set(guid, at)
    bytes.writeBigUInt64LE(BigInt(offsetBytes), at + 16)
    bytes.writeUInt32LE(lengthBytes, at + 24)
    bytes.writeUInt32LE(1, at + 28)
  }
  bytes.writeUInt32LE(crc32c(without(bytes, 4, 4)), 4)
  return bytes
}
