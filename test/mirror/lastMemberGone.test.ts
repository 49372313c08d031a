// A read waits for a write to the same sectors; meanwhile the only member is pulled. The read must end in NOT READY, and not in a command to a
// bay that there is not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runText } from '../support/runText'

const mirror = new Uint8Array(readFileSync(join(import.meta.dirname, '..', '..', 'build', 'mirror.wasm')))
const TEXT = `
array: { members: 1, driveCapacity: 2 MiB }
workload:
  - operations: { depth: 4, list: ['write 0+8', 'read 0+8', 'write 0+8', 'read 4+8'] }
faults:
  - pull: { bay: 0 }
    after: { event: drive-write, lba: 2048-2055, n: 1 }
`

describe('a read that waits while the last member goes', () => {
  it('is answered, and the microcode goes on', () => {
    const { verdict } = runText(TEXT, mirror)
    expect(verdict.findings.filter(({ text }) => text.includes('was stopped'))).toEqual([])
    expect(verdict.verdict).toBe('pass')
  })
})
