// Who the LUN says it is: INQUIRY with its vital product data, REPORT LUNS, and what there is to say about a LUN that is not there.

import {
  ASC_INVALID_COMMAND_OPERATION_CODE,
  ASC_INVALID_FIELD_IN_CDB,
  ASC_LOGICAL_UNIT_NOT_SUPPORTED,
  OP_MODE_SENSE_6,
  SCSI_GOOD,
  SENSE_ILLEGAL_REQUEST,
} from '../../../assembly/abi/scsi'
import { senseOf } from '../../oracle/sense'
import { senseWord } from '../../workload/scsiCodec'
import {
  field,
  inquiry,
  READ_CAPACITY_10,
  reportLuns,
  requestSense,
  synchronize10,
  TEST_UNIT_READY,
  TRANSFER_FORMS,
} from './cdbs'
import { type AuditedLun, BLOCK_BYTES } from './lun'
import { answerText, hex, isEqual, isRefusedWith, ROOM_BYTES, type ScsiProbe } from './probe'

/** SPC-5 table 142: standard INQUIRY data have at least so many bytes. */
const STANDARD_BYTES = 36
/** SPC-5 table 145: SPC-3. */
const VERSION_MIN = 5
/** SPC-5 6.7.2: peripheral qualifier 011b, type 1Fh. */
const NOT_THERE = 0x7f
const PAGE_SUPPORTED = 0x00
const PAGE_SERIAL = 0x80
/** SPC-5 7.7.1: with 00h the page that every LUN has. */
const PAGE_IDENTIFICATION = 0x83
const PAGE_LIMITS = 0xb0
/** What VPD pages may be asked for that some LUN has, and some has not. */
const PAGES_TRIED = [0x01, 0x7f, 0x81, 0x87, 0xb1, 0xb5, 0xff] as const

export function auditIdentity(lun: AuditedLun): void {
  const vendor = auditStandardInquiry(lun.probe)
  auditVpd(lun, vendor)
  auditReportLuns(lun)
  // The first number that no LUN has.
  const free = lun.numbers.findIndex((number, at) => number !== at)
  auditOtherLun(lun.probe, free < 0 ? lun.numbers.length : free)
}

/** The vendor's eight bytes. */
function auditStandardInquiry(probe: ScsiProbe): Uint8Array {
  const what = 'INQUIRY'
  const data = probe.good(what, inquiry(0, 0, 255), { room: ROOM_BYTES })
  if (data === null) return new Uint8Array(8)
  probe.hold(data.length >= STANDARD_BYTES, 'ERR', `${what}: ${data.length} bytes`, `at least ${STANDARD_BYTES}`)
  probe.hold(data[0] === 0, 'TRUTH', `${what}: byte 0 is ${data[0]}`, '0: a direct-access block device')
  probe.hold(data[1] === 0, 'TRUTH', `${what}: byte 1 is ${data[1]}`, '0: the medium is not removable')
  probe.hold((data[2] ?? 0) >= VERSION_MIN, 'TRUTH', `${what}: version ${data[2]}`, `at least ${VERSION_MIN}, SPC-3`)
  probe.hold((data[3]! & 0x0f) === 2, 'ERR', `${what}: response data format ${data[3]! & 0x0f}`, 'format 2')
  const length = (data[4] ?? 0) + 5
  const found = `${what}: ADDITIONAL LENGTH says ${length} bytes, ${data.length} came`
  probe.hold(length === data.length || (length > 255 && data.length === 255), 'ERR', found, 'that many bytes')
  const isPrintable = data.subarray(8, STANDARD_BYTES).every((byte) => byte >= 0x20 && byte <= 0x7e)
  probe.hold(isPrintable, 'ERR', `${what}: names ${hex(data.subarray(8, 36))}`, 'ASCII, filled up with spaces')
  const cdbOf = (allocation: number): number[] => inquiry(0, 0, allocation)
  probe.truncates(what, cdbOf, data, [0, 1, 5, 35, 36, 512])
  probe.refused('INQUIRY, a page code without EVPD', inquiry(0, PAGE_IDENTIFICATION, 255), [ASC_INVALID_FIELD_IN_CDB], {
    room: ROOM_BYTES,
  })
  return data.slice(8, 16)
}

function auditVpd(lun: AuditedLun, vendor: Uint8Array): void {
  const { probe } = lun
  const list = vpdPage(probe, PAGE_SUPPORTED)
  if (list === null) return
  const pages = [...list.subarray(4)]
  const isAscending = pages.every((page, at) => at === 0 || page > pages[at - 1]!)
  probe.hold(isAscending, 'ERR', `VPD page 00h: pages ${hex(list.subarray(4))}`, 'pages in ascending order')
  for (const page of [PAGE_SUPPORTED, PAGE_IDENTIFICATION]) {
    probe.hold(pages.includes(page), 'ERR', `VPD page 00h: ${pageName(page)} is not listed`, 'SPC-5 7.7.1: listed')
  }
  const answers = new Map<number, Uint8Array>()
  for (const page of pages) {
    const data = vpdPage(probe, page)
    if (data === null) continue
    answers.set(page, data)
    const cdbOf = (allocation: number): number[] => inquiry(1, page, allocation)
    probe.truncates(`VPD page ${pageName(page)}`, cdbOf, data, [0, 3, 4, data.length, data.length + 1])
  }
  for (const page of PAGES_TRIED.filter((tried) => !pages.includes(tried))) {
    const what = `VPD page ${pageName(page)}, which is not listed`
    probe.refused(what, inquiry(1, page, 255), [ASC_INVALID_FIELD_IN_CDB], { room: ROOM_BYTES })
  }
  auditDesignators(probe, answers.get(PAGE_IDENTIFICATION), answers.get(PAGE_SERIAL), vendor)
  const limits = answers.get(PAGE_LIMITS)
  if (limits) auditLimits(lun, limits)
}

/** A page with its 4-byte header, under its own number and with its own length. */
function vpdPage(probe: ScsiProbe, page: number): Uint8Array | null {
  const what = `VPD page ${pageName(page)}`
  const data = probe.good(what, inquiry(1, page, ROOM_BYTES), { room: ROOM_BYTES })
  if (data === null) return null
  const isHeaded = data[0] === 0 && data[1] === page
  probe.hold(isHeaded, 'ERR', `${what}: begins with ${hex(data.subarray(0, 2))}`, `00 and the page's own number`)
  const length = 4 + field(data, 2, 2)
  const found = `${what}: PAGE LENGTH says ${length} bytes, ${data.length} came`
  return probe.hold(length === data.length, 'ERR', found, 'that many bytes') ? data : null
}

/** SPC-5 7.7.6: designators fill the page; one names the LUN, and those of T10's kind agree with the other names. */
function auditDesignators(
  probe: ScsiProbe,
  page: Uint8Array | undefined,
  serialPage: Uint8Array | undefined,
  vendor: Uint8Array,
): void {
  if (!page) return
  const serial = serialPage?.subarray(4)
  if (serial) {
    const isText = serial.length > 0 && serial.every((byte) => byte >= 0x20 && byte <= 0x7e)
    probe.hold(isText, 'ERR', `VPD page 80h: ${hex(serial)}`, 'a serial number in ASCII')
    const text = String.fromCharCode(...serial)
    const owner = probe.serials.get(text) ?? probe.lun
    const found = `VPD page 80h: ${text}, which is the serial number of LUN ${owner}`
    probe.hold(owner === probe.lun, 'TRUTH', found, 'a name of its own for each LUN')
    probe.serials.set(text, owner)
  }
  let namesLun = false
  let at = 4
  while (at + 4 <= page.length) {
    const designator = page.subarray(at + 4, at + 4 + page[at + 3]!)
    const isOfLun = ((page[at + 1]! >> 4) & 3) === 0
    namesLun ||= isOfLun && designator.length > 0
    if (isOfLun && (page[at + 1]! & 0x0f) === 1) {
      const found = `VPD page 83h: T10 designator ${hex(designator)}`
      probe.hold(isEqual(designator.subarray(0, 8), vendor), 'TRUTH', found, 'it begins with the vendor of INQUIRY')
      const tail = designator.subarray(Math.max(0, designator.length - (serial?.length ?? 0)))
      if (serial) probe.hold(isEqual(tail, serial), 'TRUTH', found, 'it ends with the serial number of VPD page 80h')
    }
    at += 4 + page[at + 3]!
  }
  probe.hold(at === page.length, 'ERR', `VPD page 83h: designators end at byte ${at} of ${page.length}`, 'at the end')
  probe.hold(namesLun, 'ERR', 'VPD page 83h: no designator of the logical unit', 'at least one')
}

/** SBC-4 6.6.4: what one command may transfer is what the buffers hold. */
function auditLimits({ probe, blocksMax }: AuditedLun, page: Uint8Array): void {
  const what = 'VPD page B0h'
  probe.hold(page.length >= 16, 'ERR', `${what}: ${page.length} bytes`, 'at least 16')
  const transfer = field(page, 8, 4)
  const expected = `${blocksMax} blocks: the buffers of the descriptor`
  probe.hold(transfer === blocksMax, 'TRUTH', `${what}: MAXIMUM TRANSFER LENGTH is ${transfer} blocks`, expected)
  probe.hold(transfer >= 8, 'TRUTH', `${what}: MAXIMUM TRANSFER LENGTH is ${transfer} blocks`, 'at least 8')
  const optimal = field(page, 12, 4)
  const found = `${what}: OPTIMAL TRANSFER LENGTH is ${optimal} blocks`
  probe.hold(optimal <= transfer, 'TRUTH', found, `no more than the maximum, ${transfer}`)
}

/** SPC-5 6.33. */
function auditReportLuns({ probe, numbers }: AuditedLun): void {
  for (const select of [0, 1, 2]) {
    const what = `REPORT LUNS, select report ${select}`
    const data = probe.good(what, reportLuns(select, ROOM_BYTES), { room: ROOM_BYTES })
    if (data === null) return
    const listBytes = field(data, 0, 4)
    const isWhole = listBytes % 8 === 0 && data.length === 8 + listBytes
    if (!probe.hold(isWhole, 'ERR', `${what}: LUN LIST LENGTH ${listBytes} in ${data.length} bytes`, 'consistent'))
      continue
    const luns = Array.from({ length: listBytes / 8 }, (_, at) => data.subarray(8 + at * 8, 16 + at * 8))
    for (const number of numbers) {
      const isListed = luns.some((lun) => lun.every((byte, at) => byte === (at === 1 ? number : 0)))
      // Select report 1: well known logical units only.
      const found = `${what}: LUN ${number} is ${isListed ? '' : 'not '}listed`
      probe.hold(isListed === (select !== 1), 'TRUTH', found, isListed ? 'it is not' : 'it is')
    }
    // SAM-5 4.7.7.2: peripheral device addressing, bus 0.
    const strangers = luns.filter((lun) => lun.some((byte, at) => (at === 1 ? !numbers.includes(byte) : byte !== 0)))
    const found = `${what}: ${strangers.length} LUNs are listed that are not there`
    if (select !== 1) probe.hold(strangers.length === 0, 'TRUTH', found, 'those that are there')
    probe.truncates(what, (allocation) => reportLuns(select, allocation), data, [16, 17, 255])
  }
  for (const allocation of [0, 8, 15]) {
    const what = `REPORT LUNS, allocation length ${allocation}`
    probe.refused(what, reportLuns(0, allocation), [ASC_INVALID_FIELD_IN_CDB], { room: ROOM_BYTES })
  }
  const what = 'REPORT LUNS, select report 3 (reserved)'
  probe.refused(what, reportLuns(3, ROOM_BYTES), [ASC_INVALID_FIELD_IN_CDB], { room: ROOM_BYTES })
}

const [READ_WRITE_10] = TRANSFER_FORMS

/** What only a LUN that is there carries out. */
const NEEDS_LUN: readonly (readonly [what: string, cdb: readonly number[], dataOutBytes: number])[] = [
  ['TEST UNIT READY', TEST_UNIT_READY, 0],
  ['READ CAPACITY (10)', READ_CAPACITY_10, 0],
  ['READ (10)', READ_WRITE_10!.cdb(READ_WRITE_10!.read, 0n, 1), 0],
  ['WRITE (10)', READ_WRITE_10!.cdb(READ_WRITE_10!.write, 0n, 1), BLOCK_BYTES],
  ['SYNCHRONIZE CACHE (10)', synchronize10(0, 0), 0],
  ['MODE SENSE (6)', [OP_MODE_SENSE_6, 0, 0x08, 0, 255, 0], 0],
]

/** SAM-5 5.11: INQUIRY says that nobody is there, REQUEST SENSE delivers it as data, and all else is refused. */
function auditOtherLun(probe: ScsiProbe, lun: number): void {
  const options = { room: ROOM_BYTES, lun }
  const to = `to LUN ${lun}`
  const standard = probe.good(`INQUIRY ${to}`, inquiry(0, 0, 255), options)
  if (standard) {
    const found = `INQUIRY ${to}: byte 0 is ${hex(standard.subarray(0, 1))}`
    probe.hold(standard[0] === NOT_THERE, 'TRUTH', found, '7f: there is no such LUN')
  }
  const vpd = probe.send(`VPD page 00h of LUN ${lun}`, inquiry(1, PAGE_SUPPORTED, 255), options)
  const isVpdRight = vpd.status !== SCSI_GOOD || vpd.data[0] === NOT_THERE
  const expected = 'a refusal, or byte 0 = 7f: there is no such LUN'
  probe.hold(isVpdRight, 'TRUTH', `VPD page 00h of LUN ${lun}: begins with ${hex(vpd.data.subarray(0, 1))}`, expected)
  const pending = probe.send(`REQUEST SENSE ${to}`, requestSense(0, 252), options)
  if (!isRefusedWith(pending, ASC_INVALID_COMMAND_OPERATION_CODE)) {
    const sense = pending.status === SCSI_GOOD ? senseWord(pending.data) : pending.sense
    const isRight = sense === senseOf(SENSE_ILLEGAL_REQUEST, ASC_LOGICAL_UNIT_NOT_SUPPORTED)
    const found = `REQUEST SENSE ${to}: ${answerText(pending)}: ${hex(pending.data)}`
    probe.hold(isRight, 'ERR', found, 'sense data that say: no such LUN (05/25/00)')
    if (pending.status === SCSI_GOOD)
      probe.judgeAgain(`REQUEST SENSE ${to}`, requestSense(0, 252), options, pending.data)
  }
  for (const [what, cdb, dataOutBytes] of NEEDS_LUN) {
    const dataOut = new Uint8Array(dataOutBytes).fill(0xa5)
    const room = dataOutBytes > 0 ? 0 : ROOM_BYTES
    probe.refused(`${what} ${to}`, cdb, [ASC_LOGICAL_UNIT_NOT_SUPPORTED], { dataOut, room, lun })
  }
}

function pageName(page: number): string {
  return `${page.toString(16).toUpperCase().padStart(2, '0')}h`
}
