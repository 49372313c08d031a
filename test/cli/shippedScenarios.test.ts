// What `npm start` shows: each scenario of the package comes out as its author expects, with the seed that it has.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createColors } from 'picocolors'
import { expect, it } from 'vitest'
import { runCli } from '../../host/cli/program'

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'scenarios')

it('every scenario of the package is as expected', async () => {
  let out = ''
  const colours = createColors(false)
  const code = await runCli(['run', FOLDER], {
    out: (text) => {
      out += text
    },
    err: () => {},
    outColours: colours,
    errColours: colours,
    interrupted: new AbortController().signal,
  })
  const count = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')).length
  expect(out.split('\n').filter((line) => line.startsWith('✗'))).toEqual([])
  expect(out).toContain(`${count} scenarios, all as expected`)
  expect(code).toBe(0)
})
