import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../host/sim/random'
import { type Distribution, distributionProblem, makePicker } from '../../host/workload/distribution'
import { exactExp, exactLn, exactPow } from '../../host/workload/exactMath'

function histogram(distribution: Distribution, blocks: number, draws: number): number[] {
  const picker = makePicker(distribution, blocks)
  const random = RandomStream.fromSeed(1, 'histogram')
  const counts = new Array<number>(blocks).fill(0)
  for (let i = 0; i < draws; i++) counts[picker.pick(random)]!++
  return counts
}

const falling = (counts: number[]) => [...counts].sort((a, b) => b - a)
const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0)

describe('pickers', () => {
  it('stay within the region', () => {
    const distributions: Distribution[] = [
      { kind: 'uniform' },
      { kind: 'zipf', theta: 0.8 },
      { kind: 'zipf', theta: 1.4 },
      { kind: 'pareto', h: 0.2 },
      { kind: 'normal', deviationPercent: 60, center: 0 },
      {
        kind: 'zoned',
        zones: [
          { accessPercent: 90, sizePercent: 1 },
          { accessPercent: 10, sizePercent: 99 },
        ],
      },
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...distributions),
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.nat(),
        (distribution, blocks, seed) => {
          const picker = makePicker(distribution, blocks)
          const random = RandomStream.fromSeed(seed, 'x')
          for (let i = 0; i < 20; i++) {
            const block = picker.pick(random)
            expect(Number.isInteger(block) && block >= 0 && block < blocks).toBe(true)
          }
        },
      ),
    )
  })

  it('uniform: every block alike', () => {
    const counts = histogram({ kind: 'uniform' }, 64, 64_000)
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('zipf: the ratio of the first to the tenth is 10^theta, and every rank has a block of its own', () => {
    const counts = falling(histogram({ kind: 'zipf', theta: 1.2 }, 1000, 400_000))
    expect(counts[0]! / counts[9]!).toBeGreaterThan(10 ** 1.2 * 0.85)
    expect(counts[0]! / counts[9]!).toBeLessThan(10 ** 1.2 * 1.15)
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(990)
  })

  it('zipf: popular blocks are not neighbours', () => {
    const counts = histogram({ kind: 'zipf', theta: 1.2 }, 10_000, 100_000)
    const [first, second] = falling(counts).map((count) => counts.indexOf(count))
    expect(Math.abs(first! - second!)).toBeGreaterThan(1000)
  })

  it('pareto: h of the accesses go to 1-h of the blocks', () => {
    const counts = falling(histogram({ kind: 'pareto', h: 0.2 }, 1000, 200_000))
    expect(sum(counts.slice(0, 200)) / 200_000).toBeGreaterThan(0.78)
    expect(sum(counts.slice(0, 200)) / 200_000).toBeLessThan(0.82)
  })

  it('normal: 68 percent within one deviation of the centre', () => {
    const counts = histogram({ kind: 'normal', deviationPercent: 10 }, 1000, 100_000)
    expect(sum(counts.slice(400, 600)) / 100_000).toBeGreaterThan(0.67)
    expect(sum(counts.slice(400, 600)) / 100_000).toBeLessThan(0.695)
  })

  it('zoned: each zone gets its share', () => {
    const zones = [
      { accessPercent: 60, sizePercent: 10 },
      { accessPercent: 30, sizePercent: 20 },
      { accessPercent: 10, sizePercent: 70 },
    ]
    const counts = histogram({ kind: 'zoned', zones }, 1000, 100_000)
    expect(Math.round(sum(counts.slice(0, 100)) / 1000)).toBe(60)
    expect(Math.round(sum(counts.slice(100, 300)) / 1000)).toBe(30)
  })

  it('keep their draws from release to release', () => {
    const draws = (distribution: Distribution) => {
      const picker = makePicker(distribution, 100_000)
      const random = RandomStream.fromSeed(42, 'frozen')
      return Array.from({ length: 4 }, () => picker.pick(random))
    }
    expect({
      uniform: draws({ kind: 'uniform' }),
      zipf: draws({ kind: 'zipf', theta: 1.2 }),
      pareto: draws({ kind: 'pareto', h: 0.2 }),
      normal: draws({ kind: 'normal', deviationPercent: 10 }),
    }).toMatchInlineSnapshot(`
      {
        "normal": [
          43606,
          67896,
          56327,
          50462,
        ],
        "pareto": [
          61902,
          21835,
          72907,
          5604,
        ],
        "uniform": [
          43180,
          50266,
          69088,
          81293,
        ],
        "zipf": [
          9015,
          78998,
          14998,
          41636,
        ],
      }
    `)
  })

  it('refuse parameters that make no sense', () => {
    expect(distributionProblem({ kind: 'zipf', theta: 1 })).toMatch(/theta/)
    expect(distributionProblem({ kind: 'pareto', h: 1 })).toMatch(/between 0 and 1/)
    expect(distributionProblem({ kind: 'normal', deviationPercent: 0 })).toMatch(/deviation/)
    expect(distributionProblem({ kind: 'zoned', zones: [{ accessPercent: 50, sizePercent: 100 }] })).toMatch(
      /sum to 100/,
    )
  })
})

describe('arithmetic that is the same everywhere', () => {
  const close = (found: number, expected: number) =>
    Math.abs(found - expected) <= 1e-14 * Math.max(1, Math.abs(expected))

  it('agrees with the logarithm', () => {
    fc.assert(fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => close(exactLn(x), Math.log(x))))
  })

  it('agrees with the exponential', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -600, max: 600, noNaN: true }),
        (x) => Math.abs(exactExp(x) / Math.exp(x) - 1) < 1e-14,
      ),
    )
  })

  it('knows the simple powers', () => {
    expect(exactPow(0, 3)).toBe(0)
    expect(exactPow(1, 7)).toBe(1)
    expect(exactPow(2, 10)).toBeCloseTo(1024, 9)
  })
})
