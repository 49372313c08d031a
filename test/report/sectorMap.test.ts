import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gravestRanges, type KindRange, kindCounts, mapCells, SECTOR_KINDS } from '../../host/report/sectorMap'
import { sectorMapSvg } from '../../host/report/sectorMapSvg'

const SECTORS = 200

const ranges = fc.array(
  fc.record({
    lba: fc.integer({ min: 0, max: SECTORS - 1 }),
    sectors: fc.integer({ min: 0, max: SECTORS }),
    kind: fc.constantFrom(...SECTOR_KINDS),
  }),
  { maxLength: 12 },
)

/** Sector by sector. */
function gravest(list: readonly KindRange[]): number[] {
  return Array.from({ length: SECTORS }, (_, at) =>
    Math.max(
      0,
      ...list
        .filter(({ lba, sectors }) => lba <= at && at < lba + sectors)
        .map(({ kind }) => SECTOR_KINDS.indexOf(kind)),
    ),
  )
}

it('a sector is of the gravest kind that is said of it, and each is counted once', () => {
  fc.assert(
    fc.property(ranges, (list) => {
      const found = gravestRanges(list, SECTORS)
      const kinds = found.flatMap(({ sectors, kind }) => new Array<number>(sectors).fill(SECTOR_KINDS.indexOf(kind)))
      expect(kinds).toEqual(gravest(list))
      expect(Object.values(kindCounts(found)).reduce((sum, count) => sum + count, 0)).toBe(SECTORS)
    }),
  )
})

it('one bad sector among many shows in its cell', () => {
  const found = gravestRanges(
    [
      { lba: 0, sectors: 1_000_000, kind: 'copied' },
      { lba: 777_777, sectors: 1, kind: 'bad' },
    ],
    1_000_000,
  )
  const cells = mapCells(found, 1_000_000, 4000)
  expect(cells.indexOf('bad')).toBe(Math.floor((777_777 * 4000) / 1_000_000))
  expect(cells.filter((kind) => kind === 'bad')).toHaveLength(1)
  expect(cells.filter((kind) => kind === 'copied')).toHaveLength(3999)
})

it('the picture says how many sectors of which kind there are, in words as well', () => {
  const svg = sectorMapSvg(
    [
      { lba: 0, sectors: 90, kind: 'copied' },
      { lba: 40, sectors: 7, kind: 'bad' },
    ],
    100,
    { sectorBytes: 512, title: 'a <b> & c' },
  )
  expect(svg).toMatch(/^<svg [^>]*xmlns=/)
  expect(svg).toContain('a &lt;b&gt; &amp; c')
  expect(svg.replace(/<[^>]*>/g, ' ')).toMatch(/bad +3\.5 KiB +7 % +7 sectors +1 area/)
  expect(svg).not.toMatch(/<script|NaN|undefined/)
})

it('a disk without sectors has a picture, too', () => {
  expect(sectorMapSvg([], 0, { sectorBytes: 512, title: 'nothing' })).not.toMatch(/NaN|undefined|Infinity/)
})
