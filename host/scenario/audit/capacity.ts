// How large the LUN says it is, and whether it is ready: TEST UNIT READY, READ CAPACITY, REQUEST SENSE, and codes that nobody knows.

import {
  ASC_INVALID_COMMAND_OPERATION_CODE,
  ASC_INVALID_FIELD_IN_CDB,
  SA_READ_CAPACITY_16,
  SCSI_GOOD,
  SENSE_FIXED_CURRENT,
} from '../../../assembly/abi/scsi'
import { senseText } from '../../oracle/sense'
import { senseWord } from '../../workload/scsiCodec'
import { field, READ_CAPACITY_10, requestSense, serviceActionIn16, TEST_UNIT_READY } from './cdbs'
import { type AuditedLun, BLOCK_BYTES } from './lun'
import { answerText, hex, isRefusedWith, ROOM_BYTES, type ScsiProbe } from './probe'

/** SBC-4 table 79: READ CAPACITY (16) parameter data. */
const LONG_BYTES = 32
/** SPC-5 table 29: 60h to 7Dh are reserved; nobody may know them. */
const RESERVED_OPS = [0x60, 0x66, 0x6c, 0x7d] as const
/** Reserved service action of SERVICE ACTION IN (16). */
const RESERVED_ACTION = 0x1f
const DESC = 1

export function auditReadiness({ probe }: AuditedLun): void {
  probe.good('TEST UNIT READY', TEST_UNIT_READY)
  auditRequestSense(probe)
  for (const op of RESERVED_OPS) {
    const cdb = [op, ...new Array<number>(15).fill(0)]
    const what = `operation code ${op.toString(16)}h (reserved)`
    probe.refused(what, cdb, [ASC_INVALID_COMMAND_OPERATION_CODE], { room: ROOM_BYTES })
  }
}

/** SPC-5 6.39: nothing is pending. */
function auditRequestSense(probe: ScsiProbe): void {
  const what = 'REQUEST SENSE'
  const data = probe.good(what, requestSense(0, 252), { room: ROOM_BYTES })
  if (data === null) return
  const isFixed = (data[0]! & 0x7f) === SENSE_FIXED_CURRENT && data.length >= 8 && data[7] === data.length - 8
  probe.hold(isFixed, 'ERR', `${what}: ${hex(data)}`, 'fixed format, 70h, whose byte 7 counts the bytes after it')
  probe.hold(senseWord(data) === 0, 'TRUTH', `${what}: ${senseText(senseWord(data))}`, 'NO SENSE: nothing is pending')
  probe.truncates(what, (allocation) => requestSense(0, allocation), data, [0, 1, 8, 17])
  const described = probe.send(`${what}, descriptor format`, requestSense(DESC, 252), { room: ROOM_BYTES })
  const isDescribed = described.status === SCSI_GOOD && described.data[0] === 0x72
  const isRight = isDescribed || isRefusedWith(described, ASC_INVALID_FIELD_IN_CDB)
  const found = `${what}, descriptor format: ${answerText(described)}: ${hex(described.data)}`
  probe.hold(isRight, 'ERR', found, 'sense data in descriptor format, 72h, or ILLEGAL REQUEST (05/24/00)')
}

export function auditCapacity({ probe, sectors, lunCount }: AuditedLun): void {
  const source = lunCount === 1 ? 'the status words say' : 'the array was told to make it'
  const expected = `LBA ${sectors - 1}: ${source} ${sectors} sectors`
  const short = probe.good('READ CAPACITY (10)', READ_CAPACITY_10, { room: ROOM_BYTES })
  if (short) {
    probe.hold(short.length === 8, 'ERR', `READ CAPACITY (10): ${short.length} bytes`, '8 bytes')
    const last = Math.min(sectors - 1, 0xffff_ffff)
    const found = `READ CAPACITY (10): the last LBA is ${field(short, 0, 4)}`
    probe.hold(field(short, 0, 4) === last, 'TRUTH', found, last === sectors - 1 ? expected : 'all ones: use (16)')
    probe.hold(field(short, 4, 4) === BLOCK_BYTES, 'TRUTH', `READ CAPACITY (10): ${blocksOf(short, 4)}`, '512 bytes')
  }
  const cdbOf = (allocation: number): number[] => serviceActionIn16(SA_READ_CAPACITY_16, allocation)
  const long = probe.good('READ CAPACITY (16)', cdbOf(255), { room: ROOM_BYTES })
  if (long) {
    const found = `READ CAPACITY (16): the last LBA is ${field(long, 0, 8)}`
    probe.hold(field(long, 0, 8) === sectors - 1, 'TRUTH', found, expected)
    probe.hold(field(long, 8, 4) === BLOCK_BYTES, 'TRUTH', `READ CAPACITY (16): ${blocksOf(long, 8)}`, '512 bytes')
    probe.hold(long.length === LONG_BYTES, 'ERR', `READ CAPACITY (16): ${long.length} bytes`, `${LONG_BYTES} bytes`)
    probe.truncates('READ CAPACITY (16)', cdbOf, long, [0, 8, 12, 31, 32])
  }
  const what = `SERVICE ACTION IN (16), action ${RESERVED_ACTION.toString(16)}h (reserved)`
  const cdb = serviceActionIn16(RESERVED_ACTION, ROOM_BYTES)
  probe.refused(what, cdb, [ASC_INVALID_FIELD_IN_CDB, ASC_INVALID_COMMAND_OPERATION_CODE], { room: ROOM_BYTES })
}

function blocksOf(data: Uint8Array, at: number): string {
  return `blocks of ${field(data, at, 4)} bytes`
}
