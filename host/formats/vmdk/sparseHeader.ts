// Header of a sparse extent: VMware, "Virtual Disk Format 5.0", "Hosted Sparse Extent Header". Numbers are little-endian and count sectors of 512
// bytes, if they do not say otherwise.
//
//   monolithicSparse | header | descriptor | redundant directory, tables | directory, tables | grain ... |
//   streamOptimized  | header | descriptor | marker + compressed grain ... | marker, table ... | marker, directory | marker, footer | marker |

export const SECTOR_BYTES = 512
export const TABLE_ENTRIES = 512
export const TABLE_SECTORS = (TABLE_ENTRIES * 4) / SECTOR_BYTES
/** In the header of a stream: the directory is where the footer says. */
export const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn

/** Flags. */
const VALID_NEWLINES = 1
const REDUNDANT_TABLES = 2
const ZEROED_GRAINS = 4
const COMPRESSED = 1 << 16
const MARKERS = 1 << 17

/** Types of markers in a stream; a grain has none. */
export const Marker = { endOfStream: 0, table: 1, directory: 2, footer: 3 } as const

export interface SparseHeader {
  readonly version: number
  readonly capacitySectors: number
  readonly grainSectors: number
  readonly descriptorSector: number
  readonly descriptorSectors: number
  /** 0: there is none. */
  readonly redundantSector: number
  /** null: the footer says it. */
  readonly directorySector: number | null
  /** Grains are behind so many sectors. */
  readonly overheadSectors: number
  readonly isUnclean: boolean
  readonly hasZeroedGrains: boolean
  readonly isCompressed: boolean
  readonly hasMarkers: boolean
}

/** A text says what is wrong. */
export function parseSparseHeader(bytes: Uint8Array): SparseHeader | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.toString('latin1', 0, 4) !== 'KDMV') return 'no header of a sparse extent'
  const version = view.readUInt32LE(4)
  if (version < 1 || version > 3) return `a sparse extent of version ${version}; known are 1 to 3`
  // Copied as a text by some program, these would have been changed, and data with them.
  if (view.toString('latin1', 73, 77) !== '\n \r\n') return 'the line ends in the header are damaged'
  const flags = view.readUInt32LE(8)
  const sectorsAt = (at: number): number => Number(view.readBigUInt64LE(at))
  const grainSectors = sectorsAt(20)
  if (!(grainSectors >= 8 && grainSectors <= 1 << 16 && Number.isInteger(Math.log2(grainSectors)))) {
    return `grains of ${grainSectors} sectors: expected a power of two from 8 to 65536`
  }
  if (view.readUInt32LE(44) !== TABLE_ENTRIES) return `grain tables of ${view.readUInt32LE(44)} entries; expected 512`
  const capacitySectors = sectorsAt(12)
  if (!Number.isSafeInteger(capacitySectors * SECTOR_BYTES)) return `an extent of ${capacitySectors} sectors cannot be`
  const isCompressed = (flags & COMPRESSED) !== 0
  const algorithm = view.readUInt16LE(77)
  if (algorithm !== (isCompressed ? 1 : 0)) return `compression ${algorithm} does not go with flags ${flags}`
  const directory = view.readBigUInt64LE(56)
  return {
    version,
    capacitySectors,
    grainSectors,
    descriptorSector: sectorsAt(28),
    descriptorSectors: sectorsAt(36),
    redundantSector: (flags & REDUNDANT_TABLES) === 0 ? 0 : sectorsAt(48),
    directorySector: directory === DIRECTORY_AT_END ? null : Number(directory),
    overheadSectors: sectorsAt(64),
    isUnclean: bytes[72] !== 0,
    hasZeroedGrains: (flags & ZEROED_GRAINS) !== 0,
    isCompressed,
    hasMarkers: (flags & MARKERS) !== 0,
  }
}

export function encodeSparseHeader(header: SparseHeader): Uint8Array {
  const bytes = Buffer.alloc(SECTOR_BYTES)
  const flags =
    VALID_NEWLINES |
    (header.redundantSector === 0 ? 0 : REDUNDANT_TABLES) |
    (header.isCompressed ? COMPRESSED : 0) |
    (header.hasMarkers ? MARKERS : 0)
  bytes.write('KDMV', 0, 'latin1')
  bytes.writeUInt32LE(header.version, 4)
  bytes.writeUInt32LE(flags, 8)
  bytes.writeBigUInt64LE(BigInt(header.capacitySectors), 12)
  bytes.writeBigUInt64LE(BigInt(header.grainSectors), 20)
  bytes.writeBigUInt64LE(BigInt(header.descriptorSector), 28)
  bytes.writeBigUInt64LE(BigInt(header.descriptorSectors), 36)
  bytes.writeUInt32LE(TABLE_ENTRIES, 44)
  bytes.writeBigUInt64LE(BigInt(header.redundantSector), 48)
  bytes.writeBigUInt64LE(header.directorySector === null ? DIRECTORY_AT_END : BigInt(header.directorySector), 56)
  bytes.writeBigUInt64LE(BigInt(header.overheadSectors), 64)
  bytes.write('\n \r\n', 73, 'latin1')
  bytes.writeUInt16LE(header.isCompressed ? 1 : 0, 77)
  return bytes
}

/** A sector that says what follows. `value` counts its sectors. */
export function encodeMarker(type: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(SECTOR_BYTES)
  bytes.writeBigUInt64LE(BigInt(value), 0)
  bytes.writeUInt32LE(type, 12)
  return bytes
}

/** In front of a compressed grain: where it belongs, and how many bytes follow. */
export const GRAIN_MARKER_BYTES = 12
