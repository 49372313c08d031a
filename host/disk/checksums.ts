// The two cyclic redundancy checks that disks carry, each as the plain register: no inversion at the start or at the end but the caller's.

import { reflectedTable } from '../hardware/crc'

/** IEEE 802.3, reflected: GPT and LVM. */
const CRC32_POLYNOMIAL = 0xedb88320
/** Castagnoli (RFC 7143, appendix A.4), reflected: ext4, XFS, Btrfs, VHDX. */
const CRC32C_POLYNOMIAL = 0x82f63b78

const CRC32 = reflectedTable(CRC32_POLYNOMIAL)
const CRC32C = reflectedTable(CRC32C_POLYNOMIAL)

function run(table: Uint32Array, register: number, bytes: Uint8Array): number {
  let value = register
  for (const byte of bytes) value = table[(value ^ byte) & 0xff]! ^ (value >>> 8)
  return value >>> 0
}

export function crc32Register(register: number, bytes: Uint8Array): number {
  return run(CRC32, register, bytes)
}

export function crc32cRegister(register: number, bytes: Uint8Array): number {
  return run(CRC32C, register, bytes)
}

/** As everybody else calls it: begun with ones, inverted at the end. */
export function crc32(bytes: Uint8Array): number {
  return ~run(CRC32, 0xffffffff, bytes) >>> 0
}

export function crc32c(bytes: Uint8Array): number {
  return ~run(CRC32C, 0xffffffff, bytes) >>> 0
}

/** A copy in which a field is zeros, as checksums of structures that hold their own checksum are made. */
export function without(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const copy = bytes.slice()
  copy.fill(0, at, at + length)
  return copy
}
