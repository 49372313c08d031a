// Puts a log into a VHDX, as one has that was not closed: for tests that read it.

import { readFileSync, writeFileSync } from 'node:fs'
import { crc32c } from '../../host/disk/checksums'

const SECTOR = 4096
const MIB = 1 << 20
export const LOG_GUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex')

export type Write = readonly [offsetBytes: number, bytes: Uint8Array | number]

export interface NewEntry {
  readonly sequence: bigint
  /** Where the oldest entry that is needed begins. */
  readonly tail: number
  /** A page, or how many bytes of zeros. */
  readonly writes: readonly Write[]
  readonly flushedBytes: number
  readonly lastBytes: number
}

export function logEntry({ sequence, tail, writes, flushedBytes, lastBytes }: NewEntry): Buffer {
  const descriptors = Math.ceil((64 + 32 * writes.length) / SECTOR) * SECTOR
  const pages = writes.flatMap(([, bytes]) => (typeof bytes === 'number' ? [] : [bytes]))
  const entry = Buffer.alloc(descriptors + pages.length * SECTOR)
  entry.write('loge', 0)
  entry.writeUInt32LE(entry.length, 8)
  entry.writeUInt32LE(tail, 12)
  entry.writeBigUInt64LE(sequence, 16)
  entry.writeUInt32LE(writes.length, 24)
  entry.set(LOG_GUID, 32)
  entry.writeBigUInt64LE(BigInt(flushedBytes), 48)
  entry.writeBigUInt64LE(BigInt(lastBytes), 56)
  for (const [index, [offset, bytes]] of writes.entries()) {
    const at = 64 + 32 * index
    entry.write(typeof bytes === 'number' ? 'zero' : 'desc', at)
    if (typeof bytes === 'number') {
      entry.writeBigUInt64LE(BigInt(bytes), at + 8)
    } else {
      entry.set(bytes.subarray(4092), at + 4)
      entry.set(bytes.subarray(0, 8), at + 8)
    }
    entry.writeBigUInt64LE(BigInt(offset), at + 16)
    entry.writeBigUInt64LE(sequence, at + 24)
  }
  for (const [index, bytes] of pages.entries()) {
    const at = descriptors + index * SECTOR
    entry.set(bytes, at)
    entry.write('data', at)
    entry.writeUInt32LE(Number(sequence >> 32n), at + 4)
    entry.writeUInt32LE(Number(sequence & 0xffff_ffffn), at + 4092)
  }
  entry.writeUInt32LE(crc32c(entry), 4)
  return entry
}

/** Of one of ours: the log is the second MiB, and a ring. `lengthBytes` is what the file is cut to, before. */
export function putLog(
  path: string,
  places: readonly (readonly [offset: number, entry: Buffer])[],
  lengthBytes?: number,
): void {
  const file = readFileSync(path).subarray(0, lengthBytes)
  for (const [offset, entry] of places) {
    for (let at = 0; at < entry.length; at++) file[MIB + ((offset + at) % MIB)] = entry[at]!
  }
  for (const at of [64 << 10, 128 << 10]) {
    const header = file.subarray(at, at + SECTOR)
    header.set(LOG_GUID, 48)
    header.fill(0, 4, 8)
    header.writeUInt32LE(crc32c(header), 4)
  }
  writeFileSync(path, file)
}
