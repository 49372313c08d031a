// Chains of live images under faults that are drawn: power cuts, members that leave and come back, sectors that cannot be read. Whatever happens, an
// image is one instant of the LUN, or says that it is not.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { play } from './liveImages'

const ms = (from: number, to: number) => fc.integer({ min: from, max: to })
const fault = (...lines: string[]): string => lines.map((line) => `  - ${line}`).join('\n')

const cut = fc
  .record({ at: ms(20, 420), away: ms(100, 1000), late: fc.constantFrom('', ', late: 1') })
  .map(({ at, away, late }) => fault(`power-cut: { duration: ${away} ms${late} }\n    at: ${at} ms`))
const cutWhileKeeping = ms(1, 12).map((n) =>
  fault(`power-cut: { duration: 100 ms }\n    after: { event: microcode:snapshot-kept, n: ${n} }`),
)
const pull = fc
  .record({ at: ms(20, 420), back: ms(500, 900), drive: fc.constantFrom('same', 'new', 'foreign') })
  .map(({ at, back, drive }) =>
    fault(`pull: { bay: 1 }\n    at: ${at} ms`, `insert: { bay: 1, drive: ${drive} }\n    at: ${back} ms`),
  )
const detach = fc
  .record({ at: ms(20, 420), back: ms(430, 830) })
  .map(({ at, back }) =>
    fault(`operator-detach: { bay: 0 }\n    at: ${at} ms`, `operator-attach: { bay: 0 }\n    at: ${back} ms`),
  )
const unreadable = fc
  .record({ at: ms(20, 420), bay: ms(0, 1), first: ms(0, 1000), sectors: ms(1, 800) })
  .map(({ at, bay, first, sectors }) =>
    fault(`latent-sector-error: { bay: ${bay}, lunLba: ${first}, sectors: ${sectors} }\n    at: ${at} ms`),
  )
const refused = fc
  .record({ at: ms(20, 420), bay: ms(0, 1), count: ms(1, 4) })
  .map(({ at, bay, count }) => fault(`transient-write-error: { bay: ${bay}, count: ${count} }\n    at: ${at} ms`))

const load = fc
  .record({
    bs: fc.constantFrom(4, 8, 64),
    depth: ms(1, 8),
    count: ms(400, 2400),
    size: fc.constantFrom(256, 1024, 2048),
  })
  .map(
    ({ bs, depth, count, size }) =>
      `rw: randwrite, bs: ${bs} KiB, depth: ${depth}, count: ${count}, size: ${size} KiB, thinkTime: 200 us`,
  )
const image = fc
  .record({
    kind: fc.constantFrom('incremental', 'incremental', 'differential', 'full'),
    after: ms(10, 160),
    depth: ms(1, 4),
  })
  .map(({ kind, after, depth }) => `  - { kind: ${kind}, after: ${after} ms, depth: ${depth} }`)

it('no law is broken, and most images come about', { timeout: 600_000 }, () => {
  let complete = 0
  let made = 0
  const scenario = fc.record({
    seed: fc.nat(1000),
    members: ms(2, 3),
    spares: ms(0, 1),
    area: fc.constantFrom(50, 50, 30, 9),
    load,
    faults: fc.array(fc.oneof(cut, cutWhileKeeping, pull, detach, unreadable, refused), { maxLength: 4 }),
    images: fc.array(image, { minLength: 2, maxLength: 5 }),
  })
  fc.assert(
    fc.property(scenario, ({ seed, members, spares, area, load, faults, images }) => {
      const array = `members: ${members}, spares: ${spares}, driveCapacity: 6 MiB, snapshotArea: ${area}`
      const chain = ['  - { kind: full, after: 30 ms }', ...images].join('\n')
      const played = play({ seed, array, load, faults: faults.join('\n'), images: chain })
      expect(played.laws).toEqual([])
      made += played.images.length
      complete += played.images.filter(({ state }) => state === 'complete').length
    }),
    { numRuns: 40 },
  )
  expect(complete).toBeGreaterThan(made / 2)
})
