import { describe, expect, it } from 'vitest'
import { runCli } from '../../host/cli/program'
import { fakeTerminal } from './fakes'

async function cli(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal()
  const code = await runCli(argv, terminal)
  return { code, ...terminal.printed }
}

describe('the command line', () => {
  it.each([[['--help']], [['run', '--help']]])('%j starts with worked examples, on stdout', async (argv) => {
    const { code, out, err } = await cli(...argv)
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(out.startsWith('Examples:\n  platterlab run ')).toBe(true)
    expect(out).toContain('Exit codes:')
  })

  it('answers a mistyped command and a mistyped option with the one that was meant, and code 2', async () => {
    expect(await cli('rnu', 'x.yaml')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean run?'),
    })
    expect(await cli('run', 'x.yaml', '--sed', '1')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean --seed?'),
    })
  })

  it.each([
    [['run'], /missing required argument/],
    [['run', 'x.yaml', '--seed', 'one'], /--seed: found "one", expected a whole number/],
    [['run', 'x.yaml', '--seed', '9007199254740993'], /--seed: found/],
    [['run', 'x.yaml', '--reporter', 'prety'], /did you mean pretty\?/],
    [['run', 'x.yaml', '--reporter', 'junit='], /expected junit=FILE/],
    [['run', 'x.yaml', '--json', '--reporter', 'dot'], /json and dot both on stdout/],
    [['run', 'x.yaml', '--reporter', 'json=a', '--reporter', 'html=a'], /a file of its own/],
    [['run', 'no-such-file.yaml'], /no-such-file\.yaml: found no such file/],
  ])('%j is a mistake of the user: code 2, told on stderr', async (argv, message) => {
    const { code, out, err } = await cli(...argv)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(message)
  })

  it('schema prints one JSON document', async () => {
    const { code, out, err } = await cli('schema')
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({ title: 'Platterlab scenario', type: 'object' })
  })

  it('--version prints the version of the package', async () => {
    expect(await cli('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})
