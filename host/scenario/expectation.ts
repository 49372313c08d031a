// Does a run come to what the author of its scenario said? A verdict tells what is; an expectation tells what was meant to be: a canary
// that must fail is all right when it fails.

import type { Verdict } from '../oracle/verdict'
import type { RunOutcome } from './runTypes'
import type { Expectation } from './scenario'

function verdictText(verdict: Verdict): string {
  if (verdict.verdict !== 'fail') return verdict.verdict
  const laws = [...new Set(verdict.violations.map((violation) => violation.law))]
  return `fail (${laws.join(', ')})`
}

/** 'fail (DUR)': what was meant to come out. */
export function expectationText(expected: Expectation): string {
  return expected.laws.length === 0 ? expected.verdict : `${expected.verdict} (${expected.laws.join(', ')})`
}

/** What is otherwise than expected, a sentence each; empty = all as expected. */
export function unmetExpectations(expected: Expectation, outcome: RunOutcome): string[] {
  const { verdict } = outcome
  const unmet: string[] = []
  const claim = (met: boolean, text: string) => {
    if (!met) unmet.push(text)
  }
  claim(
    verdict.verdict === expected.verdict,
    `the verdict is ${verdictText(verdict)}, expected ${expectationText(expected)}`,
  )
  if (verdict.verdict === 'fail') {
    const broken = new Set(verdict.violations.map((violation) => violation.law))
    for (const law of expected.laws) claim(broken.has(law), `${law} is not broken, expected that it is`)
  }
  const { arrayState, bays, events, faultsStruckMin } = expected
  claim(
    arrayState === null || outcome.arrayState === arrayState,
    `the array says ${outcome.arrayState} at the end, expected ${arrayState}`,
  )
  for (const [bay, state] of Object.entries(bays)) {
    const found = outcome.bayStates[Number(bay)] ?? 'empty'
    claim(found === state, `bay ${bay} is ${found} at the end, expected ${state}`)
  }
  for (const [event, least] of Object.entries(events)) {
    const count = outcome.events.get(event as keyof typeof events) ?? 0
    claim(count >= (least ?? 0), `${event} happened ${count} times, expected at least ${least}`)
  }
  const struck = verdict.figures.faultsStruck
  const faults = struck === 1 ? '1 fault' : `${struck} faults`
  claim(struck >= faultsStruckMin, `${faults} struck, expected at least ${faultsStruckMin}`)
  return unmet
}
