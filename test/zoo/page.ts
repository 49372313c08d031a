// The tables of docs/bug-zoo.md, made of what fixtures/bugs has: bugs that are caught, and bugs that wait.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const BUGS = join('fixtures', 'bugs')
export const PAGE = join('docs', 'bug-zoo.md')

interface Facts {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly laws: readonly string[]
  readonly caughtAtStates: number | null
}

interface Waiting {
  readonly id: string
  readonly group: string
  readonly waitsFor: string
}

/** Names of the bugs that have a patch, in alphabetical order. */
export function bugIds(): string[] {
  return readdirSync(BUGS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** One row for each bug, by group. */
export function caughtRows(): string[] {
  const facts = bugIds().map((id) => JSON.parse(readFileSync(join(BUGS, id, 'bug.json'), 'utf8')) as Facts)
  return byGroup(facts).map(({ id, group, title, laws, caughtAtStates }) => {
    const figure = caughtAtStates === null ? 'not yet' : caughtAtStates.toLocaleString('en-US')
    return `| [${id}](../fixtures/bugs/${id}/README.md) | ${group} | ${title} | ${laws.join(', ')} | ${figure} |`
  })
}

export function waitingRows(): string[] {
  const waiting = JSON.parse(readFileSync(join(BUGS, 'waiting.json'), 'utf8')) as Waiting[]
  return waiting.map(({ id, group, waitsFor }) => `| ${id} | ${group} | ${waitsFor} |`)
}

/** The rows of the page's table of caught bugs, and where they stand. */
export function rowsOf(page: string): { readonly first: number; readonly rows: string[] } {
  const lines = page.split('\n')
  const first = lines.findIndex((line) => line.startsWith('| ['))
  const count = lines.slice(first).findIndex((line) => !line.startsWith('| ['))
  return { first, rows: lines.slice(first, first + count) }
}

/** The page with its table as it should be. */
export function pageWith(page: string, rows: readonly string[]): string {
  const lines = page.split('\n')
  const old = rowsOf(page)
  lines.splice(old.first, old.rows.length, ...rows)
  return lines.join('\n')
}

function byGroup(facts: readonly Facts[]): Facts[] {
  return [...facts].sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.id < b.id ? -1 : 1))
}
