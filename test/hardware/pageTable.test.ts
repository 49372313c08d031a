import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PageArena, ZERO_PAGE } from '../../host/hardware/pageArena'
import { PageTable } from '../../host/hardware/pageTable'

const PAGE_BYTES = 64
/** Three leaves. */
const PAGES = 700

/** A table, and what it should hold: the first byte of each page. */
interface Pair {
  readonly table: PageTable
  readonly bytes: Map<number, number>
}

const index = fc.nat(PAGES - 1)
const which = fc.nat(7)
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), which, index, byte: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('change' as const), which, index, byte: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('clear' as const), which, index }),
  fc.record({ kind: fc.constant('fork' as const), which }),
  fc.record({ kind: fc.constant('dispose' as const), which }),
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function firstByte(arena: PageArena, page: number): number {
  return arena.slabOf(page)[arena.offsetOf(page)]!
}

function fill(arena: PageArena, page: number, byte: number): void {
  const at = arena.offsetOf(page)
  arena.slabOf(page).fill(byte, at, at + PAGE_BYTES)
}

function carryOut(arena: PageArena, pairs: Pair[], one: Step): void {
  const at = one.which % pairs.length
  const { table, bytes } = pairs[at]!
  if (one.kind === 'put') {
    const page = arena.allocate()
    fill(arena, page, one.byte)
    table.put(one.index, page)
    bytes.set(one.index, one.byte)
  } else if (one.kind === 'change') {
    fill(arena, table.own(one.index), one.byte)
    bytes.set(one.index, one.byte)
  } else if (one.kind === 'clear') {
    table.put(one.index, ZERO_PAGE)
    bytes.delete(one.index)
  } else if (one.kind === 'fork') {
    pairs.push({ table: table.fork(), bytes: new Map(bytes) })
  } else if (pairs.length > 1) {
    table.dispose()
    pairs.splice(at, 1)
  }
}

it('forks change independently, and give back all pages that nobody else has', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const arena = new PageArena(PAGE_BYTES)
      const pairs: Pair[] = [{ table: new PageTable(arena, PAGES), bytes: new Map() }]
      for (const one of steps) carryOut(arena, pairs, one)
      for (const { table, bytes } of pairs) {
        expect([...table.used()]).toEqual([...bytes.keys()].sort((a, b) => a - b))
        for (const [place, byte] of bytes) expect(firstByte(arena, table.get(place))).toBe(byte)
      }
      for (const { table } of pairs) table.dispose()
      expect(pairs.flatMap(({ table }) => [...table.used()])).toEqual([])
      expect(arena.pagesInUse).toBe(0)
    }),
  )
})

it('more leaves than a pool begins with hold what was put into them', () => {
  const arena = new PageArena(PAGE_BYTES)
  const table = new PageTable(arena, 256 * 300)
  for (let leaf = 0; leaf < 300; leaf++) {
    const page = arena.allocate()
    fill(arena, page, (leaf % 255) + 1)
    table.put(leaf * 256 + (leaf % 256), page)
  }
  const fork = table.fork()
  table.dispose()
  for (let leaf = 0; leaf < 300; leaf++) {
    expect(firstByte(arena, fork.get(leaf * 256 + (leaf % 256)))).toBe((leaf % 255) + 1)
  }
})
