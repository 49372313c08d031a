// The LUN of a snapshot, as SCSI has it: a read-only device with a removable medium, which is there while the snapshot is.

import { describe, expect, it } from 'vitest'
import { OPERATOR_SNAPSHOT, OPERATOR_SNAPSHOT_DROP, OPERATOR_SNAPSHOT_IMAGED } from '../../assembly/abi/operator'
import * as scsi from '../../assembly/abi/scsi'
import { ScsiTarget } from '../support/scsiTarget'

const LUN = scsi.SNAPSHOT_LUN_FIRST
const key = (senseKey: number, code: number): number => (senseKey << 16) | code
const NO_MEDIUM = key(scsi.SENSE_NOT_READY, scsi.ASC_MEDIUM_NOT_PRESENT)
const NEW_MEDIUM = key(scsi.SENSE_UNIT_ATTENTION, scsi.ASC_MEDIUM_MAY_HAVE_CHANGED)
const PROTECTED = key(scsi.SENSE_DATA_PROTECT, scsi.ASC_WRITE_PROTECTED)
const OVERFLOWED = key(scsi.SENSE_HARDWARE_ERROR, scsi.ASC_INSUFFICIENT_RESOURCES)
const TUR = [scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]
const CAPACITY = [scsi.OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0]

const place = (lba: number): number[] => [lba >>> 24, (lba >>> 16) & 255, (lba >>> 8) & 255, lba & 255]
const transfer = (op: number, lba: number, sectors = 1): number[] => [op, 0, ...place(lba), 0, 0, sectors, 0]
const u32 = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

function target(area = 50): ScsiTarget {
  const made = new ScsiTarget(`members: 2, driveCapacity: 4 MiB, snapshotArea: ${area}`).start()
  for (const lun of [0, LUN]) made.command(TUR, { lun })
  return made
}

const write = (to: ScsiTarget, lba: number, byte: number, lun = 0) =>
  to.command(transfer(scsi.OP_WRITE_10, lba), { dataOut: new Uint8Array(512).fill(byte), lun })
const read = (from: ScsiTarget, lba: number, lun = 0) =>
  from.command(transfer(scsi.OP_READ_10, lba), { dataIn: 512, lun })
const take = (from: ScsiTarget): void => {
  from.site.operate(OPERATOR_SNAPSHOT, 0)
  from.command(TUR, { lun: LUN })
}

/** READ CHANGES: [LBA, sectors, changed] from a place on. */
function changes(from: ScsiTarget, { set = 0, lba = 0, room = 4096 } = {}): number[][] {
  const cdb = [scsi.OP_READ_CHANGES, set, 0, 0, 0, 0, ...place(lba), ...place(room), 0, 0]
  const { data, sense } = from.command(cdb, { dataIn: room, lun: LUN })
  expect(sense).toBe(0)
  expect(u32(data, 0)).toBe(data.length - 4)
  expect(u32(data, 4)).toBe(128)
  return Array.from({ length: (data.length - 8) / 16 }, (_, i) => {
    const at = 8 + 16 * i
    return [u32(data, at + 4), u32(data, at + 8), data[at + 12]!]
  })
}

describe('the LUN of a snapshot', () => {
  it('is listed beside the LUN, with a medium that can be removed, and is absent without an area', () => {
    const list = [scsi.OP_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    const { data } = target().command(list, { dataIn: 256 })
    expect([...data]).toEqual([0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LUN, 0, 0, 0, 0, 0, 0])
    const inquiry = target().command([scsi.OP_INQUIRY, 0, 0, 0, 36, 0], { dataIn: 36, lun: LUN }).data
    expect([inquiry[0], inquiry[1]]).toEqual([0, 0x80])
    const without = new ScsiTarget('members: 2, driveCapacity: 4 MiB').start()
    expect(without.command(TUR, { lun: LUN }).sense).toBe(
      key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_LOGICAL_UNIT_NOT_SUPPORTED),
    )
  })

  it('has no medium until a snapshot is taken, says once that it has one, and has none after the release', () => {
    const array = target()
    for (const cdb of [TUR, CAPACITY, transfer(scsi.OP_READ_10, 0)]) {
      expect(array.command(cdb, { dataIn: 512, lun: LUN }).sense).toBe(NO_MEDIUM)
    }
    array.site.operate(OPERATOR_SNAPSHOT, 0)
    const senses = [0, 0].map(() => array.command(TUR, { lun: LUN }).sense)
    expect(senses).toEqual([NEW_MEDIUM, 0])
    const sectors = u32(array.command(CAPACITY, { dataIn: 8 }).data, 0)
    expect(u32(array.command(CAPACITY, { dataIn: 8, lun: LUN }).data, 0)).toBe(sectors)
    array.site.operate(OPERATOR_SNAPSHOT_DROP, 0)
    expect(array.command(TUR, { lun: LUN }).sense).toBe(NO_MEDIUM)
  })

  it('reads as the LUN was, whatever is written since', () => {
    const array = target()
    write(array, 5, 1)
    take(array)
    for (const byte of [2, 3]) write(array, 5, byte)
    expect([read(array, 5).data[0], read(array, 5, LUN).data[0]]).toEqual([3, 1])
    // Of a region that is kept, and of one that is where it was, in one command.
    const { data } = array.command(transfer(scsi.OP_READ_10, 120, 16), { dataIn: 8192, lun: LUN })
    expect(data.every((byte) => byte === 0)).toBe(true)
    expect(data.length).toBe(8192)
  })

  it('refuses writes, and says so in MODE SENSE; a flush is done before it begins', () => {
    const array = target()
    take(array)
    expect(write(array, 5, 1, LUN).sense).toBe(PROTECTED)
    const flush = [scsi.OP_SYNCHRONIZE_CACHE_10, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    expect(array.command(flush, { lun: LUN }).sense).toBe(0)
    const mode = (lun: number) => array.command([scsi.OP_MODE_SENSE_6, 0, 8, 0, 255, 0], { dataIn: 255, lun }).data[2]!
    expect([mode(0) & 0x80, mode(LUN) & 0x80]).toEqual([0, 0x80])
  })

  it('ends with a sense that says so when the area was full; the LUN is written all the same', () => {
    // 3 MiB of data space and area: 6 % are less than the table and one slot.
    const array = target(6)
    take(array)
    expect(write(array, 5, 7).sense).toBe(0)
    expect(
      [TUR, transfer(scsi.OP_READ_10, 5)].map((cdb) => array.command(cdb, { dataIn: 512, lun: LUN }).sense),
    ).toEqual([OVERFLOWED, OVERFLOWED])
    expect(read(array, 5).data[0]).toBe(7)
  })
})

describe('READ CHANGES', () => {
  it('has everything until an image was made, then what changed since', () => {
    const array = target()
    const sectors = u32(array.command(CAPACITY, { dataIn: 8 }).data, 0) + 1
    take(array)
    expect(changes(array)).toEqual([[0, sectors, 1]])
    write(array, 300, 1)
    array.site.operate(OPERATOR_SNAPSHOT_IMAGED, 0)
    write(array, 700, 1)
    take(array)
    // What came after the last snapshot, before its release or after it.
    const runs = [
      [0, 256, 0],
      [256, 128, 1],
      [384, 256, 0],
      [640, 128, 1],
      [768, sectors - 768, 0],
    ]
    expect(changes(array)).toEqual(runs)
    expect(changes(array, { lba: 300 })).toEqual([[300, 84, 1], ...runs.slice(2)])
    expect(changes(array, { room: 8 + 32 })).toEqual(runs.slice(0, 2))
    expect(changes(array, { set: scsi.CHANGES_SINCE_BASE })).toEqual([[0, sectors, 1]])
  })

  it('is no command of a LUN that is no snapshot', () => {
    const { sense } = target().command([scsi.OP_READ_CHANGES, ...new Array(15).fill(0)], { dataIn: 64 })
    expect(sense).toBe(key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_INVALID_COMMAND_OPERATION_CODE))
  })
})
