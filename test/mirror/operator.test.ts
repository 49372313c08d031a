import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPERATOR_ATTACH, OPERATOR_DETACH, OPERATOR_STOP } from '../../assembly/abi/operator'
import { OP_INQUIRY, OP_READ_10, OP_TEST_UNIT_READY, OP_WRITE_10 } from '../../assembly/abi/scsi'
import {
  ARRAY_STOPPED,
  BAY_STATE_FAULTY,
  BAY_STATE_IN_SYNC,
  BAY_STATE_UNKNOWN,
  STATUS_ARRAY_STATE,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_BUSY,
} from '../../assembly/abi/status'
import type { RunOutcome } from '../../host/scenario/runTypes'
import { runText } from '../support/runText'
import { ScsiTarget } from '../support/scsiTarget'

const mirror = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))
const events = (outcome: RunOutcome, name: string): number => outcome.events.get(`microcode:${name}`) ?? 0

function underLoad(faults: string, { array = 'members: 2', seed = 1, flushEvery = 0 } = {}): RunOutcome {
  const text = `
name: operator
array: { ${array}, driveCapacity: 8 MiB }
workload: [ { pattern: { rw: randrw, readPercent: 30, bs: 4 KiB, depth: 8, count: 3000, size: 4 MiB, flushEvery: ${flushEvery} } } ]
faults:
${faults}
`
  return runText(text, mirror, { seed })
}

const at = (write: number): string => `\n    after: { event: host-write, n: ${write} }\n`

describe('detach and attach', () => {
  it.each([0, 1, 7, 800])('%i writes apart end optimal, identical, and without a rebuild', (apart) => {
    const faults = `  - operator-detach: { bay: 1 }${at(400)}  - operator-attach: { bay: 1 }${at(400 + apart)}`
    for (const seed of [1, 2, 3]) {
      const outcome = underLoad(faults, { seed })
      expect(outcome.verdict.verdict).toBe('pass')
      expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
      expect(events(outcome, 'rebuild-begin')).toBe(0)
      expect(outcome.verdict.figures.errors).toBe(0)
    }
  })

  it('a detached member is recorded as failed, and is not believed after a power cut', () => {
    const faults = `  - operator-detach: { bay: 0 }${at(400)}  - power-cut: {}${at(900)}  - pull: { bay: 1 }${at(900)}`
    const outcome = underLoad(`${faults}  - insert: { bay: 1 }\n    at: 8 s\n`)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
  })

  it('keeps the last member in sync, whatever the operator says', () => {
    const outcome = underLoad(`  - operator-detach: { bay: 1 }${at(100)}  - operator-detach: { bay: 0 }${at(200)}`)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'faulty'])
    expect(outcome.verdict.figures.errors).toBe(0)
  })

  it('a spare takes the slot, and the member that comes back is the next spare', () => {
    const faults = `  - operator-detach: { bay: 0 }${at(200)}  - operator-attach: { bay: 0 }\n    after: microcode:rebuild-done\n`
    const outcome = underLoad(faults, { array: 'members: 2, spares: 1' })
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['spare', 'in-sync', 'in-sync'])
  })

  it('brings back a member that failed', () => {
    const outcome = underLoad(`  - write-error: { bay: 1 }${at(200)}  - operator-attach: { bay: 1 }${at(900)}`)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
  })

  it('looks at a drive that comes back when everything that was sent to it before has ended', () => {
    const target = new ScsiTarget('members: 2, driveCapacity: 16 MiB').start()
    target.command([OP_TEST_UNIT_READY, 0, 0, 0, 0, 0])
    const { controller } = target.site
    const bayState = (): number => controller.statusWord(STATUS_BAYS + STATUS_BAY_WORDS + STATUS_BAY_STATE)
    controller.submit(0, Uint8Array.from([OP_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 1, ...new Array(7).fill(0)]), 10, 512, 0)
    target.until(() => target.issued[1]! > target.answered[1]!)
    const issued = target.issued[1]!
    controller.operate(OPERATOR_DETACH, 1)
    controller.operate(OPERATOR_ATTACH, 1)
    target.until(() => bayState() === BAY_STATE_FAULTY)
    expect(target.answered[1]).toBeLessThan(issued)
    target.until(() => bayState() === BAY_STATE_UNKNOWN)
    expect(target.answered[1]).toBe(issued)
    target.until(() => bayState() === BAY_STATE_IN_SYNC)
  })

  it('of what is not there, or is in its place already, does nothing', () => {
    const target = new ScsiTarget('members: 2, driveCapacity: 16 MiB').start()
    const { controller } = target.site
    const before = target.status()
    for (const bay of [0, 1, 2, 15, 16, 255, 4_000_000]) controller.operate(OPERATOR_ATTACH, bay)
    for (const bay of [2, 15, 16, 255, 4_000_000]) controller.operate(OPERATOR_DETACH, bay)
    for (const request of [0, 5, 77]) controller.operate(request, 0)
    target.command([OP_INQUIRY, 0, 0, 0, 36, 0], { dataIn: 36 })
    expect(target.status()).toEqual(before)
  })
})

describe('stop', () => {
  it.each(['off', 'on'])('with write cache %s, then a power cycle: assembles clean, with no resync', (writeCache) => {
    const faults = `  - operator-stop: {}${at(700)}  - power-cut: {}\n    after: microcode:stopped\n`
    for (const seed of [1, 2, 3]) {
      const outcome = underLoad(faults, { array: `members: 2, writeCache: ${writeCache}`, seed, flushEvery: 50 })
      expect(outcome.verdict.verdict).toBe('pass')
      expect(outcome.arrayState).toBe('optimal')
      expect(events(outcome, 'stopped')).toBe(1)
      expect(events(outcome, 'resync-begin')).toBe(0)
    }
  })

  it('leaves a degraded array with the marks that its missing member needs', () => {
    const faults = `  - operator-detach: { bay: 1 }${at(300)}  - operator-stop: {}${at(900)}  - power-cut: {}\n    after: microcode:stopped\n`
    const outcome = underLoad(faults)
    expect(outcome.verdict.verdict).toBe('pass')
    // The drive is in its bay at power on: it catches up.
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
    expect(events(outcome, 'resync-done')).toBe(1)
  })

  it('a stopped array writes nothing, whatever happens to its bays', () => {
    const stop = '  - operator-stop: {}\n    after: { event: host-flush }\n'
    const text = `
name: stopped
array: { members: 2, spares: 1, driveCapacity: 8 MiB }
workload: [ { pattern: { rw: write, bs: 4 KiB, depth: 8, size: 1 MiB, flushAtEnd: on } } ]
faults:
${stop}  - pull: { bay: 1 }
    at: 1 s
  - insert: { bay: 1, drive: new }
    at: 2 s
  - operator-scrub: {}
    at: 3 s
  - operator-attach: { bay: 1 }
    at: 3 s
expect: { arrayState: stopped }
`
    const commits = events(runText(text.replace(/ {2}- pull[\s\S]*(?=expect)/, ''), mirror), 'commit-begin')
    const outcome = runText(text, mirror)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.arrayState).toBe('stopped')
    expect(events(outcome, 'commit-begin')).toBe(commits)
    expect(outcome.bayStates).toEqual(['in-sync', 'unknown', 'spare'])
    expect(events(outcome, 'scrub-begin')).toBe(0)
  })

  it('answers NOT READY, INITIALIZING COMMAND REQUIRED from then on, and still says who it is', () => {
    const target = new ScsiTarget('members: 2, driveCapacity: 16 MiB').start()
    target.command([OP_TEST_UNIT_READY, 0, 0, 0, 0, 0])
    expect(target.command([OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]).status).toBe(0)
    // The superblocks say "active" from here on.
    expect(target.command([OP_WRITE_10, 0, 0, 0, 0, 0, 0, 0, 1, 0], { dataOut: new Uint8Array(512) }).status).toBe(0)
    target.site.operate(OPERATOR_STOP, 0)
    expect(target.command([OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]).sense).toBe(0x020402)
    expect(target.command([OP_READ_10, 0, 0, 0, 0, 0, 0, 0, 1, 0], { dataIn: 512 }).sense).toBe(0x020402)
    expect(target.command([OP_INQUIRY, 0, 0, 0, 36, 0], { dataIn: 36 }).status).toBe(0)
    target.settle()
    for (const drive of target.site.bays) {
      // md's resync_offset: all ones = clean.
      const superblock = new Uint8Array(512)
      drive!.medium.read(8, 1, superblock, 0)
      expect([...superblock.subarray(208, 216)]).toEqual(new Array(8).fill(0xff))
    }
    expect(target.site.controller.statusWord(STATUS_ARRAY_STATE)).toBe(ARRAY_STOPPED)
    expect(target.site.controller.statusWord(STATUS_BUSY)).toBe(0)
    expect(target.command([OP_READ_10, 0, 0, 0, 0, 0, 0, 0, 1, 0], { dataIn: 512 }).sense).toBe(0x020402)
  })
})

describe('operators at any time', () => {
  const request = fc.constantFrom(
    'operator-scrub: {}',
    ...[0, 1, 2].flatMap((bay) => [`operator-detach: { bay: ${bay} }`, `operator-attach: { bay: ${bay} }`]),
  )
  const trouble = fc.constantFrom(
    'power-cut: {}',
    'pull: { bay: 0 }',
    'write-error: { bay: 1 }',
    'hang: { bay: 0, duration: 3 s }',
    'latent-sector-error: { bay: 1, lunLba: 100, sectors: 9 }',
  )
  const moment = fc.oneof(
    fc.integer({ min: 1, max: 1500 }).map((n) => `{ event: host-write, n: ${n} }`),
    fc.integer({ min: 1, max: 4000 }).map((n) => `{ event: drive-write, n: ${n} }`),
    fc.constantFrom('microcode:commit-begin', 'microcode:bay-state', 'microcode:scrub-begin', 'microcode:resync-begin'),
  )
  const step = fc.tuple(fc.oneof({ weight: 3, arbitrary: request }, { weight: 1, arbitrary: trouble }), moment)

  it('break no law', () => {
    const steps = fc.array(step, { minLength: 2, maxLength: 7 })
    const property = fc.property(steps, fc.boolean(), fc.boolean(), fc.nat(1000), (list, writeCache, stops, seed) => {
      const faults = list.map(([what, when]) => `  - ${what}\n    after: ${when}\n`).join('')
      const stop = stops ? `  - operator-stop: {}${at(1200)}  - power-cut: {}\n    after: microcode:stopped\n` : ''
      const array = `members: 2, spares: 1, writeCache: ${writeCache ? 'on' : 'off'}, bitmapSweep: 20 ms`
      const { verdict } = underLoad(faults + stop, { array, seed, flushEvery: 40 })
      expect(verdict.verdict === 'fail' ? verdict.violations : []).toEqual([])
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })
})
