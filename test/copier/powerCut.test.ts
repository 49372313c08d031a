import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  COPY_DONE,
  COPY_FAILED,
  COPY_IDLE,
  COPY_RESUME,
  COPY_STOPPED,
  JOB_FLAG_ZERO_LOST,
  REASON_NVRAM_LOST,
} from '../../assembly/abi/copier'
import { Bench, IMMEDIATE_START, sectorsOf } from './bench'

/** CRC-32C bit by bit: independent of the microcode's table. */
function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  }
  return ~value >>> 0
}

/** The NVRAM as it was left: what the next boot finds. */
function nvramOf(bench: Bench): Uint8Array {
  const { controller } = bench.array.site
  const { nvramAddress, nvramBytes } = controller.descriptor
  return controller.bytes.subarray(nvramAddress, nvramAddress + nvramBytes)
}

const RECORD_BYTES = 256
const CRC_OFFSET = 144

describe('a power cut', () => {
  it('at any instant leaves a durable position that the target keeps, and a job that ends by itself', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1200 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 3 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 1499 }), { maxLength: 12 }),
        (steps, seed, channels, bad) => {
          const bench = new Bench({ sectors: 1500, cached: true, seed, channels })
          for (const lba of bad) bench.sourceFaults.makeUnreadable(lba, 1)
          bench.start({ flags: JOB_FLAG_ZERO_LOST, retries: 1 }, IMMEDIATE_START)
          // Two cuts: the second one may strike the recovery from the first.
          for (const part of [1, 3]) {
            bench.array.run(Math.floor(steps / part))
            bench.array.powerCycle()
            const { durableSectors } = bench
            expect(bench.differing(durableSectors, new Set(bad))).toEqual([])
            const known = bad.filter((lba) => lba < durableSectors)
            expect([...sectorsOf(bench.lost)].filter((lba) => lba < durableSectors).sort()).toEqual(known.sort())
          }
          bench.settle()
          // Cut before the job was recorded, there is none.
          if (bench.state === COPY_IDLE) return
          expect(bench.state).toBe(COPY_DONE)
          expect(bench.differing(1500, new Set(bad))).toEqual([])
          expect([...sectorsOf(bench.lost)].sort()).toEqual([...bad].sort())
        },
      ),
      { numRuns: 60 },
    )
  })

  it('at every single step of a small job leads to the same end', () => {
    const whole = new Bench({ sectors: 768, cached: true })
    whole.start({ checkpointBytes: 32768 }, IMMEDIATE_START)
    let steps = 0
    while (whole.array.run(1)) steps++
    expect(steps).toBeGreaterThan(60)
    for (let cut = 1; cut <= steps; cut++) {
      const bench = new Bench({ sectors: 768, cached: true, seed: 1 })
      bench.start({ checkpointBytes: 32768 }, IMMEDIATE_START)
      bench.array.run(cut)
      bench.array.powerCycle()
      expect(bench.differing(bench.durableSectors)).toEqual([])
      bench.settle()
      if (bench.state !== COPY_IDLE) expect(bench.differing()).toEqual([])
    }
  })

  it('does not take finished work back', () => {
    const bench = new Bench({ cached: true })
    bench.start()
    bench.settle()
    bench.array.powerCycle()
    bench.settle()
    expect(bench.state).toBe(COPY_DONE)
    expect(bench.differing()).toEqual([])
  })

  it('during the copy goes on from the last checkpoint, not from the beginning', () => {
    const bench = new Bench({ sectors: 8192, cached: true })
    bench.start({ checkpointBytes: 65536 }, IMMEDIATE_START)
    while (bench.durableSectors < 4096 && bench.array.run(1));
    const before = bench.source.commandsServed
    bench.array.powerCycle()
    bench.settle()
    expect(bench.differing()).toEqual([])
    expect(bench.source.commandsServed - before).toBeLessThan(before * 1.3)
  })
})

describe('the record in the NVRAM', () => {
  function halfDone(): Bench {
    const bench = new Bench({ sectors: 4096 })
    bench.start({ checkpointBytes: 65536, errorLimit: 1 }, IMMEDIATE_START)
    bench.sourceFaults.makeUnreadable(2000, 4)
    bench.settle()
    expect(bench.state).toBe(COPY_STOPPED)
    return bench
  }

  /**
   * Changes every word of a record behind the microcode's back, without a commit, and cuts the power: each word persists or not, by chance,
   * and some do.
   */
  function damageAndCut(bench: Bench, slots: readonly number[]): void {
    const bytes = nvramOf(bench)
    for (const slot of slots) {
      for (let at = 0; at < CRC_OFFSET; at += 8) bytes[slot * RECORD_BYTES + at + 1]! ^= 0x40
    }
    bench.array.powerCycle()
  }

  it('carries a CRC-32C', () => {
    const bytes = nvramOf(halfDone())
    for (const slot of [0, RECORD_BYTES]) {
      const record = bytes.subarray(slot, slot + RECORD_BYTES)
      const stored = new DataView(record.slice().buffer).getUint32(CRC_OFFSET, true)
      expect(stored).toBe(crc32c(record.subarray(0, CRC_OFFSET)))
    }
  })

  it.each([0, 1])('survives the loss of copy %i', (slot) => {
    const bench = halfDone()
    const durable = bench.durableSectors
    damageAndCut(bench, [slot])
    expect(bench.durableSectors).toBeGreaterThan(0)
    expect(bench.durableSectors).toBeLessThanOrEqual(durable)
    // The older record may be of the running job, which then goes on by itself.
    bench.settle()
    bench.send(COPY_RESUME)
    bench.settle()
    if (bench.state === COPY_STOPPED) {
      bench.send(COPY_RESUME)
      bench.settle()
    }
    expect(bench.differing(bench.durableSectors, new Set([2000, 2001, 2002, 2003]))).toEqual([])
  })

  it('says so when both copies are damaged, and copies nothing', () => {
    const bench = halfDone()
    damageAndCut(bench, [0, 1])
    expect(bench.state).toBe(COPY_FAILED)
    expect(bench.reason).toBe(REASON_NVRAM_LOST)
    bench.send(COPY_RESUME)
    bench.settle()
    expect(bench.answer?.status).toBe(2)
  })
})
