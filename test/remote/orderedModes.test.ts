// Whatever happens to two sites in a mode that keeps an order, no law is broken: DUR, WOF and RPO at the site that is promoted, CONV when both are
// back, LIVE throughout. Journals are small, so that they are full, spilled and given up.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { at, play } from './play'

const ms = (max: number) => fc.integer({ min: 0, max })
const fault = (text: string, time: number): string => `  - ${text}${at(time)}`
const away = fc.constantFrom(10, 60, 120, 300, 700)

/** One thing that happens, a line or a few of a scenario; from 20 ms on. */
const happening = fc.oneof(
  fc.tuple(away, ms(100)).map(([duration, t]) => fault(`link-cut: { duration: ${duration} ms }`, 20 + t)),
  fc.tuple(away, ms(100)).map(([duration, t]) => fault(`power-cut: { duration: ${duration} ms }`, 20 + t)),
  fc.tuple(away, ms(100)).map(([duration, t]) => fault(`site-loss: { site: b, duration: ${duration} ms }`, 20 + t)),
  fc.tuple(ms(100), ms(120)).map(([t, later]) => lost(20 + t, later, '')),
  fc.tuple(ms(100), ms(120), away).map(([t, later, duration]) => lost(20 + t, later, `, duration: ${duration} ms`)),
  fc
    .tuple(ms(100), ms(30))
    .map(([t, later]) => fault('operator-demote: { site: a }', 20 + t) + fault('failover: {}', 20 + t + later)),
  ms(100).map((t) => fault('link-drop: { count: 1 }', 20 + t)),
  fc.tuple(fc.constantFrom(0, 1), ms(100)).map(([bay, t]) => fault(`pull: { bay: ${bay} }`, 20 + t)),
)

function lost(time: number, later: number, duration: string): string {
  return fault(`site-loss: { site: a${duration} }`, time) + fault('failover: {}', time + later)
}

const journal = fc
  .record({
    mode: fc.constantFrom('async', 'async', 'async', 'received', 'one-behind'),
    overflow: fc.constantFrom('throttle', 'track'),
    area: fc.constantFrom(2, 10, 40),
    rpo: fc.constantFrom(40, 200),
  })
  .map(({ mode, overflow, area, rpo }) => ({
    mode,
    remote: `nvram: 384 KiB${mode === 'async' ? `, overflow: ${overflow}, area: ${area}, rpo: ${rpo} ms` : ''}`,
  }))

const settings = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  link: fc.constantFrom(
    'latency: 1 ms',
    'latency: 5 ms',
    'latency: 1 ms, bandwidth: 4 MB',
    'latency: 0.2 ms, bandwidth: 20 MB',
  ),
  capacity: fc.constantFrom('4 MiB', '16 MiB'),
  load: fc.constantFrom(
    'rw: randwrite, bs: 64 KiB, depth: 8, count: 200, size: 1 MiB',
    'rw: randrw, readPercent: 20, bs: 4 KiB, depth: 1, count: 600, size: 1 MiB',
    'rw: randrw, readPercent: 20, bs: 4 KiB, depth: 16, count: 1200, size: 1 MiB',
  ),
})

it('two sites in a mode that keeps an order break no law, whatever happens', () => {
  fc.assert(
    fc.property(journal, settings, fc.array(happening, { minLength: 1, maxLength: 4 }), (mode, set, faults) => {
      expect(play(faults.join(''), { ...set, ...mode }).laws).toEqual([])
    }),
    { numRuns: 60 },
  )
}, 300_000)
