import { describe, expect, it } from 'vitest'
import { DRIVE_READ } from '../../../assembly/abi/driveSlots'
import { OpticalModel } from '../../../host/hardware/timing/opticalModel'
import { dvd16, xm5401, xm6401 } from '../../../host/hardware/timing/parameters/optical'
import type { TimingModel } from '../../../host/hardware/timing/timingModel'
import { RandomStream } from '../../../host/sim/random'

/** 74 minutes. */
const CD_SECTORS = 333_000
const MS = 1e6

function running(model: TimingModel): number {
  return model.serve(DRIVE_READ, 0, 1, 0)
}

/** Sectors a second of a long read that begins at `lba`. */
function rateAt(model: TimingModel, lba: number): number {
  let timeNs = model.serve(DRIVE_READ, lba, 16, running(model))
  const startNs = timeNs
  for (let at = 1; at <= 100; at++) timeNs = model.serve(DRIVE_READ, lba + 16 * at, 16, timeNs)
  return (1600 / (timeNs - startNs)) * 1e9
}

describe('an optical drive', () => {
  it('takes its time to spin up, at first and after a long rest', () => {
    const model = new OpticalModel(xm6401, CD_SECTORS, 2352)
    const first = model.serve(DRIVE_READ, 0, 1, 0)
    expect(first).toBeGreaterThan(xm6401.spinUpNs)
    expect(model.serve(DRIVE_READ, 1, 1, first) - first).toBeLessThan(10 * MS)
    const late = first + xm6401.spinDownAfterNs * 2
    expect(model.serve(DRIVE_READ, 2, 1, late) - late).toBeGreaterThan(xm6401.spinUpNs)
    model.reset()
    expect(model.serve(DRIVE_READ, 2, 1, late) - late).toBeGreaterThan(xm6401.spinUpNs)
  })

  it('reads everywhere at the same speed with constant linear velocity', () => {
    const rates = [1000, 160_000, 320_000].map((lba) => rateAt(new OpticalModel(xm5401, CD_SECTORS, 2352), lba))
    for (const rate of rates) expect(rate / (75 * 4)).toBeCloseTo(1, 1)
  })

  it('reads the outside faster than the inside with constant angular velocity', () => {
    const rates = [1000, 160_000, 330_000].map((lba) => rateAt(new OpticalModel(xm6401, CD_SECTORS, 2352), lba) / 75)
    expect(rates[0]).toBeGreaterThan(15)
    expect(rates[0]).toBeLessThan(20)
    expect(rates[2]).toBeGreaterThan(35)
    expect(rates[2]).toBeLessThan(41)
    expect(rates[1]).toBeGreaterThan(rates[0]!)
  })

  it.each([
    [xm6401, 80],
    [xm5401, 190],
  ])('seeks for as long as the data of $name say', (set, accessMs) => {
    const model = new OpticalModel(set, CD_SECTORS, 2352)
    let timeNs = running(model)
    const startNs = timeNs
    const seeks = 400
    const random = RandomStream.fromSeed(1, 'places')
    for (let i = 0; i < seeks; i++) timeNs = model.serve(DRIVE_READ, random.below(CD_SECTORS), 1, timeNs)
    const meanMs = (timeNs - startNs) / seeks / MS
    expect(Math.abs(meanMs - accessMs)).toBeLessThan(accessMs / 6)
  })

  it('goes back to the disc for what it has delivered', () => {
    const model = new OpticalModel(xm6401, CD_SECTORS, 2352)
    const first = model.serve(DRIVE_READ, 5000, 10, running(model))
    expect(model.serve(DRIVE_READ, 5000, 10, first) - first).toBeGreaterThan(xm6401.settleNs)
  })

  it('reads a DVD in blocks of 16 sectors', () => {
    const one = new OpticalModel(dvd16, 2_000_000, 2048)
    const all = new OpticalModel(dvd16, 2_000_000, 2048)
    const difference = one.serve(DRIVE_READ, 1605, 1, 0) - all.serve(DRIVE_READ, 1600, 16, 0)
    expect(Math.abs(difference)).toBeLessThan(2 * MS)
  })

  it('says the same of a command to a copy of itself, and estimates without moving', () => {
    const model = new OpticalModel(xm5401, CD_SECTORS, 2352)
    const timeNs = model.serve(DRIVE_READ, 777, 5, 0)
    const copy = model.clone()
    expect(model.positioningNs(DRIVE_READ, 200_000, timeNs)).toBeGreaterThan(40 * MS)
    expect(model.positioningNs(DRIVE_READ, 782, timeNs)).toBe(0)
    expect(copy.serve(DRIVE_READ, 90_000, 5, timeNs)).toBe(model.serve(DRIVE_READ, 90_000, 5, timeNs))
  })
})
