// Certificates of shards, added up.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { campaign, folderWith } from './campaigns'

let shards: string[]

beforeAll(async () => {
  shards = []
  for (const shard of ['1/2', '2/2']) {
    shards.push((await campaign('certify', '--budget', 'states:100', '--shard', shard, '--json')).out)
  }
}, 60_000)

function written(change: (document: Record<string, unknown>) => object = (document) => document): string[] {
  const folder = folderWith({})
  return shards.map((text, index) => {
    const file = join(folder, `${index + 1}.json`)
    writeFileSync(file, JSON.stringify(index === 1 ? change(JSON.parse(text)) : JSON.parse(text)))
    return file
  })
}

describe('merge', () => {
  it('adds up shards, in whatever order they are named', async () => {
    const [first, second] = written()
    const merged = await campaign('merge', first!, second!, '--json')
    expect(merged).toMatchObject({ code: 0, err: '' })
    expect((await campaign('merge', second!, first!, '--json')).out).toBe(merged.out)
    const [a, b, whole] = [...shards, merged.out].map((text) => JSON.parse(text))
    expect(whole).toMatchObject({ kind: 'certificate', shard: { index: null, count: 2 }, verdict: 'pass' })
    expect(whole.units).toBe(a.units + b.units)
    expect(whole.coverage.states).toBe(a.coverage.states + b.coverage.states)
    expect(whole.coverage.cells['power-cut'].DUR).toBe(
      a.coverage.cells['power-cut'].DUR + b.coverage.cells['power-cut'].DUR,
    )
  })

  it('prints the scorecard of the whole', async () => {
    const { out } = await campaign('merge', ...written())
    expect(out).toContain('· budget 100 states · 2 shards, merged')
    expect(out).toMatch(/✓ certified: no law broken in [\d,]+ states\n$/)
  })

  it('keeps a broken law, with the first unit that broke it: code 1', async () => {
    const breach = {
      law: 'DUR',
      units: 2,
      unit: 7,
      lba: 4,
      found: 'f',
      expected: 'e',
      token: 't',
      replay: 'r',
      scenarioFile: null,
    }
    const { code, out } = await campaign('merge', ...written((document) => ({ ...document, breaches: [breach] })))
    expect(code).toBe(1)
    expect(out).toMatch(/✗ 1 law broken: DUR\n$/)
  })

  it.each([
    [(files: string[]) => [files[0]!], /found 1 of 2 shards, expected each once; missing: 2\/2/],
    [(files: string[]) => [files[0]!, files[0]!], /found shard 1\/2 as in .*1\.json, expected each shard once/],
    [() => ['/nowhere.json'], /\/nowhere\.json: found ENOENT/],
  ])('refuses what is not each shard once', async (choose, message) => {
    const { code, out, err } = await campaign('merge', ...choose(written()))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it.each([
    [{ seed: 2 }, /2\.json: seed: found 2, expected 1 as in .*1\.json/],
    [{ budget: { states: 1 } }, /budget: found {"states":1}/],
    [{ microcode: { file: 'm', sha256: 'x' } }, /microcode\.sha256: found x/],
    [{ stopped: 'interrupted' }, /found a campaign that was interrupted/],
    [{ kind: 'exploration' }, /kind: .*expected what certify --json prints/],
    [{ coverage: null }, /coverage: /],
  ])('refuses %j beside the others', async (change, message) => {
    const { code, err } = await campaign('merge', ...written((document) => ({ ...document, ...change })))
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })
})
