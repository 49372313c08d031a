import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { bytesAt, timeOf } from '../../host/report/rescueCurve'
import { rescuePlot } from '../../host/report/rescuePlot'

const rescue = [
  { timeNs: 1e9, sectors: 10 },
  { timeNs: 2e9, sectors: 90 },
  { timeNs: 9e9, sectors: 95 },
]
const plain = [{ timeNs: 5e12, sectors: 95 }]
const plot = { rescue, plain, sectorBytes: 512, sourceBytes: 95 * 512 - 12 }

/** Points of a curve, by its class. */
function pointsOf(text: string, name: string): [number, number][] {
  const points = new RegExp(`<polyline points="([^"]*)" class="line ${name}"`).exec(text)![1]!
  return points.split(' ').map((pair) => pair.split(',').map(Number) as [number, number])
}

describe('a curve of a rescue', () => {
  it('says how much was there at a time, and when so much was there', () => {
    const at = (timeNs: number): number => bytesAt(rescue, timeNs, 512, 1e9)
    expect([at(0), at(1e9), at(1.5e9), at(1e12)]).toEqual([0, 5120, 5120, 95 * 512])
    expect(bytesAt(rescue, 1e12, 512, 48_000)).toBe(48_000)
    expect(timeOf(rescue, 5121, 512, 1e9)).toBe(2e9)
    expect(timeOf(rescue, 1e6, 512, 1e9)).toBeNull()
  })
})

describe('the plot of a rescue', () => {
  it('is well-formed, has both curves, and is the same every time', () => {
    const text = rescuePlot(plot)
    const parser = new SaxesParser()
    parser.on('error', (error) => {
      throw error
    })
    parser.write(text).close()
    expect(text).toBe(rescuePlot(plot))
    expect(text).toContain('>rescue</text>')
    expect(text).toContain('>plain copy</text>')
  })

  it('goes up to the right, and the rescue comes first', () => {
    const text = rescuePlot(plot)
    for (const name of ['rescue', 'plain']) {
      const points = pointsOf(text, name)
      for (let at = 1; at < points.length; at++) {
        expect(points[at]![0]).toBeGreaterThanOrEqual(points[at - 1]![0])
        expect(points[at]![1]).toBeLessThanOrEqual(points[at - 1]![1])
      }
    }
    const half = (name: string): number => pointsOf(text, name).find(([, y]) => y < 160)![0]
    expect(half('rescue')).toBeLessThan(half('plain') - 100)
  })

  it('can be made of nothing', () => {
    expect(rescuePlot({ ...plot, rescue: [], plain: [] })).toContain('</svg>')
  })
})
