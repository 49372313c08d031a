// What the mode pages say: the write cache above all, then capacity, DPO and FUA, the format of sense data. SPC-5 6.14 and 7.5, SBC-4 6.5.

import {
  ASC_INVALID_COMMAND_OPERATION_CODE,
  ASC_INVALID_FIELD_IN_CDB,
  ASC_SAVING_PARAMETERS_NOT_SUPPORTED,
  CDB_DPO,
  CDB_FUA,
  SCSI_GOOD,
  SENSE_DESCRIPTOR_CURRENT,
} from '../../../assembly/abi/scsi'
import { field, MODE_FORMS, type ModeForm, OP_MODE_SELECT_6, OP_MODE_SELECT_10, TRANSFER_FORMS } from './cdbs'
import { type AuditedLun, BLOCK_BYTES } from './lun'
import { answerText, hex, isEqual, isRefusedWith, ROOM_BYTES, type ScsiProbe } from './probe'

const CACHING = 0x08
const CONTROL = 0x0a
const ALL = 0x3f
/** SBC-4 6.5.6 and SPC-5 7.5.13: PAGE LENGTH. */
const PAGE_LENGTHS: ReadonlyMap<number, number> = new Map([
  [CACHING, 18],
  [CONTROL, 10],
])
/** Pages that some LUN has, and some has not. */
const PAGES_TRIED = [0x01, 0x06, 0x0b, 0x1c] as const
const CONTROLS = ['current', 'changeable', 'default'] as const
const CHANGEABLE = 1
const SAVED = 3
/** Byte 1 of MODE SENSE: no block descriptors. */
const DBD = 0x08
/** SBC-4 table 234, device-specific parameter. */
const WRITE_PROTECTED = 0x80
const DPOFUA = 0x10
/** SBC-4 table 235, byte 2. */
const WCE = 0x04
/** SPC-5 table 459, byte 2. */
const D_SENSE = 0x04

interface ModeData {
  /** The device-specific parameter. */
  readonly device: number
  readonly descriptor: Uint8Array
  readonly pages: ReadonlyMap<number, Uint8Array>
  readonly bytes: Uint8Array
}

export function auditModePages(lun: AuditedLun): void {
  const { probe } = lun
  const forms = MODE_FORMS.filter((form) => {
    const answer = probe.send(form.name, form.cdb(0, CACHING, 255), { room: ROOM_BYTES })
    return !isRefusedWith(answer, ASC_INVALID_COMMAND_OPERATION_CODE)
  })
  const found = 'MODE SENSE: neither (6) nor (10) is there'
  probe.hold(forms.length > 0, 'ERR', found, 'one of them: an initiator must learn of the write cache')
  const isFixed = [OP_MODE_SELECT_6, OP_MODE_SELECT_10].every((op) => !takesModeSelect(probe, op))
  const seen = new Map<string, Uint8Array>()
  for (const form of forms) {
    for (const [control] of CONTROLS.entries()) auditPages(lun, form, control, isFixed, seen)
    auditRefusals(probe, form)
    auditFua(lun, form)
  }
}

/** A MODE SELECT of no parameters changes nothing (SPC-5 6.13). */
function takesModeSelect(probe: ScsiProbe, op: number): boolean {
  const cdb = op === OP_MODE_SELECT_6 ? [op, 0x10, 0, 0, 0, 0] : [op, 0x10, 0, 0, 0, 0, 0, 0, 0, 0]
  return !isRefusedWith(probe.send('MODE SELECT', cdb), ASC_INVALID_COMMAND_OPERATION_CODE)
}

/** The pages one by one, and all of them together. `seen`: what was said before must be said again. */
function auditPages(
  lun: AuditedLun,
  form: ModeForm,
  control: number,
  isFixed: boolean,
  seen: Map<string, Uint8Array>,
): void {
  const { probe } = lun
  const all = modeData(lun, form, control, ALL)
  for (const code of [CACHING, CONTROL]) {
    const what = `${form.name}, page ${pageName(code)}, ${CONTROLS[control]} values`
    const isOptional = code !== CACHING
    const cdb = form.cdb(control, code, form.allocationMax)
    const isAbsent = isOptional && isRefusedWith(probe.send(what, cdb, { room: ROOM_BYTES }), ASC_INVALID_FIELD_IN_CDB)
    if (isAbsent) continue
    const data = modeData(lun, form, control, code)
    const page = data?.pages.get(code)
    if (!data || !page) continue
    probe.hold(data.pages.size === 1, 'ERR', `${what}: ${data.pages.size} pages`, 'that page alone')
    const same = all?.pages.get(code)
    const isListed = all === null || (same !== undefined && isEqual(same, page))
    probe.hold(isListed, 'TRUTH', `${what}: page 3Fh has ${hex(same ?? new Uint8Array())}`, `the same: ${hex(page)}`)
    const before = seen.get(`${control}:${code}`)
    const found = `${what}: ${hex(page)}`
    probe.hold(!before || isEqual(before, page), 'TRUTH', found, `as MODE SENSE (6) says: ${hex(before ?? page)}`)
    seen.set(`${control}:${code}`, page)
    if (control === CHANGEABLE) {
      const isNone = !isFixed || page.subarray(2).every((byte) => byte === 0)
      probe.hold(isNone, 'TRUTH', found, 'zeros: there is no MODE SELECT, nothing can be changed')
    } else judgePage(lun, what, code, page)
  }
}

function judgePage({ probe, writeCacheEnabled }: AuditedLun, what: string, code: number, page: Uint8Array): void {
  if (code === CACHING) {
    const isEnabled = (page[2]! & WCE) !== 0
    const expected = `WCE = ${writeCacheEnabled ? 1 : 0}, as the array is configured`
    probe.hold(isEnabled === writeCacheEnabled, 'TRUTH', `${what}: WCE = ${isEnabled ? 1 : 0}`, expected)
    return
  }
  const isDescribed = (page[2]! & D_SENSE) !== 0
  const other = isDescribed ? 0x70 : SENSE_DESCRIPTOR_CURRENT
  const found = `${what}: D_SENSE = ${isDescribed ? 1 : 0}, and sense data came with ${other.toString(16)}h`
  probe.hold(!probe.formatsSeen.has(other), 'TRUTH', found, 'the format that D_SENSE names')
}

/** An answer taken apart; what is inconsistent in it is charged. */
function modeData(lun: AuditedLun, form: ModeForm, control: number, code: number, byte1 = 0): ModeData | null {
  const { probe } = lun
  const what = `${form.name}, page ${pageName(code)}, ${CONTROLS[control]} values${byte1 === DBD ? ', DBD' : ''}`
  const bytes = probe.good(what, form.cdb(control, code, form.allocationMax, 0, byte1), { room: ROOM_BYTES })
  if (bytes === null) return null
  const { headerBytes, lengthBytes, mediumTypeAt } = form
  const said = field(bytes, 0, lengthBytes) + lengthBytes
  const isWhole = said === bytes.length && said >= headerBytes
  if (!probe.hold(isWhole, 'ERR', `${what}: MODE DATA LENGTH says ${said} of ${bytes.length} bytes`, 'consistent'))
    return null
  const device = bytes[mediumTypeAt + 1]!
  probe.hold(bytes[mediumTypeAt] === 0, 'ERR', `${what}: medium type ${bytes[mediumTypeAt]}`, '0')
  probe.hold((device & WRITE_PROTECTED) === 0, 'TRUTH', `${what}: WP = 1`, 'WP = 0: writes are taken')
  const descriptorBytes = field(bytes, headerBytes - lengthBytes, lengthBytes)
  const descriptor = bytes.subarray(headerBytes, headerBytes + descriptorBytes)
  judgeDescriptor(lun, what, descriptor, descriptorBytes)
  const pages = pagesOf(probe, what, bytes.subarray(headerBytes + descriptorBytes))
  if (code !== ALL) probe.hold(pages.has(code), 'ERR', `${what}: the page is not in the answer`, 'it is')
  return { device, descriptor, pages, bytes }
}

/** SBC-4 6.5.2: 8 bytes with a 32-bit capacity; nothing else was asked for. */
function judgeDescriptor({ probe, sectors }: AuditedLun, what: string, descriptor: Uint8Array, bytes: number): void {
  const isWhole = (bytes === 0 || bytes === 8) && descriptor.length === bytes
  if (!probe.hold(isWhole, 'ERR', `${what}: ${bytes} bytes of block descriptors`, '0 or 8') || bytes === 0) return
  const count = field(descriptor, 0, 4)
  const expected = `${Math.min(sectors, 0xffff_ffff)}`
  probe.hold(`${count}` === expected, 'TRUTH', `${what}: ${count} blocks in the block descriptor`, expected)
  const length = field(descriptor, 5, 3)
  probe.hold(length === BLOCK_BYTES, 'TRUTH', `${what}: blocks of ${length} bytes`, `${BLOCK_BYTES}`)
}

/** Pages without subpages by their code (SPC-5 table 453). */
function pagesOf(probe: ScsiProbe, what: string, bytes: Uint8Array): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>()
  let at = 0
  while (at + 2 <= bytes.length) {
    const code = bytes[at]! & 0x3f
    const hasSubpage = (bytes[at]! & 0x40) !== 0
    const length = hasSubpage ? 4 + field(bytes, at + 2, 2) : 2 + bytes[at + 1]!
    probe.hold((bytes[at]! & 0x80) === 0, 'TRUTH', `${what}: PS = 1`, 'PS = 0: saved values are refused')
    if (!hasSubpage) {
      pages.set(code, bytes.subarray(at, at + length))
      const expected = PAGE_LENGTHS.get(code) ?? length - 2
      const found = `${what}: PAGE LENGTH of ${pageName(code)} is ${length - 2}`
      probe.hold(length - 2 === expected, 'ERR', found, `${expected}`)
    }
    at += length
  }
  probe.hold(at === bytes.length, 'ERR', `${what}: pages end at byte ${at} of ${bytes.length}`, 'at the end')
  return pages
}

function auditRefusals(probe: ScsiProbe, form: ModeForm): void {
  const room = { room: ROOM_BYTES }
  for (const code of [CACHING, ALL]) {
    const what = `${form.name}, page ${pageName(code)}, saved values`
    probe.refused(what, form.cdb(SAVED, code, 255), [ASC_SAVING_PARAMETERS_NOT_SUPPORTED], room)
  }
  const what = `${form.name}, page 08h, subpage 01h`
  probe.refused(what, form.cdb(0, CACHING, 255, 1), [ASC_INVALID_FIELD_IN_CDB], room)
  for (const code of PAGES_TRIED) {
    const answer = probe.send(`${form.name}, page ${pageName(code)}`, form.cdb(0, code, 255, 0, DBD), room)
    const isPage = answer.status === SCSI_GOOD && (answer.data[form.headerBytes]! & 0x3f) === code
    const isRight = isPage || isRefusedWith(answer, ASC_INVALID_FIELD_IN_CDB)
    const found = `${form.name}, page ${pageName(code)}: ${answerText(answer)}`
    probe.hold(isRight, 'ERR', found, 'that page, or ILLEGAL REQUEST (05/24/00)')
  }
}

/** DBD and the allocation length; DPOFUA, which a READ with FUA must agree with. */
function auditFua(lun: AuditedLun, form: ModeForm): void {
  const { probe } = lun
  const bare = modeData(lun, form, 0, CACHING, DBD)
  if (bare === null) return
  const found = `${form.name}, DBD: ${bare.descriptor.length} bytes of block descriptors`
  probe.hold(bare.descriptor.length === 0, 'ERR', found, 'none')
  const cdbOf = (allocation: number): number[] => form.cdb(0, CACHING, allocation, 0, DBD)
  probe.truncates(`${form.name}, page 08h, DBD`, cdbOf, bare.bytes, [0, 1, form.headerBytes, 255])
  const read = TRANSFER_FORMS[0]!
  for (const [flag, name] of [
    [CDB_FUA, 'FUA'],
    [CDB_DPO, 'DPO'],
  ] as const) {
    const what = `READ ${read.name} with ${name}`
    const cdb = read.cdb(read.read, 0n, 1, flag)
    if (bare.device & DPOFUA) probe.good(`${what}, DPOFUA = 1`, cdb, { room: BLOCK_BYTES })
    else probe.refused(`${what}, DPOFUA = 0`, cdb, [ASC_INVALID_FIELD_IN_CDB], { room: BLOCK_BYTES })
  }
}

function pageName(page: number): string {
  return `${page.toString(16).toUpperCase().padStart(2, '0')}h`
}
