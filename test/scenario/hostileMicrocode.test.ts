import { describe, expect, it } from 'vitest'
import { compileFixture } from '../support/compileFixture'
import { runText } from '../support/runText'
import { tinyModule } from '../support/tinyModule'

const SCENARIO = `
name: hostile
array: { members: 1, driveCapacity: 16 MiB }
workload: [ { pattern: { rw: randwrite, bs: 4 KiB, depth: 2, count: 100, size: 1 MiB } } ]
`

const ENTRIES = ['describe', 'boot', 'doorbell', 'interrupt', 'receive', 'timer', 'hotplug']
const UNREACHABLE = 0x00
const CALL_IMPORT_0 = [0x10, 0]

async function runFixture(name: string) {
  return runText(SCENARIO, await compileFixture(name)).verdict
}

describe('a run with a microcode that does not behave', () => {
  it('ends as unknown when it traps again and again, and blames no law', async () => {
    const verdict = await runFixture('trapsAtThirdDoorbell')
    expect(verdict.verdict).toBe('unknown')
    expect(verdict.findings.some(({ text }) => text.includes('is not started again'))).toBe(true)
  })

  it('notes every abuse of its slots as a finding, and ends', async () => {
    const verdict = await runFixture('scribbles')
    expect(verdict.findings.some(({ text }) => text.startsWith('the microcode was stopped'))).toBe(true)
  })

  it('is refused when its descriptor lies', async () => {
    await expect(runFixture('liesInDescriptor')).rejects.toMatchObject({ name: 'MicrocodeRefused' })
  })

  it('is refused when describe() traps', () => {
    const module = tinyModule({ functions: ENTRIES, memories: ['memory'], body: [UNREACHABLE] })
    expect(() => runText(SCENARIO, module)).toThrow(/microcode refused: describe\(\)/)
  })

  it.each(['issue', 'abort', 'complete', 'setTimer', 'cancelTimer', 'commitNvram', 'panic'])(
    'is refused when it calls %s before it is booted',
    (name) => {
      const module = tinyModule({
        imports: [['hal', name]],
        functions: ENTRIES,
        memories: ['memory'],
        body: CALL_IMPORT_0,
      })
      expect(() => runText(SCENARIO, module)).toThrow(/microcode refused: describe\(\)/)
    },
  )

  it('is judged all the same when its front panel is broken, and its status says so', async () => {
    const verdict = await runFixture('brokenPanel')
    expect(verdict.finalStatus.some((line) => line.startsWith('the front panel failed'))).toBe(true)
  })

  it('is refused when a setting makes its front panel trap', async () => {
    const text = SCENARIO.replace('members: 1', 'members: 1, settings: { good: 1 }')
    const module = await compileFixture('brokenPanel')
    expect(() => runText(text, module)).toThrow(/array\.settings\.good: 1; a front panel that works: this one failed/)
  })
})
