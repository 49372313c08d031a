// The controller's memory of its array is not there after a power cut, or is an older one: what an array of one site makes of it.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RunOutcome } from '../../host/scenario/runTypes'
import { runText } from '../support/runText'

const mirror = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))

/** The second power cut leaves something else in the NVRAM: what is old by then was there when the first one had ended. */
function lost(content: string, faults = '', array = ''): RunOutcome {
  const text = `
name: nvram-lost
array: { members: 2, driveCapacity: 4 MiB${array} }
workload: [ { pattern: { rw: randrw, bs: 4 KiB, depth: 8, count: 2000, size: 1 MiB } } ]
faults:
  - power-cut: { duration: 10 ms }
    after: { event: host-write, n: 200 }
  - nvram-loss: { content: ${content} }
    after: { event: host-write, n: 600 }
  - power-cut: { duration: 10 ms }
    after: { event: host-write, n: 648 }
${faults}
`
  return runText(text, mirror)
}

const PULLED = (n: number): string => `  - pull: { bay: 1 }\n    after: { event: host-write, n: ${n} }`

describe.each(['blank', 'noise', 'old'])('an NVRAM with %s content', (content) => {
  it('is not believed: the array is put together by what its members know', () => {
    const outcome = lost(content)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
    expect(outcome.events.get('microcode:nvram-lost')).toBe(1)
  })

  it('does without a member whose loss the others have recorded', () => {
    const outcome = lost(content, PULLED(500))
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'empty'])
  })

  it('takes a snapshot with it', () => {
    const faults = '  - operator-snapshot: {}\n    after: { event: host-write, n: 500 }'
    const outcome = lost(content, faults, ', snapshotArea: 50')
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.events.get('microcode:snapshot-recalled') ?? 0).toBe(0)
  })
})

describe('members that may have missed something', () => {
  // The member that is there was left behind before the power cut, and does not know that.
  const stale = `  - pull: { bay: 1 }
    after: { event: host-write, n: 400 }
  - pull: { bay: 0 }
    after: { event: host-write, n: 648 }
  - insert: { bay: 1 }
    after: { event: host-write, n: 648 }`

  it('are not served alone by a controller that knows nothing', () => {
    const outcome = lost('blank', stale)
    expect(outcome.verdict.verdict === 'fail' ? outcome.verdict.violations : []).toEqual([])
    expect(outcome.arrayState).toBe('failed')
  })

  it("are nobody's fault where the NVRAM is as old as they are", () => {
    const faults = `  - pull: { bay: 1 }
    after: { event: host-write, n: 200 }
  - pull: { bay: 0 }
    after: { event: host-write, n: 648 }
  - insert: { bay: 1 }
    after: { event: host-write, n: 648 }`
    const { verdict, bayStates } = lost('old', faults)
    expect(bayStates).toEqual(['empty', 'in-sync'])
    expect(verdict.verdict).toBe('pass')
    expect(verdict.findings.map(({ text }) => text).join()).toContain('no member is there that has been in sync since')
  })

  it('are served when all that they promise are there', () => {
    const outcome = lost('blank', `${stale}\n  - insert: { bay: 0 }\n    at: 4 s`)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
  })
})

describe('an NVRAM that keeps its content', () => {
  it('is known again at every boot', () => {
    const cut = (ms: number): string => `  - power-cut: { duration: 10 ms }\n    at: ${ms} ms\n`
    const text = `
name: nvram-kept
array: { members: 2, driveCapacity: 4 MiB }
workload: [ { pattern: { rw: randrw, bs: 4 KiB, depth: 8, count: 2000, size: 1 MiB } } ]
faults:
${[1, 30, 50, 61, 62, 90, 120].map(cut).join('')}`
    const { events, verdict } = runText(text, mirror)
    expect(verdict.verdict).toBe('pass')
    expect(events.get('microcode:nvram-lost') ?? 0).toBe(0)
  })
})
