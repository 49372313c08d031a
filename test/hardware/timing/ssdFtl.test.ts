import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nvme, sata } from '../../../host/hardware/timing/parameters/flash'
import { SsdFtl } from '../../../host/hardware/timing/ssdFtl'
import { type SsdShape, shapeSsd } from '../../../host/hardware/timing/ssdParameters'
import { RandomStream } from '../../../host/sim/random'

const SHAPE: SsdShape = { logicalPages: 4096, flashChannels: 2, dies: 4, pagesPerBlock: 32, blocksPerDie: 38 }

/** Fills the first `used` pages in order, then overwrites them at random; returns the write amplification of the overwriting. */
function overwriteAtRandom(used: number, rounds: number): number {
  const ftl = new SsdFtl(SHAPE)
  for (let page = 0; page < used; page++) ftl.write(page)
  const random = RandomStream.fromSeed(1, 'overwrite')
  // The first rounds bring the blocks into the mix of ages that they then keep.
  for (let i = 0; i < rounds * SHAPE.logicalPages; i++) ftl.write(random.below(used))
  const [hostPages, programmedPages] = [ftl.hostPages, ftl.programmedPages]
  for (let i = 0; i < rounds * SHAPE.logicalPages; i++) ftl.write(random.below(used))
  return (ftl.programmedPages - programmedPages) / (ftl.hostPages - hostPages)
}

const operations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('write' as const), page: fc.nat(), count: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ kind: fc.constant('trim' as const), page: fc.nat(), count: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ kind: fc.constant('random' as const), page: fc.nat(), count: fc.integer({ min: 1, max: 2000 }) }),
  ),
  { maxLength: 30 },
)

const shapes = fc
  .record({
    dies: fc.constantFrom(1, 2, 3, 8),
    pagesPerBlock: fc.integer({ min: 2, max: 24 }),
    logicalPages: fc.integer({ min: 1, max: 600 }),
    spareBlocks: fc.integer({ min: 3, max: 6 }),
  })
  .map(({ dies, pagesPerBlock, logicalPages, spareBlocks }) => ({
    logicalPages,
    flashChannels: 1,
    dies,
    pagesPerBlock,
    blocksPerDie: Math.ceil(Math.ceil(logicalPages / dies) / pagesPerBlock) + spareBlocks,
  }))

describe('the translation layer of flash', () => {
  it('keeps its tables consistent, and exactly the pages that were written, whatever it must collect', () => {
    fc.assert(
      fc.property(shapes, operations, (shape, list) => {
        const ftl = new SsdFtl(shape)
        const mapped = new Set<number>()
        for (const { kind, page, count } of list) {
          for (let i = 0; i < count; i++) {
            const target = (kind === 'random' ? page + i * 2_654_435_761 : page + i) % shape.logicalPages
            if (kind === 'trim') {
              ftl.trim(target)
              mapped.delete(target)
            } else {
              ftl.write(target)
              mapped.add(target)
            }
          }
        }
        ftl.checkInvariants()
        for (let page = 0; page < shape.logicalPages; page++) expect(ftl.isMapped(page)).toBe(mapped.has(page))
        expect(ftl.programmedPages).toBeGreaterThanOrEqual(ftl.hostPages)
      }),
    )
  })

  it('gives a clone a life of its own', () => {
    const ftl = new SsdFtl(SHAPE)
    for (let page = 0; page < 4096; page++) ftl.write(page)
    const clone = ftl.clone()
    for (let i = 0; i < 20_000; i++) clone.write((i * 2_654_435_761) % 4096)
    ftl.checkInvariants()
    clone.checkInvariants()
    expect(ftl.totalErasedBlocks).toBe(0)
    const again = ftl.clone()
    for (let i = 0; i < 20_000; i++) again.write((i * 2_654_435_761) % 4096)
    expect(again.programmedPages).toBe(clone.programmedPages)
  })

  it('amplifies random writes the more, the fuller it is', () => {
    const figures = [0.5, 0.7, 0.85, 1].map((part) => overwriteAtRandom(Math.floor(SHAPE.logicalPages * part), 4))
    for (let i = 1; i < figures.length; i++) expect(figures[i]).toBeGreaterThan(figures[i - 1]!)
    expect(figures[0]).toBeLessThan(1.4)
    expect(figures.at(-1)).toBeGreaterThan(2)
  })

  it('does not amplify sequential writes', () => {
    const ftl = new SsdFtl(SHAPE)
    for (let i = 0; i < 20 * SHAPE.logicalPages; i++) ftl.write(i % SHAPE.logicalPages)
    expect(ftl.writeAmplification).toBeLessThan(1.01)
    expect(ftl.totalErasedBlocks).toBeGreaterThan(1000)
  })

  it('has room for a drive of any size', () => {
    for (const parameters of [nvme, sata]) {
      for (const bytes of [512, 1 << 20, 16 << 20, 2 ** 30, 2 ** 34]) {
        const shape = shapeSsd(parameters, bytes)
        const places = shape.dies * (shape.blocksPerDie - 2) * shape.pagesPerBlock
        expect(places).toBeGreaterThan(shape.logicalPages)
        expect(shape.logicalPages * parameters.pageBytes).toBeGreaterThanOrEqual(bytes)
      }
      expect(shapeSsd(parameters, 2 ** 34).dies).toBe(64)
    }
  })
})
