// The judge against a reference that is slow and obviously right.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History, type HistoryStep, LUN_SECTORS } from './histories'

const kind = fc.constantFrom(...(['write', 'write', 'read', 'end', 'end', 'end', 'flush', 'fail', 'cut'] as const))
const step: fc.Arbitrary<HistoryStep> = fc.record({
  kind,
  first: fc.nat(LUN_SECTORS - 1),
  sectors: fc.integer({ min: 1, max: LUN_SECTORS }),
  fua: fc.boolean(),
  choice: fc.nat(1000),
})
const steps = fc.array(step, { maxLength: 24 })

function tell(history: History, list: readonly HistoryStep[], inFlightMax: number): void {
  for (const next of list) {
    const submits = next.kind === 'write' || next.kind === 'read' || next.kind === 'flush'
    if (!submits || history.inFlight < inFlightMax) history.step(next)
  }
}

function story(history: History): string {
  return history.oracle.violations
    .map(({ law, found, expected }) => `${law}: ${found}; expected ${expected}`)
    .join('\n')
}

describe.each([
  [false, [LUN_SECTORS]],
  [true, [LUN_SECTORS]],
  // A flush concerns the LUN that it is sent to.
  [true, [1, LUN_SECTORS - 1]],
])('with the write cache enabled: %s, LUNs of %j sectors', (writeCacheEnabled, luns) => {
  it('the judge never charges what the reference allows, whatever overlaps', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const history = new History(writeCacheEnabled, luns)
        tell(history, list, 4)
        expect(story(history)).toBe('')
      }),
      { numRuns: 3000 },
    )
  })

  it('the judge charges exactly what the reference rules out, one command at a time', () => {
    let ruledOut = 0
    fc.assert(
      fc.property(steps, fc.nat(LUN_SECTORS - 1), fc.nat(1000), (list, lba, choice) => {
        const history = new History(writeCacheEnabled, luns)
        tell(history, list, 1)
        const versions = history.versionsOf(lba)
        const { oracle, reference } = history.probe(lba, versions[choice % versions.length]!)
        if (!reference) ruledOut++
        expect(oracle).toBe(reference)
      }),
      { numRuns: 6000 * luns.length },
    )
    expect(ruledOut).toBeGreaterThan(300)
  })
})
