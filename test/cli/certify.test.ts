// The standard campaign from the command line to its certificate, with small budgets. The threads are those of dist/.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBudget, parseShard } from '../../host/cli/campaignOptions'
import { progressText } from '../../host/cli/campaignRun'
import { campaign, folderWith, startCampaign } from './campaigns'

const SMALL = ['certify', '--budget', 'states:100']

describe('certify', () => {
  it('gives equal bytes with one thread and with two', async () => {
    const [one, two] = [
      await campaign(...SMALL, '--json', '--jobs', '1'),
      await campaign(...SMALL, '--json', '--jobs', '2'),
    ]
    expect(one).toMatchObject({ code: 0, err: 'seed 1\n' })
    expect(two.out).toBe(one.out)
    expect(JSON.parse(one.out)).toMatchObject({
      kind: 'certificate',
      microcode: { file: 'mirror', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      budget: { states: 100 },
      shard: { index: 1, count: 1 },
      complete: true,
      verdict: 'pass',
      breaches: [],
    })
    expect(JSON.parse(one.out).coverage.states).toBeGreaterThanOrEqual(100)
  })

  it('prints the scorecard, which law judged nothing, the totals, and last the verdict', async () => {
    const { code, out } = await campaign(...SMALL, '--seed', '7')
    expect(code).toBe(0)
    expect(out).toMatch(/^certify mirror {2}sha256 [0-9a-f]{16} · seed 7 · budget 100 states\n\nlaw +.* cut/)
    expect(out).toMatch(/^✓ DUR .*\d/m)
    for (const law of ['DIR', 'ATOM']) expect(out).toMatch(new RegExp(`^· ${law} +no state was judged by it$`, 'm'))
    expect(out).toMatch(/^crash points explored +[\d,]+$/m)
    expect(out).toMatch(/\n✓ certified: no law broken in [\d,]+ states\n$/)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('writes every kind of report', async () => {
    const folder = folderWith({})
    const reports = ['json', 'junit', 'html', 'github'].flatMap((name) => [
      '--reporter',
      `${name}=${join(folder, name)}`,
    ])
    expect((await campaign(...SMALL, ...reports)).code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(['github', 'html', 'json', 'junit'])
    expect(readFileSync(join(folder, 'junit'), 'utf8')).toContain('<skipped message="no state was judged by it"/>')
    expect(readFileSync(join(folder, 'github'), 'utf8')).toMatch(/^::notice title=platterlab::✓ certified/)
  })

  it('ends with 130 at Ctrl-C, with what is known so far, marked, and without files', async () => {
    const folder = folderWith({})
    const report = join(folder, 'r.html')
    const argv = ['certify', '--budget', '1h', '--json', '--reporter', `html=${report}`]
    const { terminal, ended } = startCampaign(...argv)
    setTimeout(() => terminal.interrupt(), 1500)
    expect(await ended).toBe(130)
    expect(JSON.parse(terminal.printed.out)).toMatchObject({
      budget: { durationNs: 3_600_000_000_000 },
      complete: false,
      stopped: 'interrupted',
      verdict: 'unknown',
    })
    expect(existsSync(report)).toBe(false)
  })
})

describe('bad input to certify', () => {
  const refused = async (...argv: string[]) => {
    const { code, out, err } = await campaign(...argv)
    expect([code, out]).toEqual([2, ''])
    return err
  }

  it('is a module that is none: told with its file, what was found and what was expected', async () => {
    const file = join(folderWith({ 'm.wasm': 'hi' }), 'm.wasm')
    expect(await refused('certify', file)).toContain(`${file}: found byte 0: 68 69`)
    expect(await refused('certify', '/nowhere.wasm')).toMatch(
      /\/nowhere\.wasm: found ENOENT.*, expected a WebAssembly module/,
    )
  })

  it.each([
    [['--budget', '5'], /--budget: found "5", expected states:N, or a time/],
    [['--budget', 'states:0'], /--budget states:: found "0"/],
    [['--shard', '3/2'], /--shard: found "3\/2", expected i\/n/],
    [['--jobs', '0'], /--jobs: found "0"/],
    [['--reporter', 'dot'], /--reporter: found "dot", expected one of pretty, json/],
    [['--budgt', '1'], /Did you mean --budget\?/],
    [['--queue', 'http://localhost'], /--queue: .*redis:\/\/host:port/],
  ])('is %j', async (argv, message) => {
    expect(await refused('certify', ...argv)).toMatch(message)
  })
})

it('budgets and shards are read as people write them', () => {
  expect(parseBudget('states:60000')).toEqual({ states: 60_000 })
  expect(parseBudget('60s')).toEqual({ durationNs: 60e9 })
  expect(parseBudget('10m')).toEqual({ durationNs: 600e9 })
  expect(parseShard('2/3')).toEqual({ index: 1, count: 3 })
})

it('the line of progress says how far it is', () => {
  const progress = { units: 3, states: 30_000, breaches: 1, elapsedMs: 10_000 }
  expect(progressText(progress, { states: 60_000 })).toBe('30,000 states, 3,000/s, 10 s left, 1 law broken')
  expect(progressText({ ...progress, breaches: 0 }, { ms: 15_000 })).toBe('30,000 states, 3,000/s, 5 s left')
  expect(progressText(progress, { states: Infinity })).toBe('30,000 states, 3,000/s, 1 law broken')
})

it.each(['certify', 'merge', 'explore', 'replay', 'bugs', 'worker'])(
  '%s --help starts with worked examples',
  async (name) => {
    const { code, out } = await campaign(name, '--help')
    expect(code).toBe(0)
    expect(out.startsWith(`Examples:\n  platterlab ${name}`)).toBe(true)
  },
)

it('worker says that it waits, and ends at Ctrl-C or when there is no server', async () => {
  const { terminal, ended } = startCampaign('worker', '--queue', 'redis://localhost:1', '--jobs', '1')
  terminal.interrupt()
  expect(await ended).toBe(130)
  expect(terminal.printed.err).toMatch(/^waiting for units, with 1 thread/)
  expect(await campaign('worker', '--queue', 'x')).toMatchObject({ code: 2, out: '' })
})
