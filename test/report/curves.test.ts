import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { type Curve, curvesPlot } from '../../host/report/html/curves'

interface Place {
  readonly x: number
  readonly y: number
  readonly text: string
}

/** Dots, names of curves, and the size of the picture; throws where the document is not well-formed. */
function read(xml: string): { dots: Place[]; names: Place[]; width: number; height: number } {
  const [dots, names] = [[] as Place[], [] as Place[]]
  let [width, height, text] = [0, 0, '']
  let open: { name: string; attributes: Record<string, string> } | null = null
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', (tag) => {
    open = { name: tag.name, attributes: tag.attributes as Record<string, string> }
    text = ''
    const { attributes } = open
    if (tag.name === 'svg') [width, height] = attributes.viewBox!.split(' ').slice(2).map(Number) as [number, number]
    if (tag.name === 'circle') dots.push({ x: Number(attributes.cx), y: Number(attributes.cy), text: '' })
  })
  parser.on('text', (more) => {
    text += more
  })
  parser.on('closetag', ({ name }) => {
    if (name !== 'text' || !open?.attributes.class?.startsWith('name')) return
    names.push({ x: Number(open.attributes.x), y: Number(open.attributes.y), text })
  })
  parser.write(xml).close()
  return { dots, names, width, height }
}

const curve: fc.Arbitrary<Curve> = fc.record({
  name: fc.constantFrom('sync', '<&">', 'one-behind'),
  look: fc.integer({ min: 0, max: 5 }),
  points: fc.array(
    fc.record({ x: fc.constantFrom(0.1, 1, 5, 80), y: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e12 })) }),
    { minLength: 1, maxLength: 6 },
  ),
})

describe('curves', () => {
  it('lie within the picture, each with its name at a place of its own', () => {
    fc.assert(
      fc.property(fc.array(curve, { minLength: 1, maxLength: 7 }), (curves) => {
        const { dots, names, width, height } = read(curvesPlot('a & b', curves, (x) => `${x} ms`))
        expect(dots).toHaveLength(curves.reduce((sum, { points }) => sum + points.length, 0))
        for (const { x, y } of [...dots, ...names]) {
          expect(x).toBeGreaterThanOrEqual(0)
          expect(x).toBeLessThan(width)
          expect(y).toBeGreaterThanOrEqual(0)
          expect(y).toBeLessThan(height)
        }
        expect(names.map(({ text }) => text)).toEqual(curves.map(({ name }) => name))
        const heights = names.map(({ y }) => y).sort((a, b) => a - b)
        for (let i = 1; i < heights.length; i++) expect(heights[i]! - heights[i - 1]!).toBeGreaterThan(12)
      }),
    )
  })

  it('go up where values do, by the same distance for the same factor, and have 0 below everything', () => {
    const points = [0, 1e6, 1e7, 1e8].map((y, x) => ({ x: x + 1, y }))
    const { dots } = read(curvesPlot('', [{ name: 'a', look: 0, points }], String))
    const [zero, one, ten, hundred] = dots.map(({ y }) => y) as [number, number, number, number]
    expect(zero).toBeGreaterThan(one)
    expect(one - ten).toBeCloseTo(ten - hundred)
    expect(one - ten).toBeGreaterThan(10)
  })
})
