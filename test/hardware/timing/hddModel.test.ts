import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DRIVE_FLUSH, DRIVE_READ, DRIVE_TRIM, DRIVE_VERIFY, DRIVE_WRITE } from '../../../assembly/abi/driveSlots'
import { HddModel } from '../../../host/hardware/timing/hddModel'
import type { HddParameters } from '../../../host/hardware/timing/hddParameters'
import {
  cheetah9lp,
  cheetah9lpMechanics,
  cheetah9lpShipped,
  cheetah9lpUncached,
} from '../../../host/hardware/timing/parameters/cheetah9lp'
import { generic7200 } from '../../../host/hardware/timing/parameters/generic7200'

const SECTORS = 1_000_000
const create = (parameters: HddParameters) => HddModel.create(parameters, SECTORS, 512)
const SETS = [cheetah9lpMechanics, cheetah9lpUncached, cheetah9lp, cheetah9lpShipped, generic7200]

const command = fc.record({
  op: fc.constantFrom(DRIVE_READ, DRIVE_READ, DRIVE_WRITE, DRIVE_WRITE, DRIVE_FLUSH, DRIVE_TRIM, DRIVE_VERIFY),
  lba: fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: SECTORS - 2000 })),
  sectors: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 1500 })),
  gapNs: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: 40_000_000 })),
})
/** What meets the buffer: one after the other, close in place and time. */
const stream = fc
  .record({
    start: fc.nat({ max: 3000 }),
    steps: fc.array(
      fc.record({
        op: fc.constantFrom(DRIVE_READ, DRIVE_READ, DRIVE_READ, DRIVE_WRITE),
        skip: fc.constantFrom(0, 0, 0, 8, 100),
        sectors: fc.integer({ min: 1, max: 64 }),
        gapNs: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: 2_000_000 })),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  })
  .map(({ start, steps }) => {
    let lba = start
    return steps.map(({ op, skip, sectors, gapNs }) => {
      const command = { op, lba: lba + skip, sectors, gapNs }
      lba += skip + sectors
      return command
    })
  })
const burst = fc.array(
  fc.record({
    op: fc.constant(DRIVE_WRITE),
    lba: fc.nat({ max: SECTORS - 100 }),
    sectors: fc.integer({ min: 1, max: 16 }),
    gapNs: fc.nat({ max: 1000 }),
  }),
  { minLength: 1, maxLength: 12 },
)
const commands = fc.oneof(fc.array(command, { minLength: 1, maxLength: 60 }), stream, burst)

interface Command {
  op: number
  lba: number
  sectors: number
  gapNs: number
}

/** Serves commands one after the other; returns the times at which they end. */
function replay(model: HddModel, list: Command[], fromNs: number): number[] {
  let nowNs = fromNs
  return list.map(({ op, lba, sectors, gapNs }) => {
    nowNs = model.serve(op, lba, op === DRIVE_FLUSH ? 0 : sectors, nowNs + gapNs)
    return nowNs
  })
}

describe('the hdd model', () => {
  it('ends every command at an integer time that is not before its start', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETS), commands, fc.maxSafeNat(), (parameters, list, at) => {
        const model = create(parameters)
        let nowNs = Math.floor(at / 10)
        for (const { op, lba, sectors, gapNs } of list) {
          const startNs = nowNs + gapNs
          nowNs = model.serve(op, lba, sectors, startNs)
          expect(Number.isSafeInteger(nowNs)).toBe(true)
          expect(nowNs).toBeGreaterThanOrEqual(startNs)
        }
      }),
    )
  })

  it('gives a clone the same times, and leaves the original as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETS), commands, commands, commands, (parameters, before, after, other) => {
        const model = create(parameters)
        const nowNs = replay(model, before, 0).at(-1)!
        const [clone, disturbed] = [model.clone(), model.clone()]
        replay(disturbed, other, nowNs)
        const times = replay(clone, after, nowNs)
        expect(replay(model, after, nowNs)).toEqual(times)
      }),
    )
  })

  it('starts afresh after a reset', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETS), commands, commands, (parameters, before, after) => {
        const model = create(parameters)
        const nowNs = replay(model, before, 0).at(-1)!
        model.reset()
        expect(replay(model, after, nowNs)).toEqual(replay(create(parameters), after, nowNs))
      }),
    )
  })

  it('turns alike however late it is: a whole number of minutes later, all takes as long', () => {
    const minuteNs = 60_000_000_000
    const alike = fc.property(
      fc.constantFrom(...SETS),
      commands,
      fc.nat({ max: 100_000 }),
      (parameters, list, minutes) => {
        const late = replay(create(parameters), list, minutes * minuteNs).map((ns) => ns - minutes * minuteNs)
        expect(late).toEqual(replay(create(parameters), list, 0))
      },
    )
    fc.assert(alike)
    // Once the fraction of a nanosecond was lost in reading ahead.
    fc.assert(alike, { seed: -1817197125 })
  })

  it('predicts positioning: without overheads, the transfer begins when it says', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: SECTORS - 1 }),
        fc.nat({ max: SECTORS - 1 }),
        fc.nat({ max: 1e12 }),
        (from, to, atNs) => {
          const model = create(cheetah9lpMechanics)
          const nowNs = model.serve(DRIVE_READ, from, 1, atNs)
          for (const op of [DRIVE_READ, DRIVE_WRITE]) {
            const positioningNs = model.positioningNs(op, to, nowNs)
            const transferNs = model.clone().serve(op, to, 1, nowNs) - nowNs - positioningNs
            // One of 254 or 245 blocks of a turn of 5.97 ms.
            expect(transferNs).toBeGreaterThan(23_000)
            expect(transferNs).toBeLessThan(25_000)
          }
        },
      ),
    )
  })

  it('reads a file in order at the rate of the medium when it may read ahead, and loses a turn a command when not', () => {
    const bytesPerNs = (parameters: HddParameters) => {
      const model = create({ ...parameters, busBlockNs: 1000 })
      let nowNs = 0
      for (let lba = 0; lba < 50_000; lba += 128) nowNs = model.serve(DRIVE_READ, lba, 128, nowNs + 20_000)
      return (50_000 * 512) / nowNs
    }
    // 254 blocks a turn, less head switches and skews.
    expect(bytesPerNs(cheetah9lp) * 1e3).toBeGreaterThan(13)
    expect(bytesPerNs(cheetah9lpUncached) * 1e3).toBeLessThan(9)
  })

  it('reads ahead to the end of the track, however often it is asked meanwhile, and a track more for a sequential reader', () => {
    // Tracks of 254 blocks: 0 to 253, 254 to 507.
    const isHit = (model: HddModel, lba: number, atNs: number) =>
      model.clone().serve(DRIVE_READ, lba, 1, atNs) - atNs < 400_000
    const model = create(cheetah9lp)
    let nowNs = model.serve(DRIVE_READ, 100, 10, 0)
    const undisturbed = model.clone()
    for (let i = 0; i < 30; i++) nowNs = model.serve(DRIVE_READ, 100, 4, nowNs + 100_000)
    expect([undisturbed, model].map((drive) => isHit(drive, 253, nowNs))).toEqual([true, true])
    expect([undisturbed, model].map((drive) => isHit(drive, 254, nowNs + 1e7))).toEqual([false, false])
    const sequential = create(cheetah9lp)
    const endNs = sequential.serve(DRIVE_READ, 240, 20, 0) + 1e8
    expect([500, 507, 761, 762].map((lba) => isHit(sequential, lba, endNs))).toEqual([true, true, true, false])
    expect(isHit(sequential, 239, endNs)).toBe(false)
  })

  it('does not read ahead after a hit on data that were written', () => {
    const model = create(cheetah9lp)
    let nowNs = model.serve(DRIVE_WRITE, 100, 10, 0) + 1e8
    nowNs = model.serve(DRIVE_READ, 100, 4, nowNs) + 1e8
    expect(model.serve(DRIVE_READ, 112, 1, nowNs) - nowNs).toBeGreaterThan(400_000)
  })

  it('goes on reading ahead after a hit on the end of what was read', () => {
    const model = create(cheetah9lp)
    let nowNs = model.serve(DRIVE_READ, 100, 10, 0) + 1e8
    nowNs = model.serve(DRIVE_READ, 500_000, 8, nowNs) + 1e8
    nowNs = model.serve(DRIVE_READ, 250, 4, nowNs) + 1e8
    expect(model.serve(DRIVE_READ, 300, 1, nowNs) - nowNs).toBeLessThan(400_000)
  })

  it('gives a clone the same times in the middle of a stream', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETS), stream, fc.nat({ max: 40 }), (parameters, list, at) => {
        const model = create(parameters)
        const nowNs = replay(model, list.slice(0, at), 5e9).at(-1) ?? 5e9
        const clone = model.clone()
        expect(replay(clone, list.slice(at), nowNs)).toEqual(replay(model, list.slice(at), nowNs))
      }),
    )
  })

  it('gives up the segment that was used longest ago', () => {
    const model = create(cheetah9lp)
    let nowNs = 0
    const read = (lba: number) => {
      nowNs = model.serve(DRIVE_READ, lba, 8, nowNs + 1e8)
    }
    for (const lba of [1000, 20_000, 300_000]) read(lba)
    read(1000)
    const clone = model.clone()
    read(500_000)
    clone.serve(DRIVE_READ, 500_000, 8, nowNs)
    read(700_000)
    clone.serve(DRIVE_READ, 700_000, 8, nowNs)
    for (const drive of [model, clone]) {
      const isHit = (lba: number) => drive.clone().serve(DRIVE_READ, lba, 8, nowNs + 1e8) - nowNs - 1e8 < 1_000_000
      expect([1000, 20_000, 300_000, 500_000, 700_000].map(isHit)).toEqual([true, false, false, true, true])
    }
  })

  it('ends a read when the last block has crossed a bus that is faster than the medium', () => {
    const model = create({ ...cheetah9lpMechanics, busBlockNs: 1000 })
    const endNs = model.clone().serve(DRIVE_READ, 5000, 50, 1e9)
    expect(endNs).toBe(model.serve(DRIVE_VERIFY, 5000, 50, 1e9) + 1000)
  })

  it('has what was written in its buffer, and drops it when it is overwritten or trimmed', () => {
    const hitNs = cheetah9lp.overheads!.readHitAfterWriteNs + 8 * cheetah9lp.busBlockNs
    const model = create(cheetah9lp)
    let nowNs = model.serve(DRIVE_WRITE, 5000, 16, 0) + 1e8
    expect(model.clone().serve(DRIVE_READ, 5004, 8, nowNs) - nowNs).toBe(hitNs)
    nowNs = model.serve(DRIVE_TRIM, 5004, 8, nowNs)
    expect(model.serve(DRIVE_READ, 5004, 8, nowNs) - nowNs).toBeGreaterThan(hitNs)
  })

  it('writes back: the write ends in the buffer, FLUSH ends on the medium', () => {
    const model = create(cheetah9lpShipped)
    const endNs = model.serve(DRIVE_WRITE, 900_000, 8, 0)
    expect(endNs).toBe(cheetah9lpShipped.overheads!.writeHitAfterReadNs + 8 * cheetah9lpShipped.busBlockNs)
    const onMediumNs = create({ ...cheetah9lpShipped, buffer: { segments: 3, segmentBlocks: 561, writeBack: false } })
    const flushedNs = model.serve(DRIVE_FLUSH, 0, 0, endNs)
    expect(flushedNs).toBeGreaterThan(endNs)
    expect(flushedNs).toBeLessThan(onMediumNs.serve(DRIVE_WRITE, 900_000, 8, 0) + 6e6)
  })

  it('takes writes no faster than the medium once its buffer is full of them', () => {
    const model = create(cheetah9lpShipped)
    let nowNs = 0
    for (let i = 0; i < 50; i++) nowNs = model.serve(DRIVE_WRITE, (i * 379_721) % 999_000, 8, nowNs)
    expect(nowNs / 50).toBeGreaterThan(3e6)
  })

  it('verifies on the medium also what it has in its buffer, and moves nothing over the bus', () => {
    const model = create(cheetah9lp)
    const nowNs = model.serve(DRIVE_READ, 5090, 120, 0) + 1e8
    expect(model.clone().serve(DRIVE_READ, 5090, 120, nowNs) - nowNs).toBe(66_000 + 120 * 105_000)
    const verifyNs = model.serve(DRIVE_VERIFY, 5090, 120, nowNs) - nowNs
    expect(verifyNs).toBeLessThan(66_000 + 120 * 105_000)
    expect(verifyNs).toBeGreaterThan((120 / 254) * 5_973_120)
  })

  it('serves a sector of 4096 bytes as eight blocks, one of 520 bytes as one', () => {
    const large = HddModel.create(cheetah9lpUncached, SECTORS / 8, 4096)
    const protectedSectors = HddModel.create(cheetah9lpUncached, SECTORS, 520)
    const blocks = create(cheetah9lpUncached)
    for (const lba of [0, 70_000, 1234, 99_999]) {
      const ns = blocks.clone().serve(DRIVE_READ, lba * 8, 16, 1e9)
      expect(large.clone().serve(DRIVE_READ, lba, 2, 1e9)).toBe(ns)
      expect(protectedSectors.clone().serve(DRIVE_READ, lba * 8, 16, 1e9)).toBe(ns)
    }
  })

  it('serves a drive of 16 TB with the geometry of one of 4 TB', () => {
    const model = HddModel.create(generic7200, 4e9, 4096)
    let nowNs = 0
    let total = 0
    for (let i = 0; i < 200; i++) {
      const endNs = model.serve(DRIVE_READ, Math.floor(((i * 0.618034) % 1) * (4e9 - 1)), 1, nowNs)
      total += endNs - nowNs
      nowNs = endNs
    }
    // Average seek over this sequence, half a turn, overhead.
    expect(total / 200 / 1e6).toBeGreaterThan(8)
    expect(total / 200 / 1e6).toBeLessThan(20)
  })
})
