// Disks in memory for tests: bytes, what is written on them by hand, and a count of what was read.

import type { SectorReader } from '../../host/disk/sectorReader'

export interface MemoryDisk extends SectorReader {
  readonly bytes: Buffer
  readBytes: number
}

/** `unreadable`: reads that touch one of these bytes fail. */
export function memoryDisk(bytes: Buffer, unreadable: readonly number[] = []): MemoryDisk {
  return {
    bytes,
    diskBytes: bytes.length,
    readBytes: 0,
    read(offset, into) {
      this.readBytes += into.length
      if (offset + into.length > bytes.length) throw new Error('a read must lie within the disk')
      if (unreadable.some((at) => at >= offset && at < offset + into.length)) throw new Error('EIO: i/o error, read')
      into.set(bytes.subarray(offset, offset + into.length))
    },
  }
}

/** A disk that seems huge, with a few pieces that are not zeros. */
export function vastDisk(diskBytes: number, pieces: ReadonlyMap<number, Buffer>): SectorReader {
  return {
    diskBytes,
    read(offset, into) {
      into.fill(0)
      for (const [at, piece] of pieces) {
        for (let i = Math.max(0, at - offset); i < into.length; i++) {
          const byte = piece[offset + i - at]
          if (byte === undefined) break
          into[i] = byte
        }
      }
    },
  }
}

export interface MbrEntry {
  readonly type: number
  readonly start: number
  readonly sectors: number
  readonly status?: number
}

/** A sector with a partition table: a master boot record, or a link of a chain. */
export function mbrSector(entries: readonly MbrEntry[], id = 0x1234abcd): Buffer {
  const sector = Buffer.alloc(512)
  sector.writeUInt32LE(id, 440)
  for (const [index, { type, start, sectors, status = 0 }] of entries.entries()) {
    const at = 446 + index * 16
    sector[at] = status
    sector[at + 4] = type
    sector.writeUInt32LE(start, at + 8)
    sector.writeUInt32LE(sectors, at + 12)
  }
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

export interface IsoRecord {
  readonly name: string
  readonly block: number
  readonly length: number
  readonly isDirectory?: boolean
  readonly goesOn?: boolean
}

/** ECMA-119 9.1. */
export function isoRecord({ name, block, length, isDirectory = false, goesOn = false }: IsoRecord): Buffer {
  const id = Buffer.from(name, 'latin1')
  const record = Buffer.alloc((33 + id.length + 1) & ~1)
  record[0] = record.length
  record.writeUInt32LE(block, 2)
  record.writeUInt32BE(block, 6)
  record.writeUInt32LE(length, 10)
  record.writeUInt32BE(length, 14)
  record.set([126, 11, 28, 12, 30, 5, 0], 18)
  record[25] = (isDirectory ? 2 : 0) | (goesOn ? 0x80 : 0)
  record[32] = id.length
  id.copy(record, 33)
  return record
}

/** A volume of so many blocks; `directories` by their block. The root is in block 20. */
export function isoImage(blocks: number, directories: ReadonlyMap<number, readonly IsoRecord[]>): Buffer {
  const image = Buffer.alloc(blocks * 2048)
  const primary = image.subarray(16 * 2048)
  primary[0] = 1
  primary.write('CD001\x01', 1)
  primary.write('HAND MADE'.padEnd(32), 40)
  primary.writeUInt32LE(blocks, 80)
  primary.writeUInt32BE(blocks, 84)
  primary.writeUInt16LE(2048, 128)
  isoRecord({ name: '\0', block: 20, length: 2048, isDirectory: true }).copy(primary, 156)
  image.write('\xffCD001\x01', 17 * 2048, 'latin1')
  for (const [block, records] of directories) {
    let at = block * 2048
    for (const record of records) at += isoRecord(record).copy(image, at)
  }
  return image
}
