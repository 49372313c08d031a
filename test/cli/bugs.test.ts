// The bug zoo on the command line: the list, and one bug from its story to the verdict.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readWaiting, readZoo } from '../../host/cli/bugZoo'
import { campaign, folderWith } from './campaigns'

describe('bugs', () => {
  it('lists each with its laws and what it does', async () => {
    const { code, out, err } = await campaign('bugs')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^copy-length-zero .*CONV/m)
    expect(out).toMatch(/^\d+ bugs$/m)
  })

  it('lists them as data', async () => {
    const { bugs } = JSON.parse((await campaign('bugs', '--json')).out)
    expect(bugs.find((bug: { id: string }) => bug.id === 'copy-length-zero')).toMatchObject({ laws: ['CONV'] })
  })

  it('show tells the story, then runs the scenario with the bug in the microcode', async () => {
    const module = join(folderWith({}), 'bug.wasm')
    const { code, out, err } = await campaign('bugs', 'show', 'copy-length-zero', '--module-out', module)
    expect(code).toBe(0)
    expect(err).toMatch(/^seed /)
    expect(out).toMatch(/^# copy-length-zero\n/)
    expect(out).toContain('✓ copy-length-zero  fail (CONV), as expected')
    expect(existsSync(module)).toBe(true)
  }, 60_000)

  it('show answers a mistyped name with the one that was probably meant', async () => {
    const { code, err } = await campaign('bugs', 'show', 'copy-lenght-zero')
    expect(code).toBe(2)
    expect(err).toContain('did you mean copy-length-zero?')
  })
})

describe('the zoo', () => {
  it('takes from the story what bug.json does not say', () => {
    const folder = folderWith({
      'a-bug/README.md': '# a-bug\n\nIt does\nharm.\n\n- Breaks: `DUR`, `CONV`\n- Source: somewhere\n',
      'b-bug/README.md': '# b-bug\n\nText.\n',
      'b-bug/bug.json': '{ "title": "Told", "laws": ["LIVE"], "group": "rebuild", "caughtAtStates": 12 }',
      'waiting.json': '[{ "id": "c-bug", "group": "remote", "prio": "P1", "waitsFor": "a second site" }]',
    })
    expect(readZoo(folder)).toMatchObject([
      { id: 'a-bug', title: 'It does harm.', laws: ['DUR', 'CONV'], source: 'somewhere', caughtAtStates: null },
      { id: 'b-bug', title: 'Told', laws: ['LIVE'], group: 'rebuild', caughtAtStates: 12 },
    ])
    expect(readWaiting(folder)).toHaveLength(1)
  })
})
