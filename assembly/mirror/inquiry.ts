// What the LUN tells about itself: INQUIRY with its vital product data, READ CAPACITY, REPORT LUNS, MODE SENSE.
// Tables of SPC-5 (standard INQUIRY 6.7.2, VPD 7.7, caching of SBC-4 6.5.6) and SBC-4 (VPD 6.6). Everything here is big-endian.

import { ASC_INVALID_FIELD_IN_CDB, ASC_SAVING_PARAMETERS_NOT_SUPPORTED, SENSE_ILLEGAL_REQUEST } from '../abi/scsi'
import { uuid0, uuid1, writeCacheEnabled } from './array'
import { answerGood, answerSense } from './frontEnd'
import { isLun, LUNS } from './luns'
import { BUFFER_BYTES, SECTOR_BYTES } from './memory'
import { Operation } from './operation'
import { isOfSnapshot } from './snapshotRead'

/** SPC-5 table 144: a LUN that is not there, but could be. */
const QUALIFIER_NOT_CONNECTED: u8 = 0x7f
const VERSION_SPC_5: u8 = 0x07
const VENDOR: string = 'PLTRLAB '
const PRODUCT: string = 'MIRROR ARRAY    '
const REVISION: string = '0001'

function put8(at: usize, value: u32): void {
  store<u8>(at, <u8>value)
}

function put16(at: usize, value: u32): void {
  store<u16>(at, bswap<u16>(<u16>value))
}

function put32(at: usize, value: u32): void {
  store<u32>(at, bswap<u32>(value))
}

function put64(at: usize, value: u64): void {
  store<u64>(at, bswap<u64>(value))
}

function putText(at: usize, text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(at + i, <u8>text.charCodeAt(i))
}

/** The array's identity as 32 hexadecimal digits; behind it the LUN's number, but for LUN 0. Returns how many bytes that is. */
function putSerial(at: usize, lun: u32): u32 {
  for (let i: u32 = 0; i < 16; i++) {
    const byte = <u32>((i < 8 ? uuid0 >> (i << 3) : uuid1 >> ((i - 8) << 3)) & 0xff)
    putDigit(at + (i << 1), byte >> 4)
    putDigit(at + (i << 1) + 1, byte & 15)
  }
  if (lun == 0) return 32
  put8(at + 32, 0x2d)
  putDigit(at + 33, lun & 15)
  return 34
}

function putDigit(at: usize, digit: u32): void {
  put8(at, digit < 10 ? 0x30 + digit : 0x57 + digit)
}

export function inquiry(op: Operation, control: u32, page: u32, allocation: u32, lun: u32): void {
  const at = <usize>op.buffer
  memory.fill(at, 0, 256)
  if (!isLun(lun)) store<u8>(at, QUALIFIER_NOT_CONNECTED)
  if (!(control & 1)) {
    if (page != 0) {
      answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
      return
    }
    // RMB: a snapshot comes and goes as a removable medium does.
    if (isOfSnapshot(op)) put8(at + 1, 0x80)
    store<u8>(at + 2, VERSION_SPC_5)
    // HISUP and response data format 2; CMDQUE.
    put8(at + 3, 0x12)
    put8(at + 4, 36 - 5)
    put8(at + 7, 0x02)
    putText(at + 8, VENDOR)
    putText(at + 16, PRODUCT)
    putText(at + 32, REVISION)
    answerGood(op, min(allocation, 36))
    return
  }
  const length = vitalProductData(at, page, lun)
  if (length == 0) {
    answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
    return
  }
  put8(at + 1, page)
  put16(at + 2, length - 4)
  answerGood(op, min(allocation, length))
}

/** Fills a VPD page; returns its length with the 4-byte header, or 0 for a page that there is not. */
function vitalProductData(at: usize, page: u32, lun: u32): u32 {
  switch (page) {
    case 0x00: {
      // Supported VPD pages, ascending.
      put8(at + 4, 0x00)
      put8(at + 5, 0x80)
      put8(at + 6, 0x83)
      put8(at + 7, 0xb0)
      put8(at + 8, 0xb2)
      return 9
    }
    case 0x80: {
      // Unit serial number.
      return 4 + putSerial(at + 4, lun)
    }
    case 0x83: {
      // Device identification: T10 vendor ID based, ASCII, of the logical unit.
      put8(at + 4, 0x02)
      put8(at + 5, 0x01)
      putText(at + 8, VENDOR)
      const serial = putSerial(at + 16, lun)
      put8(at + 7, 8 + serial)
      return 16 + serial
    }
    case 0xb0: {
      // Block limits: optimal granularity 8 blocks, largest transfer, largest optimal transfer.
      put16(at + 6, 8)
      put32(at + 8, BUFFER_BYTES / SECTOR_BYTES)
      put32(at + 12, BUFFER_BYTES / SECTOR_BYTES)
      return 64
    }
    case 0xb2:
      // Logical block provisioning: fully provisioned, nothing can be unmapped.
      return 8
    default:
      return 0
  }
}

export function readCapacity10(op: Operation, sectors: u64): void {
  const at = <usize>op.buffer
  const last = sectors - 1
  put32(at, last > 0xfffffffe ? 0xffffffff : <u32>last)
  put32(at + 4, SECTOR_BYTES)
  answerGood(op, 8)
}

export function readCapacity16(op: Operation, sectors: u64, allocation: u32): void {
  const at = <usize>op.buffer
  memory.fill(at, 0, 32)
  put64(at, sectors - 1)
  put32(at + 8, SECTOR_BYTES)
  // Logical blocks per physical block exponent: 8 of them.
  put8(at + 13, 3)
  answerGood(op, min(allocation, 32))
}

/** SPC-5 6.33: select report 0 and 2 list all LUNs, 1 (well known) lists none. In peripheral device addressing (SAM-5 4.7.7.2). */
export function reportLuns(op: Operation, select: u32, allocation: u32): void {
  if (select > 2 || allocation < 16) {
    answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
    return
  }
  const at = <usize>op.buffer
  memory.fill(at, 0, 8 + 16 * LUNS)
  let bytes: u32 = 0
  if (select != 1) {
    for (let lun: u32 = 0; lun < 2 * LUNS; lun++) {
      if (!isLun(lun)) continue
      put8(at + 9 + bytes, lun)
      bytes += 8
    }
  }
  put32(at, bytes)
  answerGood(op, min(allocation, 8 + bytes))
}

const PAGE_CACHING: u32 = 0x08
const PAGE_CONTROL: u32 = 0x0a
const PAGE_ALL: u32 = 0x3f

/** SPC-5 6.14 and 6.15. `long`: MODE SENSE(10). Changeable values are all zeros: there is no MODE SELECT. */
export function modeSense(
  op: Operation,
  sectors: u64,
  long: bool,
  control: u32,
  pageCode: u32,
  subpage: u32,
  allocation: u32,
): void {
  const page = pageCode & 0x3f
  const which = pageCode >> 6
  const known = page == PAGE_CACHING || page == PAGE_CONTROL || page == PAGE_ALL
  if (!known || (subpage != 0 && subpage != 0xff)) {
    answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)
    return
  }
  if (which == 3) {
    answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_SAVING_PARAMETERS_NOT_SUPPORTED)
    return
  }
  const at = <usize>op.buffer
  memory.fill(at, 0, 64)
  const header: u32 = long ? 8 : 4
  let length = header
  // DPOFUA: FUA in READ and WRITE is honoured. WP: a snapshot is not written to.
  put8(at + (long ? 3 : 2), isOfSnapshot(op) ? 0x90 : 0x10)
  if (!(control & 0x08)) length += blockDescriptor(at, long, sectors)
  if (page == PAGE_CACHING || page == PAGE_ALL) length += cachingPage(at + length, which == 1)
  if (page == PAGE_CONTROL || page == PAGE_ALL) length += controlPage(at + length, which == 1)
  if (long) put16(at, length - 2)
  else put8(at, length - 1)
  answerGood(op, min(allocation, length))
}

function blockDescriptor(at: usize, long: bool, sectors: u64): u32 {
  const descriptor = at + (long ? 8 : 4)
  put8(at + (long ? 7 : 3), 8)
  put32(descriptor, sectors > 0xffffffff ? 0xffffffff : <u32>sectors)
  put32(descriptor + 4, SECTOR_BYTES)
  return 8
}

/** SBC-4 table 235: WCE is bit 2 of byte 2. */
function cachingPage(at: usize, changeable: bool): u32 {
  put8(at, PAGE_CACHING)
  put8(at + 1, 18)
  if (!changeable && writeCacheEnabled) put8(at + 2, 0x04)
  return 20
}

/** SPC-5 table 459: fixed-format sense data (D_SENSE = 0), unrestricted reordering. */
function controlPage(at: usize, changeable: bool): u32 {
  put8(at, PAGE_CONTROL)
  put8(at + 1, 10)
  if (!changeable) put8(at + 3, 0x10)
  return 12
}
