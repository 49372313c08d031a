// Lines whose frames carry little: what is longer crosses in parts, and is put together at the other end.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REMOTE_DATED, REMOTE_UP, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { at, play, type Sites } from './play'

const MODES = ['sync', 'received', 'one-behind', 'async', 'scheduled'] as const
const LONG = 'rw: randwrite, bs: 128 KiB, depth: 8, count: 120, size: 1 MiB'
const LONGEST_BYTES = 128 * 1024

/** With all settled: both sites have what the mode promises. */
const inStep = ({ word }: Sites): boolean =>
  word(STATUS_REMOTE_STATE).every((state) => state === REMOTE_UP || state === REMOTE_DATED)

const framesSent = ({ run }: Sites): number => run.runner.rig.link!.directions[0].figures.framesSent

describe('on a line with small frames', () => {
  it.each(MODES)('writes of mode %s arrive whole, at both sites alike', (mode) => {
    const { laws, ...sites } = play('', { mode, load: LONG, link: 'latency: 1 ms, mtu: 4 KiB' })
    expect(laws).toEqual([])
    expect(inStep({ laws, ...sites })).toBe(true)
  })

  it('a long write is as many frames as its data need', () => {
    const load = 'rw: write, bs: 128 KiB, depth: 1, count: 20, size: 3 MiB'
    const [whole, parts] = ['off', '10000'].map((mtu) => play('', { load, link: `latency: 1 ms, mtu: ${mtu}` }))
    expect(framesSent(parts!) - framesSent(whole!)).toBe(20 * (Math.ceil(LONGEST_BYTES / 10_000) - 1))
  })

  it('frames that are lost, late, twice there or damaged among them cost a resync, and nothing else', () => {
    const kinds = ['drop', 'reorder', 'duplicate', 'corrupt']
    const faults = fc.record({
      mode: fc.constantFrom(...MODES),
      mtu: fc.constantFrom(4096, 5000, 65_536),
      kind: fc.constantFrom(...kinds),
      ms: fc.integer({ min: 4, max: 60 }),
      count: fc.constantFrom(1, 3),
    })
    fc.assert(
      fc.property(faults, ({ mode, mtu, kind, ms, count }) => {
        const fault = `  - link-${kind}: { direction: a-to-b, count: ${count} }${at(ms)}`
        const sites = play(fault, { mode, load: LONG, link: `latency: 1 ms, bandwidth: 100 MB, mtu: ${mtu}` })
        expect(sites.laws).toEqual([])
        expect(inStep(sites)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('all 64 slots at once, and a resync, go out in one turn', () => {
    const load = 'rw: randwrite, bs: 128 KiB, depth: 64, count: 400, size: 7 MiB'
    const cut = `  - link-cut: { duration: 150 ms }${at(5)}`
    for (const mode of MODES) {
      const sites = play(cut, { mode, load, capacity: '16 MiB', link: 'latency: 1 ms, mtu: 4 KiB' })
      expect(sites.laws).toEqual([])
      expect(inStep(sites)).toBe(true)
    }
  })

  it('what was begun when the line was cut takes no room for ever', () => {
    // More often than there are places to put frames: each write is on its way for 6 ms.
    const cuts = Array.from({ length: 60 }, (_, n) => `  - link-cut: { duration: 1 ms }${at(50 + 160 * n)}`).join('')
    const load = 'rw: randwrite, bs: 128 KiB, depth: 4, count: 3000, size: 1 MiB'
    const sites = play(cuts, { load, link: 'latency: 1 ms, bandwidth: 20 MB, mtu: 4 KiB' })
    expect(sites.laws).toEqual([])
    expect(inStep(sites)).toBe(true)
  })
})
