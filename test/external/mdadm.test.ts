// mdadm on the members of many kinds of runs: it accepts each, and says what the array says.

import { describe, expect, it } from 'vitest'
import { requireLoopDevices } from './loopDevice'
import { disagreements } from './memberAgreement'
import { runForImages } from './runForImages'
import { requireTool, withTemporaryFolder } from './tools'

interface Case {
  readonly title: string
  readonly array: string
  readonly faults: string
}

const CASES: readonly Case[] = [
  { title: 'nothing goes wrong, 1 member', array: 'members: 1', faults: '[]' },
  { title: 'nothing goes wrong, 2 members', array: 'members: 2', faults: '[]' },
  { title: 'nothing goes wrong, 8 members and spares', array: 'members: 8, spares: 2', faults: '[]' },
  {
    title: 'a member is pulled',
    array: 'members: 2',
    faults: '[{ pull: { bay: 1 }, after: { event: host-write, n: 100 } }]',
  },
  {
    title: 'a member is pulled and a spare takes over',
    array: 'members: 2, spares: 1',
    faults: '[{ pull: { bay: 0 }, after: { event: host-write, n: 100 } }]',
  },
  {
    title: 'the power fails among writes, twice',
    array: 'members: 3',
    faults:
      '[{ power-cut: {}, after: { event: drive-write, n: 200 } }, { power-cut: {}, after: { event: drive-write, n: 500 } }]',
  },
  {
    title: 'the power fails in the rebuild',
    array: 'members: 2, spares: 1',
    faults:
      '[{ pull: { bay: 0 }, after: { event: host-write, n: 50 } }, { power-cut: {}, after: { event: drive-write, bay: 2, n: 20 } }]',
  },
  {
    title: 'a member refuses writes',
    array: 'members: 2',
    faults: '[{ write-error: { bay: 1, count: 100 }, after: { event: host-write, n: 100 } }]',
  },
]

describe('mdadm and the array agree', () => {
  for (const { title, array, faults } of CASES) {
    it(title, async (ctx) => {
      requireTool(ctx, 'mdadm')
      requireLoopDevices(ctx)
      await withTemporaryFolder(async (folder) => {
        const scenario = `name: members
array: { ${array}, driveCapacity: 16 MiB }
workload:
  - pattern: { rw: randwrite, bs: 4 KiB, depth: 8, count: 400, flushEvery: 32, flushAtEnd: on }
faults: ${faults}
`
        const run = runForImages(scenario, { folder })
        expect(run.verdict.verdict).toBe('pass')
        expect(await disagreements(run)).toEqual([])
      })
    })
  }
})
