// From a broken law to the line that brings it back, and on to a small scenario that breaks it by itself.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { campaign, folderWith, writeBug } from './campaigns'

interface Breach {
  readonly law: string
  readonly token: string
  readonly replay: string
  readonly scenarioFile: string
}

let folder: string
let module: string
let breach: Breach
let certified: Awaited<ReturnType<typeof campaign>>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'platterlab-replay-'))
  module = await writeBug('flush-jumps-queue', folder)
  const budget = ['--budget', 'states:3000', '--bail']
  certified = await campaign('certify', module, ...budget, '--json', '--shrink', join(folder, 'small'))
  breach = JSON.parse(certified.out).breaches[0]
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a microcode with a bug', () => {
  it('is caught: code 1, with the law and a token', () => {
    expect(certified.code).toBe(1)
    expect(['CONV', 'MONO', 'TRUTH', 'DUR']).toContain(breach.law)
    expect(breach).toMatchObject({ token: expect.stringMatching(/^plab1\.[\w-]+$/) })
    expect(breach.replay).toBe(`platterlab replay ${breach.token} --microcode ${module}`)
  })

  it('breaks the same law when the token is replayed, with a story', async () => {
    const { code, out } = await campaign('replay', breach.token, '--microcode', module, '--json')
    expect(code).toBe(1)
    const { violations } = JSON.parse(out).scenarios[0]
    expect(violations.map(({ law }: { law: string }) => law)).toContain(breach.law)
    expect(violations.some(({ history }: { history: unknown[] }) => history.length > 0)).toBe(true)
  })

  it('tells the story to people, and first the line that brings it back', async () => {
    const { code, out } = await campaign('replay', breach.token, '--microcode', module)
    expect(code).toBe(1)
    expect(out.split('\n')[1]).toBe(`    replay    ${breach.replay}`)
    expect(out).toContain(`${breach.law} is broken`)
  })

  it('breaks it in a plain run of the small scenario', async () => {
    expect(breach.scenarioFile).toBe(join(folder, 'small', `${breach.law}.yaml`))
    expect(readFileSync(breach.scenarioFile, 'utf8')).toMatch(
      new RegExp(`^# Breaks ${breach.law}.*\n# {3}platterlab run `),
    )
    expect((await campaign('run', breach.scenarioFile)).code).toBe(0)
    expect((await campaign('replay', breach.scenarioFile)).code).toBe(0)
  })
})

describe('replay', () => {
  it('of what a sound microcode does not break ends with 0, and says so', async () => {
    const { code, err } = await campaign('replay', breach.token)
    expect(code).toBe(0)
    expect(err).toContain('no law is broken: the microcode does not break it any more, or it is another one')
  })

  it('shrinks to a file', async () => {
    const out = join(folder, 'x', 'again.yaml')
    expect((await campaign('replay', breach.token, '--microcode', module, '--shrink', out)).code).toBe(1)
    expect((await campaign('run', out)).code).toBe(0)
  })

  it('of a scenario file is what run does', async () => {
    const file = join(folderWith({ 's.yaml': 'seed: 1\nexpect: { verdict: fail }\n' }), 's.yaml')
    const [replayed, run] = [await campaign('replay', file, '--json'), await campaign('run', file, '--json')]
    expect(replayed).toEqual(run)
    expect(replayed.code).toBe(1)
  })

  it.each([
    [['plab1.eyJ0'], /found a token that is not whole/],
    [['nowhere.yaml'], /nowhere\.yaml: found no such file/],
  ])('refuses %j', async (argv, message) => {
    const { code, out, err } = await campaign('replay', ...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it('refuses a module that is none', async () => {
    const file = join(folderWith({ 'm.wasm': 'hi' }), 'm.wasm')
    const { code, err } = await campaign('replay', breach.token, '--microcode', file)
    expect(code).toBe(2)
    expect(err).toContain(`${file}: found byte 0`)
  })
})
