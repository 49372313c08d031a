// What came of a campaign against mutants, as text and as JSON.
import type { Candidate } from './campaign'
import { MUTANT_KINDS } from './mutate'
import type { Fate } from './trial'

export interface MutantRecord {
  readonly id: string
  readonly kind: string
  readonly detail: string
  readonly function: string | null
  readonly line: string
  readonly text: string
  /** Why the mutant is equivalent; null: nobody says so. */
  readonly equivalent: string | null
  readonly fate: Fate
}

export function recordOf({ mutant, line, text, equivalent }: Candidate, fate: Fate): MutantRecord {
  const { id, kind, detail, functionName } = mutant
  return { id, kind, detail, function: functionName, line, text, equivalent, fate }
}

/** One line: what became of a mutant. */
export function fateLine({ id, detail, line, text, equivalent, fate }: MutantRecord): string {
  const end = fate.kind === 'killed' ? `${fate.what.join(' ')} at ${fate.states}` : `${fate.kind} at ${fate.states}`
  const told = equivalent === null ? '' : `  equivalent: ${equivalent}`
  return `${end.padEnd(20)} ${id.padEnd(28)} ${line}  ${detail}  | ${text}${told}`
}

const HEADINGS = ['kind', 'made', 'killed', 'equivalent', 'survived', 'of the rest']

/** By kind: tried, killed, equivalent (and not killed), survived; and which share of what is not equivalent was killed. */
export function killTable(records: readonly MutantRecord[]): string {
  const rows = [...MUTANT_KINDS, null].map((kind) => {
    const all = records.filter((record) => kind === null || record.kind === kind)
    const killed = all.filter(isKilled).length
    const equivalent = all.filter((record) => !isKilled(record) && record.equivalent !== null).length
    const survived = all.length - killed - equivalent
    const share = killed + survived === 0 ? '' : `${((100 * killed) / (killed + survived)).toFixed(1)} %`
    return [kind ?? 'all', all.length, killed, equivalent, survived, share].map(String)
  })
  return table([HEADINGS, ...rows])
}

/** By law: how many it killed first, alone or with others. */
export function killersTable(records: readonly MutantRecord[]): string {
  const counts = new Map<string, number>()
  for (const { fate } of records)
    if (fate.kind === 'killed') for (const law of fate.what) counts.set(law, (counts.get(law) ?? 0) + 1)
  const rows = [...counts].sort((a, b) => b[1] - a[1]).map(([law, count]) => [law, String(count)])
  return table([['killed by', 'mutants'], ...rows])
}

/** How many states were needed. */
export function effortTable(records: readonly MutantRecord[]): string {
  const needed = records.flatMap(({ fate }) => (fate.kind === 'killed' ? [fate.states] : [])).sort((a, b) => a - b)
  const at = (share: number): string => String(needed[Math.ceil(share * needed.length) - 1] ?? '')
  return table([
    ['states until killed', 'half', '90 %', '95 %', 'all'],
    ['', at(0.5), at(0.9), at(0.95), at(1)],
  ])
}

export function survivors(records: readonly MutantRecord[]): string {
  const left = records.filter((record) => !isKilled(record) && record.equivalent === null)
  return left
    .sort((a, b) => (a.line < b.line ? -1 : 1))
    .map(fateLine)
    .join('\n')
}

export const isKilled = ({ fate }: MutantRecord): boolean => fate.kind === 'killed'

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n')
}
