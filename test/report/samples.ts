// Verdicts made by hand, one of each kind, and reports around them.

import type { RunFigures, Verdict, Violation } from '../../host/oracle/verdict'
import type { RunReport, ScenarioReport } from '../../host/report/model'

const FIGURES: RunFigures = {
  simulatedNs: 1_207_345_678,
  reads: 1,
  writes: 20_000,
  flushes: 312,
  bytesRead: 4096,
  bytesWritten: 81_920_000,
  errors: 0,
  readLatencyNs: null,
  writeLatencyNs: { p50: 210_000, p95: 480_000, p99: 1_250_000, p999: 8_000_000, max: 31_234_567 },
  driveCommands: 40_312,
  sectorsJudged: 163_840,
  faultsStruck: 1,
  powerCuts: 1,
  microcodeEntries: 123_456,
}

const DETAILS = {
  scenario: 'sample',
  seed: 7,
  traceDigest: '0123456789abcdef',
  figures: FIGURES,
  findings: [],
  faults: [{ timeNs: 3_000_000, text: 'pull: the drive in bay 1 is gone' }],
  finalStatus: ['array: optimal', 'bay 0: in-sync'],
}

/** Text that every format must escape. */
export const NASTY = 'read <write #12> & "old" at 100 % \u0007, two\nlines: `é` ]]> -->'

export function violation(change: Partial<Violation> = {}): Violation {
  return {
    law: 'DUR',
    lba: 128,
    timeNs: 4_500_000,
    found: 'write #12 of 1.000 ms, read after the power cut',
    expected: 'write #31, acknowledged at 2.9 ms',
    history: [
      { timeNs: 1_000_000, text: 'write #12 to LBA 128 issued' },
      { timeNs: 2_900_000, text: 'write #31 to LBA 128 acknowledged' },
      { timeNs: 3_000_000, text: 'power cut' },
    ],
    ...change,
  }
}

export function passed(change: Partial<Verdict> = {}): Verdict {
  return { ...DETAILS, verdict: 'pass', ...change } as Verdict
}

export function failed(
  violations: readonly Violation[] = [violation(), violation({ law: 'CONV', lba: null })],
): Verdict {
  return { ...DETAILS, verdict: 'fail', violations }
}

export function unknown(): Verdict {
  return { ...DETAILS, verdict: 'unknown', missing: 'both members are gone' }
}

export function judged(verdict: Verdict, change: Partial<ScenarioReport> = {}): ScenarioReport {
  return {
    file: 'scenarios/sample.yaml',
    name: 'sample',
    story: 'A story.',
    seed: 7,
    expected: 'pass',
    unmet: verdict.verdict === 'pass' ? [] : [`the verdict is ${verdict.verdict}, expected pass`],
    replay: 'platterlab run scenarios/sample.yaml --seed 7',
    result: { kind: 'judged', verdict, arrayState: 'optimal', bayStates: ['in-sync', 'in-sync'], timeline: [] },
    ...change,
  }
}

const TIMELINE = [0, 1, 2, 3].map((span) => ({
  startNs: span * 300_000_000,
  endNs: (span + 1) * 300_000_000,
  reads: span,
  writes: span === 2 ? 0 : 5000,
  errors: 0,
  maxLatencyNs: span === 2 ? 0 : 1_000_000 * (span + 1),
  meanLatencyNs: span === 2 ? 0 : 200_000,
}))

/** One of everything. */
export function mixedRun(): RunReport {
  const nasty = violation({ found: NASTY, expected: NASTY, history: [{ timeNs: 5, text: NASTY }] })
  const both = passed({ figures: { ...FIGURES, readLatencyNs: { p50: 90, p95: 900, p99: 9_000, p999: 0, max: 2e9 } } })
  const plain = judged(both, { name: 'plain' })
  const canary = { name: 'canary', expected: 'fail (DUR)', unmet: [] }
  return {
    version: '0.1.0',
    scenarios: [
      { ...plain, result: { ...plain.result, timeline: TIMELINE } as ScenarioReport['result'] },
      judged(failed(), canary),
      judged(failed([nasty]), { name: 'nasty', story: NASTY, file: 'dir, with: odd%.yaml', unmet: [NASTY] }),
      judged(unknown(), { name: 'unclear' }),
      judged(passed({ findings: [{ timeNs: 1, text: NASTY }] }), { name: 'found-something' }),
      judged(passed(), {
        name: 'killed',
        unmet: ['there is no verdict, expected pass'],
        result: { kind: 'killed', reason: 'the microcode never returned from doorbell(host slot 3)' },
      }),
      judged(passed(), {
        name: 'broken',
        unmet: ['there is no verdict, expected pass'],
        result: { kind: 'broken', reason: `Error: ${NASTY}\n    at somewhere` },
      }),
    ],
  }
}

export const ALL_GOOD: RunReport = { version: '0.1.0', scenarios: [judged(passed())] }
