// `npm run zoo`: after how many states the standard campaign catches each bug of fixtures/bugs. Writes the figures into bug.json and into
// the table of docs/bug-zoo.md. Needed when the campaign's draws, the laws or the mirror have changed.
//
// Run from the root of the tree. Exits with 1 when some bug is not caught within the budget.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { localPool } from '../../host/explore/localPool'
import { patchedMirror } from '../support/patchedMicrocode'
import { bugIds, caughtRows, PAGE, pageWith } from './page'
import { huntBug } from './zooCampaign'

const OPTIONS = {
  /** States after which a bug counts as not caught. */
  states: { type: 'string', default: '60000' },
  jobs: { type: 'string', default: '2' },
  /** Bugs whose names contain this. */
  only: { type: 'string', default: '' },
} as const

const BUGS = join('fixtures', 'bugs')

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS })
  const ids = bugIds().filter((id) => id.includes(values.only))
  const pool = localPool({ threads: Number(values.jobs), workerFile: pathToFileURL(join('dist', 'exploreWorker.mjs')) })
  let missed = 0
  for (const id of ids) {
    const file = join(BUGS, id, 'bug.json')
    const facts = JSON.parse(readFileSync(file, 'utf8')) as { laws: string[] }
    const module = await patchedMirror(join(process.cwd(), BUGS, id, 'bug.patch'))
    const hunt = { laws: facts.laws, statesMax: Number(values.states), unitFirst: null }
    const caught = await huntBug(pool, module, hunt)
    if (caught === null) missed++
    console.log(
      `${id.padEnd(36)}${caught ? `${caught.states} states, unit ${caught.unit}: ${caught.laws}` : 'not caught'}`,
    )
    const figures = { caughtAtStates: caught?.states ?? null, caughtAtUnit: caught?.unit ?? null }
    writeFileSync(file, textOf({ ...facts, ...figures }))
    writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), caughtRows()))
  }
  await pool.close()
  return missed > 0 ? 1 : 0
}

/** As the formatter wants it: lists in one line. */
function textOf(facts: object): string {
  const text = JSON.stringify(facts, null, 2)
  return `${text.replace(/\[[^\]]*\]/g, (list) =>
    list
      .replace(/\s*\n\s*/g, ' ')
      .replace('[ ', '[')
      .replace(' ]', ']'),
  )}\n`
}

process.exitCode = await main()
