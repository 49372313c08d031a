// The command descriptor blocks that the audit sends, and how big-endian fields of answers are read. SPC-5 clause 6, SBC-4 clause 5.

import * as scsi from '../../../assembly/abi/scsi'

/** SPC-5 6.13: operation codes of MODE SELECT (6) and (10). */
export const OP_MODE_SELECT_6 = 0x15
export const OP_MODE_SELECT_10 = 0x55

export function bigEndian(value: number | bigint, bytes: number): number[] {
  let rest = BigInt(value)
  const digits: number[] = []
  for (let i = 0; i < bytes; i++) {
    digits.unshift(Number(rest & 0xffn))
    rest >>= 8n
  }
  return digits
}

/** An unsigned field; exact up to 2^53. */
export function field(data: Uint8Array, at: number, bytes: number): number {
  let value = 0
  for (let i = 0; i < bytes; i++) value = value * 256 + (data[at + i] ?? 0)
  return value
}

/** READ and WRITE in one of their four lengths. */
export interface TransferForm {
  readonly name: string
  readonly read: number
  readonly write: number
  readonly isMandatory: boolean
  readonly lbaMax: bigint
  /** A length of 0 is 256 blocks (SBC-4 5.10), and there is no byte of flags. */
  readonly isShort: boolean
  /** The largest length that the field holds. */
  readonly blocksMax: number
  cdb(op: number, lba: bigint, blocks: number, flags?: number): number[]
}

/** SBC-4 table 34: (10) and (16) are for everybody. */
export const TRANSFER_FORMS: readonly TransferForm[] = [
  {
    name: '(10)',
    read: scsi.OP_READ_10,
    write: scsi.OP_WRITE_10,
    isMandatory: true,
    lbaMax: 0xffff_ffffn,
    isShort: false,
    blocksMax: 0xffff,
    cdb: (op, lba, blocks, flags = 0) => [op, flags, ...bigEndian(lba, 4), 0, ...bigEndian(blocks, 2), 0],
  },
  {
    name: '(16)',
    read: scsi.OP_READ_16,
    write: scsi.OP_WRITE_16,
    isMandatory: true,
    lbaMax: 0xffff_ffff_ffff_ffffn,
    isShort: false,
    blocksMax: 0xffff_ffff,
    cdb: (op, lba, blocks, flags = 0) => [op, flags, ...bigEndian(lba, 8), ...bigEndian(blocks, 4), 0, 0],
  },
  {
    name: '(12)',
    read: scsi.OP_READ_12,
    write: scsi.OP_WRITE_12,
    isMandatory: false,
    lbaMax: 0xffff_ffffn,
    isShort: false,
    blocksMax: 0xffff_ffff,
    cdb: (op, lba, blocks, flags = 0) => [op, flags, ...bigEndian(lba, 4), ...bigEndian(blocks, 4), 0, 0],
  },
  {
    name: '(6)',
    read: scsi.OP_READ_6,
    write: scsi.OP_WRITE_6,
    isMandatory: false,
    lbaMax: 0x1f_ffffn,
    isShort: true,
    blocksMax: 256,
    cdb: (op, lba, blocks) => [op, ...bigEndian(lba, 3), blocks & 0xff, 0],
  },
]

export const TEST_UNIT_READY: readonly number[] = [scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]
export const READ_CAPACITY_10: readonly number[] = [scsi.OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0]

/** SBC-4 5.16 and SPC-5 6.7: service action in byte 1, allocation length in bytes 10 to 13. */
export function serviceActionIn16(action: number, allocation: number): number[] {
  return [scsi.OP_SERVICE_ACTION_IN_16, action, 0, 0, 0, 0, 0, 0, 0, 0, ...bigEndian(allocation, 4), 0, 0]
}

export function inquiry(evpd: number, page: number, allocation: number): number[] {
  return [scsi.OP_INQUIRY, evpd, page, ...bigEndian(allocation, 2), 0]
}

export function reportLuns(select: number, allocation: number): number[] {
  return [scsi.OP_REPORT_LUNS, 0, select, 0, 0, 0, ...bigEndian(allocation, 4), 0, 0]
}

/** `desc`: 1 = descriptor format is asked for. */
export function requestSense(desc: number, allocation: number): number[] {
  return [scsi.OP_REQUEST_SENSE, desc, 0, 0, allocation, 0]
}

export function synchronize10(lba: number, blocks: number): number[] {
  return [scsi.OP_SYNCHRONIZE_CACHE_10, 0, ...bigEndian(lba, 4), 0, ...bigEndian(blocks, 2), 0]
}

export function synchronize16(lba: number, blocks: number): number[] {
  return [scsi.OP_SYNCHRONIZE_CACHE_16, 0, ...bigEndian(lba, 8), ...bigEndian(blocks, 4), 0, 0]
}

/** MODE SENSE in one of its two lengths. */
export interface ModeForm {
  readonly name: string
  readonly op: number
  readonly headerBytes: number
  /** Width of MODE DATA LENGTH, which counts what follows it. */
  readonly lengthBytes: number
  /** Where MEDIUM TYPE lies; the device-specific parameter follows. */
  readonly mediumTypeAt: number
  readonly allocationMax: number
  /** `control`: 0 current, 1 changeable, 2 default, 3 saved values. */
  cdb(control: number, page: number, allocation: number, subpage?: number, byte1?: number): number[]
}

/** SPC-5 6.14 and 6.15; the headers 7.5.6. */
export const MODE_FORMS: readonly ModeForm[] = [
  {
    name: 'MODE SENSE (6)',
    op: scsi.OP_MODE_SENSE_6,
    headerBytes: 4,
    lengthBytes: 1,
    mediumTypeAt: 1,
    allocationMax: 255,
    cdb(control, page, allocation, subpage = 0, byte1 = 0) {
      return [this.op, byte1, (control << 6) | page, subpage, allocation, 0]
    },
  },
  {
    name: 'MODE SENSE (10)',
    op: scsi.OP_MODE_SENSE_10,
    headerBytes: 8,
    lengthBytes: 2,
    mediumTypeAt: 2,
    allocationMax: 1024,
    cdb(control, page, allocation, subpage = 0, byte1 = 0) {
      return [this.op, byte1, (control << 6) | page, subpage, 0, 0, 0, ...bigEndian(allocation, 2), 0]
    },
  },
]
