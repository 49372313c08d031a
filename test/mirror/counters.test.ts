// Counters of a long life: none of the microcode's sequence numbers may matter by its size.

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseScenario } from '../../host/scenario/parse'
import { Runner } from '../../host/scenario/runner'
import { TRACE_NVRAM_COMMIT } from '../../host/sim/trace'
import { GeneratorJob } from '../../host/workload/generator'
import { runText } from '../support/runText'

const mirror = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))
const SCENARIOS = new URL('../../fixtures/scenarios/', import.meta.url)
const shipped = readdirSync(SCENARIOS).map((name) => readFileSync(new URL(name, SCENARIOS), 'utf8'))

/** Just below a number that some counter may not survive. */
const below = (limit: number) => fc.integer({ min: 1, max: 60 }).map((distance) => limit - distance)
const firstCounters = fc.oneof(below(2 ** 15), below(2 ** 16), below(2 ** 31), below(2 ** 32))
const firstEvents = fc.oneof(below(2 ** 15), below(2 ** 16), below(2 ** 31), below(2 ** 32), below(2 ** 53 - 1000))

/** The same scenario, begun late in life. */
function lateInLife(text: string, first: { firstCounters?: number; firstEvents?: number }): string {
  const scenario = parse(text) as { array?: object }
  return stringify({ ...scenario, array: { ...scenario.array, ...first } })
}

describe('a scenario that begins late in life', () => {
  it('passes as it does early, whatever counter wraps in it', () => {
    const property = fc.property(
      fc.constantFrom(...shipped),
      firstCounters,
      firstEvents,
      fc.nat(100),
      (text, counters, events, seed) => {
        const { verdict } = runText(lateInLife(text, { firstCounters: counters, firstEvents: events }), mirror, {
          seed,
        })
        expect(verdict.verdict).toBe('pass')
      },
    )
    fc.assert(property, { numRuns: 40, seed: 1 })
  })

  const BUSY = `
name: busy
array: { members: 2, spares: 1, driveCapacity: 8 MiB, bitmapSweep: 5 ms, checkpoint: 64 KiB }
workload: [ { pattern: { rw: randrw, readPercent: 30, bs: 4 KiB, depth: 8, count: 1500, size: 4 MiB } } ]
faults:
  - pull: { bay: 1 }
    after: { event: host-write, n: 300 }
  - power-cut: {}
    after: { event: host-write, n: 700 }
`

  it('does the same at the same times: where counters begin makes no difference', () => {
    const figures = (first: number): unknown => {
      const { verdict, events, bayStates } = runText(lateInLife(BUSY, { firstCounters: first }), mirror)
      return { verdict: verdict.verdict, figures: verdict.figures, events: [...events], bayStates }
    }
    const early = figures(0)
    for (const first of [1, 2 ** 15 - 3, 2 ** 16 - 3, 2 ** 31 - 5, 2 ** 31, 2 ** 32 - 40, 2 ** 32 - 5, 2 ** 32 - 1]) {
      expect(figures(first)).toEqual(early)
    }
  })

  it('counts events from where it began, in 64 bits', () => {
    const countOf = (firstEvents: number): number => {
      const { finalStatus } = runText(lateInLife(BUSY, { firstEvents }), mirror).verdict
      return Number(/event count (\d+)/.exec(finalStatus.join())![1])
    }
    const commits = countOf(0)
    for (const first of [2 ** 31 - 5, 2 ** 32 - 5, 2 ** 53 - 1000]) expect(countOf(first)).toBe(first + commits)
  })

  it('never overwrites the newest record in the NVRAM', () => {
    const parsed = parseScenario(lateInLife(BUSY, { firstCounters: 2 ** 32 - 4 }), 'nvram.yaml')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
    const nothing = (): void => {}
    const hooks = { powerCut: nothing, crashed: nothing, claimsChanged: nothing, driveDone: nothing }
    const module = new WebAssembly.Module(mirror)
    const runner = new Runner(parsed.scenario, module, 1, { ...hooks, commandOverdue: nothing, overdue: nothing })
    const slots: number[] = []
    runner.nvramCommitted = (): void => {
      const commits = [...runner.trace.recent()].filter(({ code }) => code === TRACE_NVRAM_COMMIT)
      slots.push(commits.at(-1)!.a / 64)
    }
    runner.format()
    const target = { lunSectors: runner.lunSectors, sectorBytes: 512 }
    // With pauses in which the superblocks become clean again.
    const options = { access: 'write', order: 'random', requests: 8, thinkTimeNs: 40_000_000 } as const
    runner.carryOut([new GeneratorJob({ name: 'slowly', ...options }, target, 1)], 1e12, 'the writes')
    expect(slots.length).toBeGreaterThan(6)
    expect(slots).toEqual(slots.map((_, index) => index % 2))
  })
})
