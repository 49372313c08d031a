import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OPERATOR_SCRUB } from '../../assembly/abi/operator'
import { OP_WRITE_10 } from '../../assembly/abi/scsi'
import { STATUS_DIRTY_REGIONS, STATUS_SCRUBBING, STATUS_UNDECIDED_REGIONS } from '../../assembly/abi/status'
import type { RunOutcome } from '../../host/scenario/runTypes'
import { runText } from '../support/runText'
import { ScsiTarget } from '../support/scsiTarget'

const mirror = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))

/** 1 MiB in order, then a flush; `faults` say what happens after it. */
function afterFilling(faults: string, array = 'members: 2'): RunOutcome {
  const text = `
name: scrub
array: { ${array}, driveCapacity: 16 MiB }
workload: [ { pattern: { rw: write, bs: 4 KiB, depth: 4, size: 1 MiB, flushAtEnd: on } } ]
faults:
${faults}
`
  return runText(text, mirror)
}

const events = (outcome: RunOutcome, name: string): number => outcome.events.get(`microcode:${name}`) ?? 0

const SCRUB = '  - operator-scrub: {}\n    after: { event: host-flush }'

describe('a scrub', () => {
  it.each([1, 2, 3, 8])(
    'of %i equal members, again and again under writes to the same sectors, finds nothing',
    (members) => {
      const text = `
name: equal
array: { members: ${members}, driveCapacity: 2 MiB, bitmapChunk: 64 KiB }
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, depth: 16, count: 6000, size: 64 KiB } } ]
faults: [ { operator-scrub: {}, rate: { event: host-write, ratio: 1/10 } } ]
`
      const outcome = runText(text, mirror, { seed: members })
      expect(outcome.verdict.verdict).toBe('pass')
      expect(events(outcome, 'scrub-done')).toBeGreaterThan(3)
      expect(events(outcome, 'scrub-mismatch')).toBe(0)
      expect(events(outcome, 'read-repair')).toBe(0)
    },
  )

  it('finds a write that one member lost, sector by sector, and leaves it as it is', () => {
    const lost = "  - lost-write: { bay: 1 }\n    after: { event: drive-write, bay: 1, lba: '2100-3000' }\n"
    const outcome = afterFilling(lost + SCRUB)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(events(outcome, 'scrub-mismatch')).toBeGreaterThanOrEqual(8)
    expect(outcome.verdict.finalStatus).toContain('last scrub: 8 sectors differ')
    // The judge still finds the members different there.
    expect(outcome.verdict.findings.filter(({ text }) => text.startsWith('the replicas differ'))).toHaveLength(8)
  })

  it('gives back what one member cannot read, so that the other one may go', () => {
    const bad = '  - latent-sector-error: { bay: 1, lunLba: 3001, sectors: 5 }\n    after: { event: host-flush }\n'
    const pull = '\n  - pull: { bay: 0 }\n    after: microcode:scrub-done'
    const outcome = afterFilling(bad + SCRUB + pull)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(events(outcome, 'read-repair')).toBe(5)
    expect(outcome.verdict.figures.errors).toBe(0)
    expect(outcome.verdict.findings).toEqual([])
  })

  it('leaves alone what no member can read', () => {
    const bad = (bay: number): string =>
      `  - latent-sector-error: { bay: ${bay}, lunLba: 3000, sectors: 5 }\n    after: { event: host-flush }\n`
    const outcome = afterFilling(bad(0) + bad(1) + SCRUB)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(events(outcome, 'scrub-done')).toBeGreaterThan(0)
    expect(events(outcome, 'read-repair')).toBe(0)
  })

  it('clears the marks of what it found equal on every member at once, but with a write cache leaves that to the sweep', () => {
    const marksLeft = (writeCache: string): number => {
      const target = new ScsiTarget(
        `members: 2, driveCapacity: 16 MiB, bitmapSweep: 1000 s, writeCache: ${writeCache}`,
      ).start()
      const write = [OP_WRITE_10, 0, 0, 0, 0, 77, 0, 0, 1, 0]
      target.command(write, { dataOut: new Uint8Array(512) })
      expect(target.command(write, { dataOut: new Uint8Array(512) }).status).toBe(0)
      const word = (status: number): number => target.site.controller.statusWord(status)
      expect(word(STATUS_DIRTY_REGIONS)).toBe(1)
      target.site.operate(OPERATOR_SCRUB, 0)
      target.until(() => word(STATUS_SCRUBBING) === 1).until(() => word(STATUS_SCRUBBING) === 0)
      return word(STATUS_DIRTY_REGIONS)
    }
    expect(marksLeft('off')).toBe(0)
    expect(marksLeft('on')).toBe(1)
  })

  it('leaves the marks for a member that is not there: it catches up when it comes back', () => {
    const text = `
name: absent
array: { members: 2, driveCapacity: 16 MiB }
workload:
  - pattern: { rw: write, bs: 4 KiB, depth: 4, size: 2 MiB, flushAtEnd: on }
  - pattern: { rw: randwrite, bs: 4 KiB, depth: 1, count: 300, offset: 8 MiB, size: 1 MiB, thinkTime: 1 ms }
faults:
  - pull: { bay: 1 }
    after: { event: host-write, n: 20 }
  - operator-scrub: {}
    after: { event: host-flush }
  - insert: { bay: 1 }
    after: microcode:scrub-done
expect: { arrayState: optimal }
`
    const outcome = runText(text, mirror)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
    expect(events(outcome, 'resync-done')).toBe(1)
    expect(events(outcome, 'rebuild-begin')).toBe(0)
  })

  it('ends without being done when its last member does not answer, or the power fails', () => {
    const unfinished = (outcome: RunOutcome): number => events(outcome, 'scrub-begin') - events(outcome, 'scrub-done')
    const hang = afterFilling(
      `${SCRUB}\n  - hang: { bay: 0, duration: 3 s }\n    after: microcode:scrub-begin`,
      'members: 1',
    )
    expect(hang.verdict.verdict).toBe('pass')
    expect(unfinished(hang)).toBe(1)
    const cut = afterFilling(`${SCRUB}\n  - power-cut: {}\n    after: microcode:scrub-begin`)
    expect(cut.verdict.verdict).toBe('pass')
    expect(unfinished(cut)).toBe(1)
  })

  it('waits until the resync has decided everything', () => {
    const target = new ScsiTarget('members: 2, driveCapacity: 64 MiB, assumeClean: off, resyncPause: 100 µs').start()
    const word = (status: number): number => target.site.controller.statusWord(status)
    expect(word(STATUS_UNDECIDED_REGIONS)).toBeGreaterThan(0)
    target.site.operate(OPERATOR_SCRUB, 0)
    target.until(() => word(STATUS_UNDECIDED_REGIONS) === 0)
    const decidedNs = target.nowNs
    expect(word(STATUS_SCRUBBING)).toBe(1)
    target.until(() => word(STATUS_SCRUBBING) === 0)
    // 504 windows of 128 KiB, and a pause after each.
    expect(target.nowNs - decidedNs).toBeGreaterThan(504 * 100_000)
  })
})
