// Header of a VDI, VirtualBox's format. Oracle has no specification of it; the layout is as QEMU's block/vdi.c documents it. Little-endian.
//
//   | text, signature, header | block map | block ... |

export const HEADER_BYTES = 512
export const SECTOR_BYTES = 512

const SIGNATURE = 0xbeda_107f
const VERSION = 0x0001_0001
const TEXT = '<<< Platterlab Disk Image >>>\n'
/** Of the fields behind the signature and the version. */
const FIELDS_BYTES = 0x190

/** Entries of the map: not there, and there but nothing but zeros. */
export const UNUSED = 0xffff_ffff
export const DISCARDED = 0xffff_fffe

const IMAGE_TYPES = new Map([
  [1, 'dynamic'],
  [2, 'static'],
  [3, 'undo'],
  [4, 'differencing'],
])

export interface VdiHeader {
  readonly type: string
  readonly mapOffsetBytes: number
  readonly dataOffsetBytes: number
  readonly diskBytes: number
  readonly blockBytes: number
  /** In front of the data of each block. */
  readonly extraBytes: number
  readonly blocks: number
  readonly blocksStored: number
  readonly id: Uint8Array
}

export function hasVdiSignature(head: Uint8Array): boolean {
  return head.length >= 0x44 && Buffer.from(head.subarray(0x40, 0x44)).readUInt32LE(0) === SIGNATURE
}

/** A text says what is wrong. */
export function parseVdiHeader(bytes: Uint8Array): VdiHeader | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!hasVdiSignature(bytes)) return 'no header of a VDI'
  if (view.readUInt32LE(0x44) !== VERSION) {
    return `a VDI of version ${view.readUInt16LE(0x46)}.${view.readUInt16LE(0x44)}; known is 1.1`
  }
  const type = IMAGE_TYPES.get(view.readUInt32LE(0x4c))
  if (type === undefined) return `image type ${view.readUInt32LE(0x4c)} is none that VDI 1.1 knows`
  const header = {
    type,
    mapOffsetBytes: view.readUInt32LE(0x154),
    dataOffsetBytes: view.readUInt32LE(0x158),
    diskBytes: Number(view.readBigUInt64LE(0x170)),
    blockBytes: view.readUInt32LE(0x178),
    extraBytes: view.readUInt32LE(0x17c),
    blocks: view.readUInt32LE(0x180),
    blocksStored: view.readUInt32LE(0x184),
    id: bytes.slice(0x188, 0x198),
  }
  const { blockBytes, diskBytes, blocks, extraBytes } = header
  if (blockBytes < 4096 || blockBytes > 1 << 30 || (blockBytes & (blockBytes - 1)) !== 0) {
    return `blocks of ${blockBytes} bytes: expected a power of two from 4 KiB to 1 GiB`
  }
  if (view.readUInt32LE(0x168) !== SECTOR_BYTES) return `sectors of ${view.readUInt32LE(0x168)} bytes; expected 512`
  if (extraBytes % SECTOR_BYTES !== 0 || extraBytes > blockBytes) return `${extraBytes} extra bytes a block cannot be`
  if (!Number.isSafeInteger(diskBytes) || Math.ceil(diskBytes / blockBytes) !== blocks) {
    return `${blocks} blocks of ${blockBytes} bytes do not make a disk of ${diskBytes}`
  }
  return header
}

export function encodeVdiHeader(header: VdiHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write(TEXT, 0, 'latin1')
  bytes.writeUInt32LE(SIGNATURE, 0x40)
  bytes.writeUInt32LE(VERSION, 0x44)
  bytes.writeUInt32LE(FIELDS_BYTES, 0x48)
  bytes.writeUInt32LE(header.type === 'static' ? 2 : 1, 0x4c)
  bytes.writeUInt32LE(header.mapOffsetBytes, 0x154)
  bytes.writeUInt32LE(header.dataOffsetBytes, 0x158)
  bytes.writeUInt32LE(SECTOR_BYTES, 0x168)
  bytes.writeBigUInt64LE(BigInt(header.diskBytes), 0x170)
  bytes.writeUInt32LE(header.blockBytes, 0x178)
  bytes.writeUInt32LE(header.blocks, 0x180)
  bytes.writeUInt32LE(header.blocksStored, 0x184)
  bytes.set(header.id, 0x188)
  return bytes
}
