// The header of a qcow2 file, looked at field by field: what comes out of here can be relied upon.

import type { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { type Extensions, parseExtensions } from './headerExtensions'
import {
  Autoclear,
  BACKING_NAME_BYTES_MAX,
  CLUSTER_BITS_EXTENDED_MIN,
  CLUSTER_BITS_MAX,
  CLUSTER_BITS_MIN,
  Incompatible,
  MAGIC,
  TWO_32,
  V2_HEADER_BYTES,
  V3_HEADER_BYTES_MIN,
} from './layout'

export type CompressionType = 'zlib' | 'zstd'

export interface Header {
  readonly version: 2 | 3
  readonly diskBytes: number
  readonly clusterBits: number
  readonly clusterBytes: number
  readonly l1: Table
  readonly refcountTable: Table
  readonly refcountOrder: number
  readonly snapshotCount: number
  readonly snapshotsOffset: number
  readonly backingName: string | null
  /** There is a place for the name of a backing file, and nothing in it. */
  readonly hasEmptyBackingName: boolean
  readonly compression: CompressionType
  readonly isDirty: boolean
  readonly isCorrupt: boolean
  readonly hasDataFile: boolean
  readonly hasExtendedL2: boolean
  readonly hasLazyRefcounts: boolean
  /** Without this bit the extension for bitmaps is out of date, and its clusters belong to nobody. */
  readonly hasBitmaps: boolean
  readonly extensions: Extensions
  /** Bytes of an L2 entry, and how many of them an L2 table has. */
  readonly l2EntryBytes: number
  readonly l2Entries: number
}

/** A row of 8-byte entries. */
export interface Table {
  readonly offset: number
  readonly entries: number
}

export function isQcow2(head: Uint8Array): boolean {
  if (head.length < 8) return false
  const view = new DataView(head.buffer, head.byteOffset)
  // Version 1 is another format (qcow).
  return view.getUint32(0) === MAGIC && view.getUint32(4) >= 2
}

export function readHeader(file: ImageFile): Header {
  const view = headerView(file)
  const version = view.getUint32(4)
  if (view.getUint32(0) !== MAGIC) throw file.damage(0, 'no qcow2 header')
  if (version !== 2 && version !== 3) throw new ImageInputError(`${file.path}: qcow2 version ${version} is not known`)
  const clusterBits = view.getUint32(20)
  if (!(clusterBits >= CLUSTER_BITS_MIN && clusterBits <= CLUSTER_BITS_MAX)) {
    throw file.damage(20, `clusters of 2^${clusterBits} bytes; expected 2^${CLUSTER_BITS_MIN} to 2^${CLUSTER_BITS_MAX}`)
  }
  refuseEncryption(file, view.getUint32(32))
  const clusterBytes = 2 ** clusterBits
  const headerBytes = version === 2 ? V2_HEADER_BYTES : headerLength(file, view, clusterBytes)
  const backing = backingPlace(file, view, headerBytes, clusterBytes)
  const extensions = parseExtensions(file, headerBytes, backing?.offset ?? clusterBytes)
  const features = version === 2 ? NO_FEATURES : readFeatures(file, view, headerBytes, extensions)
  const hasExtendedL2 = has(features.incompatible, Incompatible.extendedL2)
  if (hasExtendedL2 && clusterBits < CLUSTER_BITS_EXTENDED_MIN) {
    throw file.damage(20, `extended L2 entries with clusters of ${clusterBytes} bytes`)
  }
  const l2EntryBytes = hasExtendedL2 ? 16 : 8
  const header: Header = {
    version,
    diskBytes: readOffset(file, view, 24, 'disk size'),
    clusterBits,
    clusterBytes,
    l1: { offset: readOffset(file, view, 40, 'offset of the L1 table'), entries: view.getUint32(36) },
    refcountTable: {
      offset: readOffset(file, view, 48, 'offset of the refcount table'),
      entries: view.getUint32(56) * (clusterBytes / 8),
    },
    refcountOrder: features.refcountOrder,
    snapshotCount: view.getUint32(60),
    snapshotsOffset: readOffset(file, view, 64, 'offset of the snapshot table'),
    backingName: backing && readName(file, backing),
    hasEmptyBackingName: backing?.length === 0,
    compression: features.compression,
    isDirty: has(features.incompatible, Incompatible.dirty),
    isCorrupt: has(features.incompatible, Incompatible.corrupt),
    hasDataFile: has(features.incompatible, Incompatible.dataFile),
    hasExtendedL2,
    hasLazyRefcounts: (features.compatible & 1n) === 1n,
    hasBitmaps: has(features.autoclear, Autoclear.bitmaps) && extensions.bitmaps !== null,
    extensions,
    l2EntryBytes,
    l2Entries: clusterBytes / l2EntryBytes,
  }
  validateTables(file, header, features)
  return header
}

interface Features {
  readonly incompatible: bigint
  readonly compatible: bigint
  readonly autoclear: bigint
  readonly refcountOrder: number
  readonly compression: CompressionType
}

const NO_FEATURES: Features = {
  incompatible: 0n,
  compatible: 0n,
  autoclear: 0n,
  refcountOrder: 4,
  compression: 'zlib',
}

const has = (bits: bigint, bit: number): boolean => ((bits >> BigInt(bit)) & 1n) === 1n

function headerView(file: ImageFile): DataView {
  const bytes = new Uint8Array(128)
  const there = Math.min(file.sizeBytes, bytes.length)
  if (there < V2_HEADER_BYTES) throw file.damage(there, 'the file ends inside its header')
  file.readInto(0, bytes.subarray(0, there), 'header')
  const view = new DataView(bytes.buffer)
  if (view.getUint32(4) === 3 && there < V3_HEADER_BYTES_MIN)
    throw file.damage(there, 'the file ends inside its header')
  return view
}

function headerLength(file: ImageFile, view: DataView, clusterBytes: number): number {
  const length = view.getUint32(100)
  if (length >= V3_HEADER_BYTES_MIN && length % 8 === 0 && length <= clusterBytes) return length
  throw file.damage(100, `a header of ${length} bytes`)
}

function readFeatures(file: ImageFile, view: DataView, headerBytes: number, extensions: Extensions): Features {
  const incompatible = view.getBigUint64(72)
  for (let bit = 0; bit < 64; bit++) {
    if (!has(incompatible, bit) || bit <= Incompatible.extendedL2) continue
    const name = extensions.featureNames.get(bit)
    const called = name === undefined ? '' : ` (${JSON.stringify(name)})`
    throw new ImageInputError(`${file.path} needs incompatible feature ${bit}${called}, which is not known here`)
  }
  const refcountOrder = view.getUint32(96)
  if (refcountOrder > 6) throw file.damage(96, `refcounts of 2^${refcountOrder} bits; expected at most 2^6`)
  const type = headerBytes > 104 ? view.getUint8(104) : 0
  if (has(incompatible, Incompatible.compressionType) !== type > 0) {
    throw file.damage(104, `compression type ${type}, against the feature bit that says whether there is one`)
  }
  if (type > 1) throw new ImageInputError(`${file.path} has compression type ${type}, which is not known here`)
  return {
    incompatible,
    compatible: view.getBigUint64(80),
    autoclear: view.getBigUint64(88),
    refcountOrder,
    compression: type === 1 ? 'zstd' : 'zlib',
  }
}

function refuseEncryption(file: ImageFile, method: number): void {
  if (method === 0) return
  const name = ['', 'AES', 'LUKS'][method] ?? `method ${method}`
  throw new ImageInputError(`${file.path} is encrypted (${name}): it cannot be read here`)
}

function backingPlace(file: ImageFile, view: DataView, headerBytes: number, clusterBytes: number) {
  const offset = readOffset(file, view, 8, 'offset of the name of the backing file')
  if (offset === 0) return null
  const length = view.getUint32(16)
  if (offset < headerBytes || offset > clusterBytes)
    throw file.damage(8, `the name of the backing file is at ${offset}`)
  if (length > Math.min(BACKING_NAME_BYTES_MAX, clusterBytes - offset)) {
    throw file.damage(16, `a name of ${length} bytes for the backing file`)
  }
  return { offset, length }
}

function readName(file: ImageFile, { offset, length }: { offset: number; length: number }): string | null {
  const bytes = file.readBytes(offset, length, 'name of the backing file')
  return length === 0 ? null : Buffer.from(bytes).toString('utf8')
}

function readOffset(file: ImageFile, view: DataView, at: number, what: string): number {
  const value = view.getUint32(at) * TWO_32 + view.getUint32(at + 4)
  if (Number.isSafeInteger(value)) return value
  throw file.damage(at, `${what}: ${view.getBigUint64(at)} is too large`)
}

function validateTables(file: ImageFile, header: Header, features: Features): void {
  const { l1, refcountTable, clusterBytes, diskBytes } = header
  const needed = Math.ceil(diskBytes / (clusterBytes * header.l2Entries))
  if (l1.entries < needed) throw file.damage(36, `an L1 table of ${l1.entries} entries; the disk needs ${needed}`)
  if (l1.entries > 0) requireTable(file, l1, clusterBytes, 40, 'L1 table')
  if (refcountTable.entries === 0) throw file.damage(56, 'there is no refcount table')
  requireTable(file, refcountTable, clusterBytes, 48, 'refcount table')
  if (header.snapshotCount > 0 && header.snapshotsOffset % clusterBytes > 0) {
    throw file.damage(64, `the snapshot table is at ${header.snapshotsOffset}, which is no start of a cluster`)
  }
  if (header.hasDataFile && header.snapshotCount > 0) {
    throw file.damage(60, 'snapshots, which an external data file does not permit')
  }
  if (has(features.autoclear, Autoclear.rawDataFile) && !header.hasDataFile) {
    throw file.damage(88, 'the bit for a raw external data file, without an external data file')
  }
}

function requireTable(file: ImageFile, table: Table, clusterBytes: number, at: number, what: string): void {
  const { offset, entries } = table
  if (offset === 0 || offset % clusterBytes > 0) {
    throw file.damage(at, `the ${what} is at ${offset}, which is no start of a cluster behind the header`)
  }
  if (offset + entries * 8 > file.sizeBytes) {
    throw file.damage(at, `the ${what} of ${entries} entries at ${offset} ends behind the file`)
  }
}
