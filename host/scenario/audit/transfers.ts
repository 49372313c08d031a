// Where the LUN ends: READ and WRITE in their four lengths and SYNCHRONIZE CACHE, at the last block, beyond it, across it, and with fields
// that they must refuse. SBC-4 5.10 to 5.13, 5.27, 5.38 to 5.41.
//
// What the LUN holds stays: a write that should be carried out writes what is there already, every other one should be refused, and it is
// looked whether the blocks have stayed what they were.

import {
  ASC_INVALID_COMMAND_OPERATION_CODE,
  ASC_INVALID_FIELD_IN_CDB,
  ASC_LBA_OUT_OF_RANGE,
} from '../../../assembly/abi/scsi'
import { synchronize10, synchronize16, TRANSFER_FORMS, type TransferForm } from './cdbs'
import { type AuditedLun, BLOCK_BYTES } from './lun'
import { hex, isEqual, isRefusedWith, type ScsiProbe } from './probe'

/** RDPROTECT and WRPROTECT: protection information that there is not. */
const PROTECT_VALUES = [0x20, 0x60, 0xa0] as const

/** A command that reaches beyond the end. */
interface Beyond {
  readonly lba: bigint
  readonly blocks: number
}

export function auditTransfers(lun: AuditedLun): void {
  if (lun.sectors < 1) return
  for (const form of TRANSFER_FORMS) if (BigInt(lun.sectors - 1) <= form.lbaMax) auditForm(lun, form)
  auditSynchronize(lun)
}

function auditForm(lun: AuditedLun, form: TransferForm): void {
  const { probe, sectors } = lun
  const last = BigInt(sectors - 1)
  const reads = isThere(probe, form, 'READ', form.cdb(form.read, last, 1), BLOCK_BYTES)
  if (reads) {
    readBlocks(lun, form, last, 1)
    for (const beyond of beyondsOf(lun, form)) refuseRead(lun, form, beyond)
    refuseFields(lun, form)
  }
  if (!isThere(probe, form, 'WRITE', form.cdb(form.write, last, 2), 0)) return
  const endBefore = contentAt(lun, last)
  const startBefore = contentAt(lun, 0n)
  if (endBefore) {
    const options = { dataOut: endBefore }
    const what = `WRITE ${form.name} of the last LBA, with what is there already`
    probe.good(what, form.cdb(form.write, last, 1), options)
  }
  for (const { lba, blocks } of beyondsOf(lun, form)) {
    const what = `WRITE ${form.name} of ${blocks} blocks at LBA ${lba}, beyond the end of ${sectors}`
    const dataOut = patternOf(Math.min(blocks, 2))
    probe.refused(what, form.cdb(form.write, lba, blocks), [ASC_LBA_OUT_OF_RANGE], { dataOut })
  }
  refuseShortData(lun, form)
  hasStayed(probe, form, last, endBefore, contentAt(lun, last))
  hasStayed(probe, form, 0n, startBefore, contentAt(lun, 0n))
}

/** Whether a command is supported; those that every LUN has must be. */
function isThere(probe: ScsiProbe, form: TransferForm, name: string, cdb: readonly number[], room: number): boolean {
  const dataOut = room === 0 ? patternOf(1) : new Uint8Array(0)
  const what = `${name} ${form.name}`
  const answer = probe.send(what, cdb, { room, dataOut })
  if (!isRefusedWith(answer, ASC_INVALID_COMMAND_OPERATION_CODE)) return true
  probe.hold(!form.isMandatory, 'ERR', `${what}: not supported`, 'every LUN has it (SBC-4 table 34)')
  return false
}

/** Blocks that can be read, as READ (10) or (16) reads them. */
function readBlocks(lun: AuditedLun, form: TransferForm, lba: bigint, blocks: number): void {
  const { probe } = lun
  const what = `READ ${form.name} of ${blocks} blocks at LBA ${lba}`
  const bytes = blocks * BLOCK_BYTES
  const data = probe.good(what, form.cdb(form.read, lba, blocks), { room: bytes })
  if (data === null || !probe.hold(data.length === bytes, 'ERR', `${what}: ${data.length} bytes`, `${bytes}`)) return
  const other = contentAt(lun, lba)
  const first = data.subarray(0, BLOCK_BYTES)
  const isSame = other === null || isEqual(other, first)
  probe.hold(isSame, 'TRUTH', `${what}: ${hex(first)}`, `as another READ says: ${hex(other ?? first)}`)
}

/** One block, by READ (16): it reaches everywhere. */
function contentAt({ probe }: AuditedLun, lba: bigint): Uint8Array | null {
  const form = TRANSFER_FORMS.find(({ name }) => name === '(16)')!
  const data = probe.good(`READ (16) of LBA ${lba}`, form.cdb(form.read, lba, 1), { room: BLOCK_BYTES })
  return data?.length === BLOCK_BYTES ? data : null
}

/** Ranges beyond the end that the fields of a CDB can express. */
function beyondsOf({ sectors }: AuditedLun, { lbaMax, isShort }: TransferForm): Beyond[] {
  const end = BigInt(sectors)
  const ranges: Beyond[] = [
    { lba: end, blocks: 1 },
    { lba: end - 1n, blocks: 2 },
    { lba: end + 1n, blocks: 1 },
    // In READ (6) and WRITE (6) a length of 0 is 256 blocks.
    ...(isShort ? [] : [{ lba: end + 1n, blocks: 0 }]),
    { lba: 0x1_0000_0000n, blocks: 1 },
    { lba: lbaMax, blocks: 1 },
    { lba: lbaMax, blocks: 2 },
  ]
  return ranges.filter(({ lba, blocks }) => lba <= lbaMax && (lba > end || lba + BigInt(blocks) > end))
}

function refuseRead({ probe, sectors }: AuditedLun, form: TransferForm, { lba, blocks }: Beyond): void {
  const what = `READ ${form.name} of ${blocks} blocks at LBA ${lba}, beyond the end of ${sectors}`
  probe.refused(what, form.cdb(form.read, lba, blocks), [ASC_LBA_OUT_OF_RANGE], { room: blocks * BLOCK_BYTES })
}

/** Lengths 0, the longest and one more; protection; a length that no field of blocks means. */
function refuseFields(lun: AuditedLun, form: TransferForm): void {
  const { probe, sectors, blocksMax } = lun
  for (const blocks of [blocksMax, blocksMax + 1]) {
    if (blocks > form.blocksMax || blocks > sectors) continue
    if (blocks <= blocksMax) readBlocks(lun, form, 0n, blocks)
    else refuseTooMany(probe, form, blocks)
  }
  if (form.isShort) {
    const isPossible = sectors >= 256 && blocksMax >= 256
    if (isPossible) readBlocks(lun, form, 0n, 256)
    return
  }
  const nothing = probe.good(`READ ${form.name} of 0 blocks`, form.cdb(form.read, 0n, 0), { room: BLOCK_BYTES })
  if (nothing) probe.hold(nothing.length === 0, 'ERR', `READ ${form.name} of 0 blocks: ${nothing.length} bytes`, '0')
  probe.good(`WRITE ${form.name} of 0 blocks`, form.cdb(form.write, 0n, 0))
  for (const protect of PROTECT_VALUES) {
    const bits = `${protect >> 5}`
    const read = form.cdb(form.read, 0n, 1, protect)
    probe.refused(`READ ${form.name}, RDPROTECT ${bits}`, read, [ASC_INVALID_FIELD_IN_CDB], { room: BLOCK_BYTES })
    const options = { dataOut: patternOf(1) }
    const write = form.cdb(form.write, 0n, 1, protect)
    probe.refused(`WRITE ${form.name}, WRPROTECT ${bits}`, write, [ASC_INVALID_FIELD_IN_CDB], options)
  }
  if (form.blocksMax > 0xffff) {
    const what = `READ ${form.name} of ${form.blocksMax} blocks at LBA 0`
    const codes = [ASC_LBA_OUT_OF_RANGE, ASC_INVALID_FIELD_IN_CDB]
    probe.refused(what, form.cdb(form.read, 0n, form.blocksMax), codes, { room: BLOCK_BYTES })
  }
}

/** SBC-4 6.6.4: more than MAXIMUM TRANSFER LENGTH. */
function refuseTooMany(probe: ScsiProbe, form: TransferForm, blocks: number): void {
  const what = `READ ${form.name} of ${blocks} blocks, more than one command may transfer`
  const room = blocks * BLOCK_BYTES
  probe.refused(what, form.cdb(form.read, 0n, blocks), [ASC_INVALID_FIELD_IN_CDB], { room })
}

/** The initiator sent less than the CDB says. */
function refuseShortData({ probe, sectors }: AuditedLun, form: TransferForm): void {
  const rows = [
    [1, 0],
    [2, 1],
    [form.isShort ? 256 : 3, 1],
  ] as const
  for (const [blocks, sent] of rows) {
    if (blocks > sectors) continue
    const what = `WRITE ${form.name} of ${blocks} blocks with data of ${sent}`
    probe.notGood(what, form.cdb(form.write, 0n, blocks), { dataOut: patternOf(sent) })
  }
}

function hasStayed(
  probe: ScsiProbe,
  form: TransferForm,
  lba: bigint,
  before: Uint8Array | null,
  after: Uint8Array | null,
): void {
  if (!before || !after) return
  const found = `LBA ${lba} after writes ${form.name} that had to be refused: ${hex(after)}`
  probe.hold(isEqual(before, after), 'TRUTH', found, `as before: ${hex(before)}`)
}

/** SBC-4 5.27: a length of 0 is all that follows. An initiator needs one of the two where writes are cached. */
function auditSynchronize({ probe, sectors, writeCacheEnabled }: AuditedLun): void {
  let forms = 0
  for (const [name, cdbOf, lbaMax] of [
    ['SYNCHRONIZE CACHE (10)', synchronize10, 0xffff_ffff],
    ['SYNCHRONIZE CACHE (16)', synchronize16, Number.MAX_SAFE_INTEGER],
  ] as const) {
    if (isRefusedWith(probe.send(name, cdbOf(0, 0)), ASC_INVALID_COMMAND_OPERATION_CODE)) continue
    forms++
    probe.good(`${name} of everything`, cdbOf(0, 0))
    if (sectors + 1 > lbaMax) continue
    probe.good(`${name} of the last LBA`, cdbOf(sectors - 1, 1))
    for (const [lba, blocks] of [
      [sectors, 1],
      [sectors - 1, 2],
      [sectors + 1, 0],
    ] as const) {
      const what = `${name} of ${blocks} blocks at LBA ${lba}, beyond the end of ${sectors}`
      probe.refused(what, cdbOf(lba, blocks), [ASC_LBA_OUT_OF_RANGE])
    }
  }
  const isEnough = forms > 0 || !writeCacheEnabled
  probe.hold(isEnough, 'ERR', 'SYNCHRONIZE CACHE: neither (10) nor (16) is there', 'one of them: WCE = 1')
}

function patternOf(blocks: number): Uint8Array {
  return new Uint8Array(blocks * BLOCK_BYTES).fill(0xa5)
}
