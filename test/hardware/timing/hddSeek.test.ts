import { describe, expect, it } from 'vitest'
import { buildSeekTable } from '../../../host/hardware/timing/hddSeek'
import { generic7200 } from '../../../host/hardware/timing/parameters/generic7200'

const CURVE = [
  [1, 100],
  [3, 300],
  [5, 400],
] as const

describe('the seek table', () => {
  it('is a straight line between points, and beyond the last', () => {
    expect([...buildSeekTable(CURVE, 8, 1)]).toEqual([0, 100e3, 200e3, 300e3, 350e3, 400e3, 450e3, 500e3])
  })

  it('counts distances as fractions of the stroke when there are more cylinders', () => {
    const table = buildSeekTable(CURVE, 16, 2)
    expect(table[1]).toBe(100e3)
    expect(table[6]).toBe(300e3)
    expect(table[10]).toBe(400e3)
  })

  it('has the mean that the 7,200 rpm drive is specified with', () => {
    const cylinders = 372_120
    const table = buildSeekTable(generic7200.seekCurveUs, cylinders, 1)
    let sumNs = 0
    // Of all pairs of cylinders, 2 (n - d) / n² are d apart.
    for (let distance = 1; distance < cylinders; distance++) sumNs += 2 * (cylinders - distance) * table[distance]!
    expect(sumNs / cylinders ** 2 / 1e6).toBeCloseTo(8.2, 1)
  })
})
