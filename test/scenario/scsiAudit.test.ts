// What the audit of a LUN says: nothing about a microcode that keeps to the standards, and the fault by its law about one that does not.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AuditProblem } from '../../host/scenario/audit/probe'
import { parseScenario } from '../../host/scenario/parse'
import { Runner } from '../../host/scenario/runner'
import type { RunnerHooks } from '../../host/scenario/runnerHooks'
import { auditLun } from '../../host/scenario/scsiAudit'
import { compileFixture } from '../support/compileFixture'
import { editedMirror } from '../support/editedMicrocode'

const MIRROR = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))
const nothing = (): void => {}
const HOOKS: RunnerHooks = {
  powerCut: nothing,
  crashed: nothing,
  claimsChanged: nothing,
  driveDone: nothing,
  commandOverdue: nothing,
  overdue: nothing,
}

function audit(bytes: Uint8Array, array = 'members: 2, driveCapacity: 4 MiB'): readonly AuditProblem[] {
  const text = `name: audit\narray: { ${array} }\nworkload: [ { pattern: { rw: read, count: 1 } } ]\n`
  const parsed = parseScenario(text, 'audit.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const runner = new Runner(parsed.scenario, new WebAssembly.Module(new Uint8Array(bytes)), 1, HOOKS)
  expect(runner.format() && runner.settle() && runner.awaitLun()).toBe(true)
  return auditLun(runner, parsed.scenario.array.writeCache)
}

describe('a microcode that keeps to the standards', () => {
  it.each([
    'members: 2, driveCapacity: 4 MiB',
    'members: 2, driveCapacity: 4 MiB, writeCache: on',
    'members: 1, driveCapacity: 640 KiB, dataOffset: 128 KiB',
    'members: 3, driveCapacity: 16 MiB, writeCache: on',
    'members: 2, driveCapacity: 16 MiB, luns: [1 MiB, 4100 KiB, rest]',
    'members: 1, driveCapacity: 4 MiB, writeCache: on, luns: [512 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB, 4 KiB]',
  ])('mirror with %s: nothing is wrong', (array) => {
    expect(audit(MIRROR, array)).toEqual([])
  })

  it('passthrough: what it says it leaves out, and nothing else', async () => {
    const problems = audit(await compileFixture('passthrough'), 'members: 1, driveCapacity: 4 MiB')
    expect(problems.map(({ law, found }) => `${law} ${found}`)).toEqual([
      'ERR REQUEST SENSE: CHECK CONDITION, ILLEGAL REQUEST (05/20/00)',
      'ERR VPD page 00h: CHECK CONDITION, ILLEGAL REQUEST (05/24/00)',
      'ERR REPORT LUNS, select report 0: CHECK CONDITION, ILLEGAL REQUEST (05/20/00)',
      'ERR MODE SENSE: neither (6) nor (10) is there',
    ])
  })
})

interface Mistake {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly law: AuditProblem['law']
  /** A part of what the audit says. */
  readonly found: string
}

/** They leave each other alone: one module has them all. */
const TOGETHER: readonly Mistake[] = [
  {
    what: 'a capacity that is one block too large',
    file: 'inquiry.ts',
    from: 'put64(at, sectors - 1)',
    to: 'put64(at, sectors)',
    law: 'TRUTH',
    found: 'READ CAPACITY (16): the last LBA is 6144',
  },
  {
    what: 'a caching page that hides the write cache',
    file: 'inquiry.ts',
    from: 'if (!changeable && writeCacheEnabled) put8(at + 2, 0x04)',
    to: '',
    law: 'TRUTH',
    found: 'MODE SENSE (6), page 08h, current values: WCE = 0',
  },
  {
    what: 'a longest transfer that the buffers do not hold',
    file: 'inquiry.ts',
    from: 'put32(at + 8, BUFFER_BYTES / SECTOR_BYTES)',
    to: 'put32(at + 8, BUFFER_BYTES / SECTOR_BYTES + 1)',
    law: 'TRUTH',
    found: 'VPD page B0h: MAXIMUM TRANSFER LENGTH is 257 blocks',
  },
  {
    what: 'an allocation length that is not kept to',
    file: 'inquiry.ts',
    from: 'answerGood(op, min(allocation, 8 + bytes))',
    to: 'answerGood(op, 40)',
    law: 'ERR',
    found: 'REPORT LUNS, select report 0: LUN LIST LENGTH 8 in 40 bytes',
  },
  {
    what: 'another LUN that seems to be there',
    file: 'inquiry.ts',
    from: 'if (!isLun(lun)) store<u8>(at, QUALIFIER_NOT_CONNECTED)',
    to: '',
    law: 'TRUTH',
    found: 'INQUIRY to LUN 1: byte 0 is 00',
  },
  {
    what: 'data-out that are too short are written',
    file: 'frontEnd.ts',
    from: 'if (room < sectors * SECTOR_BYTES) return',
    to: 'if (kind == KIND_READ && room < sectors * SECTOR_BYTES) return',
    law: 'ERR',
    found: 'WRITE (10) of 1 blocks with data of 0: GOOD with 0 bytes',
  },
  {
    what: 'protection information that is ignored',
    file: 'frontEnd.ts',
    from: 'if (control & CDB_PROTECT_MASK) return answerSense(op, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD_IN_CDB)',
    to: '',
    law: 'ERR',
    found: 'READ (16), RDPROTECT 1: GOOD with 512 bytes',
  },
]

const ALONE: readonly Mistake[] = [
  {
    what: 'CHECK CONDITION without sense data',
    file: 'frontEnd.ts',
    from: 'slot.senseLength = SENSE_FIXED_BYTES',
    to: 'slot.senseLength = 0',
    law: 'ERR',
    found: 'CHECK CONDITION with sense data of no bytes',
  },
  {
    what: 'a command across the end is taken',
    file: 'frontEnd.ts',
    from: 'return lba <= end && <u64>sectors <= end - lba',
    to: 'return lba <= end',
    law: 'ERR',
    found: 'READ (10) of 2 blocks at LBA 6143, beyond the end of 6144: ',
  },
  {
    what: 'sense data about a LUN that is not there, with what was in the buffer before',
    file: 'frontEnd.ts',
    from: 'writeSense(<usize>op.buffer, SENSE_ILLEGAL_REQUEST, ASC_LOGICAL_UNIT_NOT_SUPPORTED, u64.MAX_VALUE)',
    to: `const old = load<u64>(<usize>op.buffer + 8)
    writeSense(<usize>op.buffer, SENSE_ILLEGAL_REQUEST, ASC_LOGICAL_UNIT_NOT_SUPPORTED, u64.MAX_VALUE)
    store<u32>(<usize>op.buffer + 8, <u32>old)`,
    law: 'TRUTH',
    found: 'REQUEST SENSE to LUN 1: 70 00 05 00 00 00 00 0a ff ff ff ff 25',
  },
]

describe('a microcode that does not', () => {
  it.each<[string, readonly Mistake[]]>([
    ['mistakes that leave each other alone', TOGETHER],
    ...ALONE.map((mistake): [string, Mistake[]] => [mistake.what, [mistake]]),
  ])('%s: the audit tells', async (_, mistakes) => {
    const array = 'members: 2, driveCapacity: 4 MiB, dataOffset: 1 MiB, writeCache: on'
    const problems = audit(await editedMirror(mistakes), array)
    for (const { what, law, found } of mistakes) {
      const told = problems.filter((problem) => problem.law === law && problem.found.includes(found))
      expect(told, what).not.toEqual([])
    }
  })
})

describe('a microcode with several LUNs that mixes them up', () => {
  it('the audit tells, and names the LUN', async () => {
    const mistakes: readonly Mistake[] = [
      {
        what: 'one name for all',
        file: 'inquiry.ts',
        from: '  if (lun == 0) return 32\n',
        to: '  if (lun <= 1) return 32\n',
        law: 'TRUTH',
        found: 'which is the serial number of LUN 0',
      },
      {
        what: 'a LUN that is not listed',
        file: 'inquiry.ts',
        from: 'if (!isLun(lun)) continue',
        to: 'if (!isLun(lun) || lun == 2) continue',
        law: 'TRUTH',
        found: 'REPORT LUNS, select report 0: LUN 2 is not listed',
      },
      {
        what: 'the size of another one',
        file: 'frontEnd.ts',
        from: 'readCapacity10(op, sectorsOf(lunOf(op)))',
        to: 'readCapacity10(op, sectorsOf(0))',
        law: 'TRUTH',
        found: 'LUN 2, READ CAPACITY (10): the last LBA is 2047',
      },
    ]
    const array = 'members: 2, driveCapacity: 4 MiB, luns: [1 MiB, 512 KiB, rest]'
    const problems = audit(await editedMirror(mistakes), array)
    for (const { what, law, found } of mistakes) {
      const told = problems.filter((problem) => problem.law === law && problem.found.includes(found))
      expect(told, what).not.toEqual([])
    }
  })
})

it('a LUN that is ready before its array knows how large it is stops nobody: what it answers then is judged', async () => {
  const from = 'case OP_TEST_UNIT_READY:\n      if (ready(op)) answerGood(op, 0)'
  const bytes = await editedMirror([
    { file: 'frontEnd.ts', from, to: 'case OP_TEST_UNIT_READY:\n      answerGood(op, 0)' },
  ])
  const array = 'members: 2, driveCapacity: 4 MiB, luns: [1 MiB, rest]'
  const text = `name: early\narray: { ${array} }\nworkload: [ { pattern: { rw: read, count: 1 } } ]\n`
  const parsed = parseScenario(text, 'early.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const runner = new Runner(parsed.scenario, new WebAssembly.Module(new Uint8Array(bytes)), 1, HOOKS)
  expect(runner.format()).toBe(true)
  expect(runner.initiator.luns.count).toBe(2)
})
