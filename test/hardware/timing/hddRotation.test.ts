import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANGLE_TURN, angleAt, turnRemainder, turnUntil } from '../../../host/hardware/timing/hddRotation'

const timeNs = fc.oneof(
  fc.maxSafeNat(),
  fc.nat({ max: 2 ** 20 }).map((n) => (n * ANGLE_TURN) % Number.MAX_SAFE_INTEGER),
)

describe('rotation', () => {
  it('is exact at every integer time that a double can hold', () => {
    fc.assert(
      fc.property(timeNs, fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: -1, max: 1 }), (time, rpm, around) => {
        const ns = Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, time + around))
        expect(angleAt(ns, rpm)).toBe(Number((BigInt(ns) * BigInt(rpm)) % BigInt(ANGLE_TURN)))
      }),
    )
  })

  it('takes remainders exactly, also next to whole turns', () => {
    fc.assert(
      fc.property(fc.nat({ max: 150_000 }), fc.integer({ min: -2, max: 2 }), (turns, around) => {
        const angle = Math.max(0, turns * ANGLE_TURN + around)
        expect(turnRemainder(angle)).toBe(Number(BigInt(angle) % BigInt(ANGLE_TURN)))
      }),
    )
  })

  it('waits less than a turn, and not at all for what has just come round', () => {
    expect(turnUntil(10, 10)).toBe(0)
    expect(turnUntil(10, 30)).toBe(20)
    expect(turnUntil(ANGLE_TURN - 5, 5)).toBe(10)
    expect(turnUntil(11, 10)).toBe(0)
    expect(turnUntil(ANGLE_TURN / 2, 0)).toBe(ANGLE_TURN / 2)
  })
})
