import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../host/cli/program'
import { parseScenario } from '../../host/scenario/parse'
import { failed, passed } from '../report/samples'
import { type FakeEngine, fakeEngine, fakeTerminal, folderWith, honestRun, ran } from './fakes'

const OWN = 'array: { microcode: ./m.wasm }\n'

async function run(argv: readonly string[], fake: FakeEngine = fakeEngine()) {
  const terminal = fakeTerminal()
  const code = await runCli(['run', ...argv], terminal, fake.engine)
  return { code, ...terminal.printed, jobs: fake.jobs, fake }
}

function scenarios(files: Record<string, string>): (name: string) => string {
  const folder = folderWith({ 'm.wasm': '', ...files })
  return (name) => join(folder, name)
}

describe('run', () => {
  it('ends with 0 when every verdict is as expected, 1 when one is not', async () => {
    const at = scenarios({ 'a.yaml': OWN, 'b.yaml': `${OWN}expect: { verdict: fail, laws: [DUR] }` })
    expect((await run([at('a.yaml')])).code).toBe(0)
    expect((await run([at('a.yaml'), at('b.yaml')])).code).toBe(1)
    const failing = fakeEngine(async () => ({ kind: 'done', output: ran(failed()) }))
    expect((await run([at('b.yaml')], failing)).code).toBe(0)
    expect((await run([at('a.yaml')], failing)).code).toBe(1)
  })

  it('takes a directory for the scenarios in it, in the order of their names', async () => {
    const at = scenarios({
      'd/b.yaml': `array: { microcode: ../m.wasm }`,
      'd/a.yml': `array: { microcode: ../m.wasm }`,
      'd/x.txt': '',
    })
    expect((await run([at('d')])).jobs.map(({ scenario }) => scenario.name)).toEqual(['a', 'b'])
  })

  it('closes its engine, also after a failure', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const fake = fakeEngine(async () => {
      throw new Error('boom')
    })
    const { code, err } = await run([at('a.yaml')], fake)
    expect([code, fake.isClosed]).toEqual([3, true])
    expect(err).toContain('platterlab itself failed')
  })
})

describe('the seed', () => {
  const files = { 'own.yaml': `${OWN}seed: 5`, 'none.yaml': OWN }

  it('is the scenario’s own, or the one on the command line', async () => {
    const at = scenarios(files)
    expect((await run([at('own.yaml')])).jobs[0]!.seed).toBe(5)
    expect((await run([at('own.yaml'), '--seed', '9'])).jobs[0]!.seed).toBe(9)
  })

  it('is the first thing that is told, also when it was chosen at random', async () => {
    const at = scenarios(files)
    expect((await run([at('own.yaml')])).err).toMatch(/^seed 5\n/)
    const { err, jobs, out } = await run([at('none.yaml')])
    const drawn = jobs[0]!.seed
    expect(err.startsWith(`seed ${drawn} (chosen at random; --seed ${drawn} repeats it)\n`)).toBe(true)
    expect(out).toContain(`seed ${drawn}`)
    expect((await run([at('own.yaml'), at('none.yaml'), '--seed', '0'])).err).toMatch(/^seed 0\n/)
    expect((await run([at('own.yaml'), at('none.yaml')])).err).toMatch(/^seed 5; seed \d+ \(chosen/)
  })
})

describe('--json', () => {
  it('leaves one document on stdout and nothing else', async () => {
    const at = scenarios({ 'a.yaml': `${OWN}seed: 1` })
    const { out } = await run([at('a.yaml'), '--json'])
    expect(JSON.parse(out).scenarios).toHaveLength(1)
  })

  it('is byte-equal for equal runs', async () => {
    const at = scenarios({ 'a.yaml': `${OWN}seed: 1` })
    expect((await run([at('a.yaml'), '--json'])).out).toBe((await run([at('a.yaml'), '--json'])).out)
  })
})

describe('--dry-run', () => {
  it('prints scenarios that mean the same, with the seed, and runs nothing', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const { code, out, jobs } = await run([at('a.yaml'), '--dry-run', '--seed', '3'])
    expect([code, jobs]).toEqual([0, []])
    const parsed = parseScenario(out, 'printed.yaml')
    expect(parsed.ok && parsed.scenario.seed).toBe(3)
    expect(parsed.ok && parsed.scenario.name).toBe('a')
  })

  it('prints data with --json', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const { out } = await run([at('a.yaml'), '--dry-run', '--json'])
    expect(JSON.parse(out)[0]).toMatchObject({ name: 'a', array: { members: 2 } })
  })
})

describe('bad input', () => {
  it('in any file is told for all files, before anything runs or is written', async () => {
    const at = scenarios({ 'a.yaml': 'sede: 1', 'b.yaml': 'array: { members: 0 }', 'c.yaml': OWN })
    const { code, out, err, jobs } = await run([
      at('a.yaml'),
      at('b.yaml'),
      at('c.yaml'),
      '--reporter',
      `json=${at('r.json')}`,
    ])
    expect([code, out, jobs]).toEqual([2, '', []])
    expect(err).toContain('did you mean seed?')
    expect(err).toContain('array.members: found 0, expected a whole number from 1 to 8')
    expect(existsSync(at('r.json'))).toBe(false)
  })

  it('names the line of a file that is missing', async () => {
    const at = scenarios({ 'a.yaml': `${OWN}workload:\n  - fio: gone.fio\n` })
    expect((await run([at('a.yaml')])).err).toContain(
      `a.yaml:3:10: workload[0].fio: found "gone.fio", expected the path`,
    )
  })

  it('that only shows in the run ends with 2, the line itself, and no file', async () => {
    const at = scenarios({ 'a.yaml': `${OWN}workload: [{ fio: j.fio }]`, 'j.fio': '[a]\nrw=reed\n' })
    const fault = { file: 'j.fio', line: 2, column: 4, found: '"reed"', expected: 'read, write' }
    const fake = fakeEngine(async () => ({ kind: 'done', output: { kind: 'bad-input', faults: [fault] } }))
    const { code, err } = await run([at('a.yaml'), '--image-out', at('out/lun.img')], fake)
    expect(code).toBe(2)
    expect(err).toContain(
      `${at('j.fio')}:2:4: found "reed", expected read, write\n  1 | [a]\n  2 | rw=reed\n    |    ^`,
    )
    expect(readdirSync(at('out'))).toEqual([])
  })
})

describe('bad input in an inline job', () => {
  it('is shown at its column in the scenario', async () => {
    const at = scenarios({ 'a.yaml': `${OWN}workload:\n  - job: |\n      [a]\n      rw=reed\n` })
    const fake = fakeEngine(async ({ scenario }) => {
      const fault = { file: scenario.file, line: 5, column: 4, found: '"reed"', expected: 'read, write' }
      return { kind: 'done', output: { kind: 'bad-input', faults: [fault] } }
    })
    const { err } = await run([at('a.yaml')], fake)
    expect(err).toContain(
      `a.yaml:5:10: found "reed", expected read, write\n  4 |       [a]\n  5 |       rw=reed\n    |          ^^^^`,
    )
  })
})

describe('output files', () => {
  it('appear under their names, whole, and nothing else does', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const fake = fakeEngine(async (input, signal) => {
      writeFileSync(input.imageFile!, 'lun')
      writeFileSync(input.memberFiles![1]!, 'bay 1')
      const outcome = await honestRun(input, signal)
      if (outcome.kind === 'done' && outcome.output.kind === 'ran') {
        return { ...outcome, output: { ...outcome.output, writtenBays: [1], notes: ['3 sectors are lost'] } }
      }
      return outcome
    })
    const argv = ['--image-out', at('o/lun.img'), '--members-out', at('o'), '--reporter', `junit=${at('o/r.xml')}`]
    const { code, out, err } = await run([at('a.yaml'), ...argv], fake)
    expect(code).toBe(0)
    expect(readdirSync(at('o')).sort()).toEqual(['a-bay1.img', 'lun.img', 'r.xml'])
    expect(readFileSync(at('o/lun.img'), 'utf8')).toBe('lun')
    expect(readFileSync(at('o/r.xml'), 'utf8')).toContain('</testsuites>')
    expect(out).toContain('✓ a')
    expect(err).toContain('a: 3 sectors are lost')
  })

  it('that cannot be written are refused before the run', async () => {
    const at = scenarios({ 'a.yaml': OWN, file: '' })
    const { code, jobs, err } = await run([at('a.yaml'), '--reporter', `json=${at('file/r.json')}`])
    expect([code, jobs]).toEqual([2, []])
    expect(err).toContain('cannot write')
  })

  it('for one image want one scenario', async () => {
    const at = scenarios({ 'a.yaml': OWN, 'b.yaml': OWN })
    expect((await run([at('a.yaml'), at('b.yaml'), '--image-out', at('x.img')])).code).toBe(2)
  })
})

describe('Ctrl-C', () => {
  it('ends with 130 and leaves no temporary file', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const terminal = fakeTerminal()
    const fake = fakeEngine((_input, signal) => {
      setImmediate(() => terminal.interrupt())
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'cancelled' })))
    })
    const argv = ['run', at('a.yaml'), '--image-out', at('o/x.img'), '--reporter', `html=${at('o/r.html')}`]
    expect(await runCli(argv, terminal, fake.engine)).toBe(130)
    expect(readdirSync(at('o'))).toEqual([])
    expect(fake.isClosed).toBe(true)
  })
})

describe('--check-determinism', () => {
  it('runs twice, and is content when both agree', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const { code, jobs } = await run([at('a.yaml'), '--check-determinism'])
    expect([code, jobs.length]).toEqual([0, 2])
    expect(jobs[1]).toEqual(jobs[0])
  })

  it('fails when the digests differ, and says so', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    let runs = 0
    const fake = fakeEngine(async () => ({ kind: 'done', output: ran(passed({ traceDigest: `${runs++}` })) }))
    const { code, out } = await run([at('a.yaml'), '--check-determinism'], fake)
    expect(code).toBe(1)
    expect(out).toContain('two runs with the same seed differ: trace 0, then 1')
  })
})

describe('a run without a verdict', () => {
  const stalled = async () =>
    ({
      kind: 'stalled',
      entry: 'doorbell(host slot 3)',
      progress: { entry: 4, argument: 3, calls: 17, timeUs: 5 },
      stallMs: 5000,
    }) as never

  it('was killed: told with the entry point, code 1', async () => {
    const at = scenarios({ 'a.yaml': OWN })
    const { code, out } = await run([at('a.yaml')], fakeEngine(stalled))
    expect(code).toBe(1)
    expect(out).toContain('the microcode never returned from doorbell(host slot 3)')
  })

  it('is what a scenario may expect: a law that is broken, LIVE', async () => {
    const at = scenarios({ 'a.yaml': `${OWN}expect: { verdict: fail, laws: [LIVE] }` })
    expect((await run([at('a.yaml')], fakeEngine(stalled))).code).toBe(0)
  })

  it('broke: our own fault, code 3, and the next scenario still runs', async () => {
    const at = scenarios({ 'a.yaml': OWN, 'b.yaml': OWN })
    const fake = fakeEngine(async (input, signal) => {
      if (input.scenario.name === 'b') return honestRun(input, signal)
      return { kind: 'failed', error: { name: 'Error', message: 'boom', stack: 'Error: boom\n at x', fields: {} } }
    })
    const { code, out } = await run([at('a.yaml'), at('b.yaml')], fake)
    expect(code).toBe(3)
    expect(out).toContain('Error: boom')
    expect(out).toContain('✓ b')
  })
})
