// The layout of a qcow2 file: constants of versions 2 and 3.
//
// Standard: QEMU, docs/interop/qcow2.rst ("Qcow2 Image File Format", QEMU 10). All numbers are big endian. Limits that the standard gives as
// QEMU's own (cluster size, L1 and refcount table) are kept here too: no image that QEMU cannot open is made.

/** "QFI\xfb" */
export const MAGIC = 0x514649fb
export const V2_HEADER_BYTES = 72
export const V3_HEADER_BYTES_MIN = 104
/** With compression_type and its padding. */
export const V3_HEADER_BYTES = 112

export const CLUSTER_BITS_MIN = 9
export const CLUSTER_BITS_MAX = 21
/** With extended L2 entries: 32 subclusters of 512 bytes. */
export const CLUSTER_BITS_EXTENDED_MIN = 14
export const BACKING_NAME_BYTES_MAX = 1023
export const L1_BYTES_MAX = 32 << 20
export const SUBCLUSTERS = 32

export const Incompatible = { dirty: 0, corrupt: 1, dataFile: 2, compressionType: 3, extendedL2: 4 } as const
export const Compatible = { lazyRefcounts: 0 } as const
export const Autoclear = { bitmaps: 0, rawDataFile: 1 } as const

export const Extension = {
  end: 0,
  backingFormat: 0xe2792aca,
  featureNames: 0x6803f857,
  bitmaps: 0x23852875,
  encryption: 0x0537be77,
  dataFile: 0x44415441,
} as const

export const FEATURE_NAME_BYTES = 48

/** All features that are known here: type (0 incompatible, 1 compatible, 2 autoclear), bit, name. */
export const FEATURES: readonly (readonly [type: number, bit: number, name: string])[] = [
  [0, Incompatible.dirty, 'dirty bit'],
  [0, Incompatible.corrupt, 'corrupt bit'],
  [0, Incompatible.dataFile, 'external data file'],
  [0, Incompatible.compressionType, 'compression type'],
  [0, Incompatible.extendedL2, 'extended L2 entries'],
  [1, Compatible.lazyRefcounts, 'lazy refcounts'],
  [2, Autoclear.bitmaps, 'bitmaps'],
  [2, Autoclear.rawDataFile, 'raw external data'],
]

// The upper and the lower 32 bits of an entry of an L1 or L2 table.

/** Bit 63: its refcount is exactly one. */
export const COPIED_HI = 0x80000000
/** Bit 62 of an L2 entry. */
export const COMPRESSED_HI = 0x40000000
/** Bits 32-55 of an offset. */
export const OFFSET_HI = 0x00ffffff
/** Bits 9-31 of an offset. */
export const OFFSET_LO = 0xfffffe00
/** Bit 0 of a standard cluster: it reads as zeros. */
export const ZERO_LO = 1

export const TWO_32 = 2 ** 32
export const SECTOR_BYTES = 512
