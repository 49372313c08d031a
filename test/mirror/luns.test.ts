// Several LUNs of one array: each is a device of its own to an initiator.

import { describe, expect, it } from 'vitest'
import * as scsi from '../../assembly/abi/scsi'
import { ScsiTarget } from '../support/scsiTarget'

const DATA_SECTORS = 32768 - 2048
const SIZES = [2048, 8200, DATA_SECTORS - 2048 - 8200]
const LUNS = [0, 1, 2]
const ARRAY = 'members: 2, driveCapacity: 16 MiB, luns: [1 MiB, 4100 KiB, rest]'
const key = (senseKey: number, code: number): number => (senseKey << 16) | code
const NO_LUN = key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_LOGICAL_UNIT_NOT_SUPPORTED)
const POWER_ON = key(scsi.SENSE_UNIT_ATTENTION, scsi.ASC_POWER_ON)
const BEYOND = key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_LBA_OUT_OF_RANGE)
const TUR = [scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]

function ready(array = ARRAY): ScsiTarget {
  const target = new ScsiTarget(array).start()
  for (let lun = 0; lun < 8; lun++) target.command(TUR, { lun })
  return target
}

const u32 = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const page = (target: ScsiTarget, code: number, lun: number): Uint8Array =>
  target.command([scsi.OP_INQUIRY, 1, code, 0, 255, 0], { dataIn: 255, lun }).data
const place = (lba: number): number[] => [lba >>> 24, (lba >>> 16) & 255, (lba >>> 8) & 255, lba & 255]
const transfer = (op: number, lba: number, sectors: number): number[] => [op, 0, ...place(lba), 0, 0, sectors, 0]
const write = (target: ScsiTarget, lun: number, lba: number, byte: number) =>
  target.command(transfer(scsi.OP_WRITE_10, lba, 1), { dataOut: new Uint8Array(512).fill(byte), lun })
const read = (target: ScsiTarget, lun: number, lba: number) =>
  target.command(transfer(scsi.OP_READ_10, lba, 1), { dataIn: 512, lun })

describe('an array with three LUNs', () => {
  it('lists them all, whichever is asked', () => {
    const target = ready()
    for (const lun of [...LUNS, 5]) {
      const { data } = target.command([scsi.OP_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], { dataIn: 256, lun })
      expect(u32(data, 0)).toBe(24)
      expect([...data.subarray(8)]).toEqual(LUNS.flatMap((n) => [0, n, 0, 0, 0, 0, 0, 0]))
    }
    const { data } = target.command([scsi.OP_REPORT_LUNS, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0], { dataIn: 256 })
    expect([...data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('tells the size of each in READ CAPACITY and in the block descriptor of MODE SENSE', () => {
    const target = ready()
    for (const lun of LUNS) {
      const { data } = target.command([scsi.OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0], { dataIn: 8, lun })
      expect(u32(data, 0)).toBe(SIZES[lun]! - 1)
      const long = [scsi.OP_SERVICE_ACTION_IN_16, scsi.SA_READ_CAPACITY_16, ...new Array(11).fill(0), 32, 0, 0]
      expect(u32(target.command(long, { dataIn: 32, lun }).data, 4)).toBe(SIZES[lun]! - 1)
      const mode = target.command([scsi.OP_MODE_SENSE_6, 0, 0x08, 0, 255, 0], { dataIn: 255, lun })
      expect(u32(mode.data, 4)).toBe(SIZES[lun]!)
    }
  })

  it('gives each a name of its own, the first that of an array with one LUN', () => {
    const target = ready()
    const alone = ready('members: 2, driveCapacity: 16 MiB')
    const serials = LUNS.map((lun) => text(page(target, 0x80, lun).subarray(4)))
    expect(new Set(serials).size).toBe(3)
    expect(serials[0]).toBe(text(page(alone, 0x80, 0).subarray(4)))
    for (const lun of LUNS) {
      const designator = page(target, 0x83, lun)
      expect(text(designator.subarray(8, 8 + designator[7]!))).toBe(`PLTRLAB ${serials[lun]}`)
    }
  })

  it('establishes a unit attention for each: one that is told to one LUN is still due to the others', () => {
    const target = new ScsiTarget(ARRAY).start()
    const senses = (): number[] => LUNS.map((lun) => target.command(TUR, { lun }).sense)
    expect(target.command(TUR, { lun: 1 }).sense).toBe(POWER_ON)
    expect(senses()).toEqual([POWER_ON, 0, POWER_ON])
    expect(senses()).toEqual([0, 0, 0])
  })

  it('REQUEST SENSE takes the unit attention of its own LUN alone', () => {
    const target = new ScsiTarget(ARRAY).start()
    const { data } = target.command([scsi.OP_REQUEST_SENSE, 0, 0, 0, 18, 0], { dataIn: 18, lun: 2 })
    expect([data[2], data[12]]).toEqual([scsi.SENSE_UNIT_ATTENTION, 0x29])
    expect([2, 1].map((lun) => target.command(TUR, { lun }).sense)).toEqual([0, POWER_ON])
  })

  it('keeps them apart: the same LBA is another sector on each, and the last of one is not the first of the next', () => {
    const target = ready()
    for (const lun of LUNS) {
      for (const lba of [0, SIZES[lun]! - 1]) {
        expect(write(target, lun, lba, 16 * lun + (lba === 0 ? 1 : 2)).status).toBe(scsi.SCSI_GOOD)
      }
    }
    for (const lun of LUNS) {
      for (const lba of [0, SIZES[lun]! - 1]) {
        const { data } = read(target, lun, lba)
        expect([data[0], data[511]]).toEqual(new Array(2).fill(16 * lun + (lba === 0 ? 1 : 2)))
      }
    }
  })

  it('ends each where it ends, also where another one follows', () => {
    const target = ready()
    for (const lun of LUNS) {
      const end = SIZES[lun]!
      expect(read(target, lun, end - 1).status).toBe(scsi.SCSI_GOOD)
      expect(read(target, lun, end).sense).toBe(BEYOND)
      expect(target.command(transfer(scsi.OP_READ_10, end - 1, 2), { dataIn: 1024, lun }).sense).toBe(BEYOND)
      expect(write(target, lun, end, 7).sense).toBe(BEYOND)
      expect(target.command(transfer(scsi.OP_SYNCHRONIZE_CACHE_10, end - 1, 2), { lun }).sense).toBe(BEYOND)
    }
  })

  it('knows no other LUN', () => {
    const target = ready()
    for (const lun of [3, 7, 8, 255, 0x4000]) {
      expect(target.command(TUR, { lun }).sense).toBe(NO_LUN)
      expect(read(target, lun, 0).sense).toBe(NO_LUN)
      const { data } = target.command([scsi.OP_INQUIRY, 0, 0, 0, 36, 0], { dataIn: 36, lun })
      expect(data[0]).toBe(0x7f)
      const pending = target.command([scsi.OP_REQUEST_SENSE, 0, 0, 0, 18, 0], { dataIn: 18, lun }).data
      expect([pending[2], pending[12]]).toEqual([scsi.SENSE_ILLEGAL_REQUEST, 0x25])
    }
  })
})

describe('a configuration', () => {
  it('of eight LUNs is served, of a LUN that does not fit is not', () => {
    const eight = ready(
      'members: 1, driveCapacity: 16 MiB, luns: [4 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB, rest]',
    )
    expect(read(eight, 7, 0).status).toBe(scsi.SCSI_GOOD)
    // The drive has 16 MiB, and the array needs some of them: that is seen when it has been made.
    const tooMuch = ready('members: 1, driveCapacity: 16 MiB, luns: [8 MiB, 8 MiB]')
    expect([0, 1].map((lun) => tooMuch.command(TUR, { lun }).sense)).toEqual([0, NO_LUN])
    const { data } = tooMuch.command([scsi.OP_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], { dataIn: 256 })
    expect(u32(data, 0)).toBe(8)
  })

  it('is kept over a power cut', () => {
    const target = ready()
    write(target, 2, 5, 0x5a)
    target.site.powerCut(target.site.seededCut(false))
    target.site.powerOn()
    target.settle()
    expect(target.command(TUR, { lun: 2 }).sense).toBe(POWER_ON)
    expect(read(target, 2, 5).data[0]).toBe(0x5a)
  })

  it('that leaves a part of the array to nobody is served, too', () => {
    const target = ready('members: 2, driveCapacity: 16 MiB, luns: [1 MiB, 1 MiB]')
    expect(read(target, 1, 2047).status).toBe(scsi.SCSI_GOOD)
    expect(read(target, 1, 2048).sense).toBe(BEYOND)
  })
})
