import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as scsi from '../../assembly/abi/scsi'
import { ScsiTarget } from '../support/scsiTarget'

const LUN_SECTORS = 32768 - 2048
const key = (senseKey: number, code: number): number => (senseKey << 16) | code

/** A target whose UNIT ATTENTION has been reported. */
function ready(array?: string): ScsiTarget {
  const target = new ScsiTarget(array).start()
  target.command([scsi.OP_REQUEST_SENSE, 0, 0, 0, 18, 0], { dataIn: 18 })
  return target
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const u32 = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
const u16 = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint16(at)

describe('after a boot', () => {
  it('the first command that is not exempt learns of it, once', () => {
    const target = new ScsiTarget().start()
    expect(target.command([scsi.OP_INQUIRY, 0, 0, 0, 36, 0], { dataIn: 36 }).status).toBe(scsi.SCSI_GOOD)
    const first = target.command([scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0])
    expect(first).toMatchObject({
      status: scsi.SCSI_CHECK_CONDITION,
      sense: key(scsi.SENSE_UNIT_ATTENTION, scsi.ASC_POWER_ON),
    })
    expect(target.command([scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]).status).toBe(scsi.SCSI_GOOD)
  })

  it('REQUEST SENSE delivers the unit attention and clears it', () => {
    const target = new ScsiTarget().start()
    const { data } = target.command([scsi.OP_REQUEST_SENSE, 0, 0, 0, 18, 0], { dataIn: 18 })
    expect([data[0], data[2], data[12], data[13]]).toEqual([0x70, scsi.SENSE_UNIT_ATTENTION, 0x29, 0])
    expect(target.command([scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]).status).toBe(scsi.SCSI_GOOD)
  })

  it('a LUN that is still being looked for is becoming ready', () => {
    const target = new ScsiTarget()
    target.site.format()
    target.command([scsi.OP_REQUEST_SENSE, 0, 0, 0, 18, 0], { dataIn: 18 })
    expect(target.command([scsi.OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0], { dataIn: 8 }).sense).toBe(
      key(scsi.SENSE_NOT_READY, scsi.ASC_BECOMING_READY),
    )
  })
})

describe('INQUIRY', () => {
  it('standard data: a direct-access block device of SPC-5 that queues commands', () => {
    const { data } = ready().command([scsi.OP_INQUIRY, 0, 0, 0, 96, 0], { dataIn: 96 })
    expect([data[0], data[2], data[3]! & 15, data[4]]).toEqual([0, 7, 2, data.length - 5])
    expect(text(data.subarray(8, 16))).toBe('PLTRLAB ')
  })

  it('lists its vital product data pages in ascending order, and delivers each under its number and length', () => {
    const target = ready()
    const { data } = target.command([scsi.OP_INQUIRY, 1, 0, 0, 255, 0], { dataIn: 255 })
    const pages = [...data.subarray(4, 4 + data[3]!)]
    expect(pages).toEqual([0x00, 0x80, 0x83, 0xb0, 0xb2])
    for (const page of pages) {
      const answer = target.command([scsi.OP_INQUIRY, 1, page, 0, 255, 0], { dataIn: 255 })
      expect([answer.data[1], u16(answer.data, 2)]).toEqual([page, answer.data.length - 4])
    }
  })

  it('the serial number of page 80h is in the designator of page 83h', () => {
    const target = ready()
    const serial = text(target.command([scsi.OP_INQUIRY, 1, 0x80, 0, 255, 0], { dataIn: 255 }).data.subarray(4))
    expect(serial).toMatch(/^[0-9a-f]{32}$/)
    const { data } = target.command([scsi.OP_INQUIRY, 1, 0x83, 0, 255, 0], { dataIn: 255 })
    expect(text(data.subarray(8, 8 + data[7]!))).toBe(`PLTRLAB ${serial}`)
  })

  it('page B0h states the transfer length that READ and WRITE keep to', () => {
    const target = ready()
    const { data } = target.command([scsi.OP_INQUIRY, 1, 0xb0, 0, 255, 0], { dataIn: 255 })
    const blocksMax = u32(data, 8)
    const read = (blocks: number) =>
      target.command([scsi.OP_READ_10, 0, 0, 0, 0, 0, 0, blocks >> 8, blocks & 255, 0], { dataIn: blocks * 512 })
    expect(read(blocksMax).status).toBe(scsi.SCSI_GOOD)
    expect(read(blocksMax + 1).sense).toBe(key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_INVALID_FIELD_IN_CDB))
  })

  it('a page that there is not, and a page code without EVPD, are invalid fields', () => {
    for (const cdb of [
      [scsi.OP_INQUIRY, 1, 0xb1, 0, 255, 0],
      [scsi.OP_INQUIRY, 0, 0x80, 0, 255, 0],
    ]) {
      expect(ready().command(cdb, { dataIn: 255 }).sense).toBe(
        key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_INVALID_FIELD_IN_CDB),
      )
    }
  })

  it('never delivers more than the allocation length', () => {
    const target = ready()
    fc.assert(
      fc.property(fc.nat(255), fc.constantFrom(0x00, 0x80, 0x83, 0xb0, 0xb2), (length, page) => {
        expect(
          target.command([scsi.OP_INQUIRY, 1, page, 0, length, 0], { dataIn: length }).data.length,
        ).toBeLessThanOrEqual(length)
      }),
    )
  })
})

describe('capacity, LUNs, mode pages', () => {
  it('READ CAPACITY (10) and (16) name the last LBA and sectors of 512 bytes', () => {
    const target = ready()
    const short = target.command([scsi.OP_READ_CAPACITY_10, 0, 0, 0, 0, 0, 0, 0, 0, 0], { dataIn: 8 }).data
    expect([u32(short, 0), u32(short, 4)]).toEqual([LUN_SECTORS - 1, 512])
    const cdb = [scsi.OP_SERVICE_ACTION_IN_16, scsi.SA_READ_CAPACITY_16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0]
    const long = target.command(cdb, { dataIn: 32 }).data
    expect([u32(long, 0), u32(long, 4), u32(long, 8), long.length]).toEqual([0, LUN_SECTORS - 1, 512, 32])
  })

  it('REPORT LUNS lists LUN 0 alone', () => {
    const { data } = ready().command([scsi.OP_REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0], { dataIn: 255 })
    expect([...data]).toEqual([0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('another LUN is not supported, but may be inquired about', () => {
    const target = ready()
    expect(target.command([scsi.OP_TEST_UNIT_READY, 0, 0, 0, 0, 0], { lun: 1 }).sense).toBe(
      key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_LOGICAL_UNIT_NOT_SUPPORTED),
    )
    expect(target.command([scsi.OP_INQUIRY, 0, 0, 0, 36, 0], { dataIn: 36, lun: 1 }).data[0]).toBe(0x7f)
  })

  it.each([
    ['off', 0],
    ['on', 0x04],
  ])('MODE SENSE (6) and (10): with the write cache %s the caching page says so', (cache, wce) => {
    const target = ready(`members: 2, driveCapacity: 16 MiB, writeCache: ${cache}`)
    const short = target.command([scsi.OP_MODE_SENSE_6, 0x08, 0x08, 0, 255, 0], { dataIn: 255 }).data
    expect([short[0], short[3], short[4], short[6]! & 0x04]).toEqual([short.length - 1, 0, 0x08, wce])
    const long = target.command([scsi.OP_MODE_SENSE_10, 0, 0x3f, 0, 0, 0, 0, 0, 255, 0], { dataIn: 255 }).data
    expect([u16(long, 0), long[7], long[16], long[18]! & 0x04]).toEqual([long.length - 2, 8, 0x08, wce])
  })

  it('saved values and unknown pages are refused', () => {
    const target = ready()
    const sense = (page: number) => target.command([scsi.OP_MODE_SENSE_6, 0, page, 0, 255, 0], { dataIn: 255 }).sense
    expect(sense(0xc8)).toBe(key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_SAVING_PARAMETERS_NOT_SUPPORTED))
    expect(sense(0x1c)).toBe(key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_INVALID_FIELD_IN_CDB))
  })
})

type Form = readonly [
  name: string,
  write: number,
  read: number,
  cdb: (op: number, lba: number, blocks: number) => number[],
]

const be32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
const FORMS: readonly Form[] = [
  ['6', scsi.OP_WRITE_6, scsi.OP_READ_6, (op, lba, n) => [op, (lba >> 16) & 0x1f, (lba >> 8) & 255, lba & 255, n, 0]],
  ['10', scsi.OP_WRITE_10, scsi.OP_READ_10, (op, lba, n) => [op, 0, ...be32(lba), 0, n >> 8, n & 255, 0]],
  ['12', scsi.OP_WRITE_12, scsi.OP_READ_12, (op, lba, n) => [op, 0, ...be32(lba), ...be32(n), 0, 0]],
  ['16', scsi.OP_WRITE_16, scsi.OP_READ_16, (op, lba, n) => [op, 0, 0, 0, 0, 0, ...be32(lba), ...be32(n), 0, 0]],
]

describe.each(FORMS)('READ and WRITE (%s)', (_, write, read, cdb) => {
  it('what is written is read back, from any place and in any length', () => {
    const target = ready()
    fc.assert(
      fc.property(fc.nat(LUN_SECTORS - 9), fc.integer({ min: 1, max: 8 }), fc.nat(255), (lba, blocks, fill) => {
        const dataOut = new Uint8Array(blocks * 512).fill(fill)
        expect(target.command(cdb(write, lba, blocks), { dataOut }).status).toBe(scsi.SCSI_GOOD)
        const answer = target.command(cdb(read, lba, blocks), { dataIn: dataOut.length })
        expect(Buffer.from(answer.data).equals(Buffer.from(dataOut))).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('the last sector can be read, the next one is out of range', () => {
    const target = ready()
    expect(target.command(cdb(read, LUN_SECTORS - 1, 1), { dataIn: 512 }).status).toBe(scsi.SCSI_GOOD)
    for (const [lba, blocks] of [
      [LUN_SECTORS - 1, 2],
      [LUN_SECTORS, 1],
      [LUN_SECTORS + 1, 1],
    ] as const) {
      const answer = target.command(cdb(read, lba, blocks), { dataIn: blocks * 512 })
      expect(answer).toMatchObject({
        status: scsi.SCSI_CHECK_CONDITION,
        sense: key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_LBA_OUT_OF_RANGE),
      })
    }
  })
})

it('READ (6) with length 0 reads 256 sectors', () => {
  const answer = ready().command([scsi.OP_READ_6, 0, 0, 0, 0, 0], { dataIn: 256 * 512 })
  expect(answer.data.length).toBe(256 * 512)
})

it('READ (10) with length 0 reads nothing and is good', () => {
  expect(ready().command([scsi.OP_READ_10, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toMatchObject({
    status: scsi.SCSI_GOOD,
    data: new Uint8Array(0),
  })
})

it.each([scsi.OP_SYNCHRONIZE_CACHE_10, scsi.OP_SYNCHRONIZE_CACHE_16])(
  'SYNCHRONIZE CACHE (%i) is good within the LUN',
  (op) => {
    expect(ready().command([op, ...new Array<number>(15).fill(0)]).status).toBe(scsi.SCSI_GOOD)
  },
)

it('protection information that the LUN does not have is an invalid field', () => {
  const answer = ready().command([scsi.OP_READ_10, 0x20, 0, 0, 0, 0, 0, 0, 1, 0], { dataIn: 512 })
  expect(answer.sense).toBe(key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_INVALID_FIELD_IN_CDB))
})

it('every operation code that is not supported ends in INVALID COMMAND OPERATION CODE, with sense data', () => {
  const target = ready()
  const supported = new Set(Object.entries(scsi).flatMap(([name, code]) => (name.startsWith('OP_') ? [code] : [])))
  for (let op = 0; op < 256; op++) {
    if (supported.has(op)) continue
    const answer = target.command([op, ...new Array<number>(15).fill(0)])
    expect(answer.sense).toBe(key(scsi.SENSE_ILLEGAL_REQUEST, scsi.ASC_INVALID_COMMAND_OPERATION_CODE))
    expect([answer.senseBytes[0], answer.senseBytes[7]]).toEqual([0x70, answer.senseBytes.length - 8])
  }
})
