import { describe, expect, it } from 'vitest'
import { DRIVE_READ, DRIVE_WRITE } from '../../../assembly/abi/driveSlots'
import { HddModel } from '../../../host/hardware/timing/hddModel'
import { cheetah9lpShipped } from '../../../host/hardware/timing/parameters/cheetah9lp'
import { HAS_REFERENCE_DATA, readRows } from './referenceData'

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Root mean square of the horizontal distance between two cumulative distributions of equally many values. */
function demerit(left: number[], right: number[]): number {
  const a = left.toSorted((x, y) => x - y)
  const b = right.toSorted((x, y) => x - y)
  return Math.sqrt(mean(a.map((value, i) => (value - b[i]!) ** 2)))
}

describe.skipIf(!HAS_REFERENCE_DATA)('the hdd model, against 10,000 requests measured on the real drive', () => {
  it('has a demerit figure of at most 3 % of the mean response time', () => {
    const rows = readRows('cheetah9LP-measured-vs-disksim.csv')
    const model = HddModel.create(cheetah9lpShipped, cheetah9lpShipped.blockCount, 512)
    const modelledMs: number[] = []
    let nowNs = 0
    for (const row of rows) {
      // The trace is closed: each request was issued a measured time after the one before had ended.
      const op = row.op === 'W' ? DRIVE_WRITE : DRIVE_READ
      const endNs = model.serve(op, Number(row.lbn), Number(row.blocks), nowNs)
      modelledMs.push((endNs - nowNs) / 1e6)
      nowNs = endNs + Math.round(Number(row.gap_after_us) * 1e3)
    }
    const measuredMs = rows.map((row) => Number(row.measured_ms))
    expect(rows).toHaveLength(10_000)
    const figure = demerit(modelledMs, measuredMs) / mean(measuredMs)
    console.info(`demerit: ${(figure * 100).toFixed(2)} % of the measured mean of ${mean(measuredMs).toFixed(3)} ms`)
    expect(figure).toBeLessThanOrEqual(0.03)
    expect(Math.abs(mean(modelledMs) / mean(measuredMs) - 1)).toBeLessThan(0.02)
  })
})
