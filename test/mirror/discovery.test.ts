import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RunOutcome } from '../../host/scenario/runTypes'
import { runText } from '../support/runText'

const mirror = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))

/** A power cut under load, and what happens around the boot that follows. */
function aroundBoot(faults: string, array = 'members: 2'): RunOutcome {
  const text = `
name: discovery
array: { ${array}, driveCapacity: 4 MiB }
workload: [ { pattern: { rw: randrw, bs: 4 KiB, depth: 8, count: 2000, size: 2 MiB } } ]
faults:
  - power-cut: {}
    after: { event: host-write, n: 648 }
${faults}
`
  return runText(text, mirror)
}

describe('discovery', () => {
  it('does not take apart what it has put together, while a member makes the first commit wait', () => {
    const { verdict } = aroundBoot(
      '  - hang: { bay: 1, duration: 3 s }\n    after: { event: microcode:commit-begin, n: 3 }',
    )
    expect(verdict.verdict === 'fail' ? verdict.violations : []).toEqual([])
  })

  it('asks a drive again that did not answer, when it is the one that is missing', () => {
    const faults = `  - hang: { bay: 1, duration: 3 s }
    after: { event: host-write, n: 100 }
  - hang: { bay: 0, duration: 4 s }
    after: { event: microcode:bay-state, bay: 0, n: 1 }`
    const outcome = aroundBoot(faults)
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'in-sync'])
  })

  it('does not take a drive whose superblock it cannot get for an empty one', () => {
    // The first read of a superblock since the workload began is that of the boot.
    const outcome = aroundBoot('  - hang: { bay: 1, duration: 8 s }\n    after: { event: drive-read, bay: 1, lba: 8 }')
    expect(outcome.verdict.verdict).toBe('pass')
    expect(outcome.bayStates).toEqual(['in-sync', 'faulty'])
    expect(outcome.events.get('microcode:rebuild-begin') ?? 0).toBe(0)
  })

  it('makes a spare of an empty drive that was put in while the power was off', () => {
    const faults = `  - pull: { bay: 1 }
    after: { event: host-write, n: 600 }
  - insert: { bay: 1, drive: new }
    after: { event: host-ack, n: 1300 }`
    const outcome = aroundBoot(faults)
    expect(outcome.verdict.verdict).toBe('pass')
  })

  it('copes with a large array whose bitmap no member can read', () => {
    const lost = (bay: number): string => `  - latent-sector-error: { bay: ${bay}, lba: 16, sectors: 8 }\n    at: 1 ms`
    const text = `
name: large
array: { members: 2, driveCapacity: 20 GiB, assumeClean: on, resyncPause: 10 s }
workload: [ { operations: { depth: 1, list: [ write 39000000+8, wait 300 ms, write 200+8, read 39000000+8 ] } } ]
faults:
${lost(0)}
${lost(1)}
  - power-cut: { duration: 100 ms }
    at: 40 ms
limits: { simulatedTime: 500 ms }
`
    const { events } = runText(text, mirror)
    expect(events.get('microcode:assembled')).toBe(1)
  })

  it('decides all of an array in time whose bitmap no member can read, however fine it was', () => {
    const lost = (bay: number): string =>
      `  - { latent-sector-error: { bay: ${bay}, lba: 17, sectors: 8 }, after: { event: microcode:commit-begin, n: 1 } }`
    const text = `
name: fine
array: { members: 2, driveCapacity: 15878 KiB, assumeClean: on, bitmapChunk: 512 B, bitmapSweep: 20 ms, dataOffset: 128 KiB }
drives: { model: { name: ideal, parameters: "channels=1,readNs=400000,writeNs=400000,flushNs=800000" }, volatileCache: on }
workload: [ { operations: { depth: 1, wrap: on, list: [ write 17536+2 ] } } ]
faults:
${lost(0)}
${lost(1)}
  - { power-cut: { duration: 10 ms, tearSector: off }, at: 1 ms }
limits: { simulatedTime: 120 s, commandTimeout: 10 s }
`
    // The members differ where a write was under way, so what is read there waits.
    const { verdict } = runText(text, mirror, { seed: 48264647 })
    expect(verdict.verdict).toBe('pass')
  })
})
