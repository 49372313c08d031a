// A campaign for a terminal: the scorecard, the totals, then each broken law with the line that brings it back, and last the verdict.

import type { Colors } from 'picocolors/types'
import { LAW_TEXT } from '../../oracle/verdict'
import { formatDurationNs } from '../../sim/units'
import { printable } from '../printable'
import { countText, plural } from '../quantities'
import {
  type BreachReport,
  brokenLaws,
  type CampaignFacts,
  type CampaignReport,
  type CampaignReporter,
  type Certificate,
  campaignVerdict,
  type Exploration,
  partsOf,
  statesOf,
} from './model'
import { compactCount, type ScoreRow, scorecard } from './scorecard'

const HEAD_COLUMNS = 9
const CELL_COLUMNS = 5
/** Columns in one table: it fits into 80 characters. */
const CLASSES_MAX = 14
const LOST_SHOWN_MAX = 5

function rowLine({ law, state, cells }: ScoreRow, from: number, to: number, colours: Colors): string {
  const mark = { held: colours.green('✓'), broken: colours.red('✗'), 'no-state': '·' }[state]
  const name = law.padEnd(HEAD_COLUMNS - 2)
  if (state === 'no-state' && from === 0) return colours.dim(`${mark} ${name}no state was judged by it`)
  const numbers = cells.slice(from, to).map((count) => (count === 0 ? '·' : compactCount(count)).padStart(CELL_COLUMNS))
  return `${mark} ${state === 'broken' ? colours.red(name) : name}${numbers.join('')}`
}

/** In as many tables, one under the other, as the width needs. */
function scorecardLines(facts: CampaignFacts, colours: Colors): string[] {
  const { columns, rows } = scorecard(facts)
  if (columns.length === 0) return ['no state was judged']
  const tables = Math.ceil(columns.length / CLASSES_MAX)
  const perTable = Math.ceil(columns.length / tables)
  const lines: string[] = []
  for (let from = 0; from < columns.length; from += perTable) {
    const to = from + perTable
    const heads = columns.slice(from, to).map(({ head }) => head.padStart(CELL_COLUMNS))
    lines.push(colours.bold(`law`.padEnd(HEAD_COLUMNS) + heads.join('')))
    const shown = from === 0 ? rows : rows.filter(({ cells }) => cells.some((count) => count > 0))
    lines.push(...shown.map((row) => rowLine(row, from, to, colours)), '')
  }
  return [...lines, ...legendLines(columns).map((line) => colours.dim(line))]
}

function legendLines(columns: readonly { head: string; text: string }[]): string[] {
  const entries = columns.map(({ head, text }) => `${head.padEnd(CELL_COLUMNS)}${text}`)
  const half = Math.ceil(entries.length / 2)
  return entries.slice(0, half).map((entry, row) => `${entry.padEnd(42)}${entries[half + row] ?? ''}`.trimEnd())
}

function totalLines({ units, coverage }: CampaignFacts): string[] {
  const totals: [string, number][] = [
    ['units', units],
    ['states judged', coverage.states],
    ['crash points met', coverage.crashPointsMet],
    ['crash points explored', coverage.pointsExplored],
    ['crash points left out by a bound', coverage.pointsCut],
    ['equal states, explored once', coverage.duplicates],
    ['combinations left out by a bound', coverage.choicesCut],
  ]
  const texts = totals.map(([, count]) => countText(count))
  const width = Math.max(...texts.map((text) => text.length))
  return totals.map(([name], row) => `${name.padEnd(34)}${texts[row]!.padStart(width)}`)
}

/** Also for other reporters, without colours. */
export function breachLines(breach: BreachReport, colours: Colors): string[] {
  const { law, units, unit, lba, found, expected, replay, scenarioFile } = printable(breach)
  const where = lba === null ? '' : `, LBA ${countText(lba)}`
  return [
    `replay    ${colours.bold(replay)}`,
    `law       ${colours.bold(law)}  ${LAW_TEXT[law]}`,
    `broken    in ${plural(units, 'unit')}, first in unit ${unit}${where}`,
    `found     ${found}`,
    `expected  ${expected}`,
    ...(scenarioFile === null ? [] : [`scenario  ${scenarioFile}`]),
  ]
}

function breachBlocks({ breaches }: CampaignFacts, colours: Colors): string[] {
  return breaches.flatMap((breach) => [
    '',
    `${colours.red('✗')} ${colours.bold(breach.law)}`,
    ...breachLines(breach, colours).map((line) => `    ${line}`),
  ])
}

function lostLines({ lost }: CampaignFacts): string[] {
  if (lost.length === 0) return []
  const shown = lost.slice(0, LOST_SHOWN_MAX).map(({ unit, reason }) => `  unit ${unit}: ${printable(reason)}`)
  const more = lost.length - shown.length
  return [
    '',
    `${plural(lost.length, 'unit')} without a result:`,
    ...shown,
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ]
}

/** '60,000 states', '10 min'. */
export function budgetText(budget: Certificate['budget']): string {
  return 'states' in budget ? plural(budget.states, 'state') : formatDurationNs(budget.durationNs)
}

/** What was asked for, in one line. */
export function askedText(report: CampaignReport): string {
  if (report.kind === 'exploration') return exploredText(report)
  const { seed, budget, shard, microcode } = report
  const part = shard.index === null ? `${shard.count} shards, merged` : `shard ${shard.index} of ${shard.count}`
  const shards = shard.count === 1 ? '' : ` · ${part}`
  return `sha256 ${microcode.sha256.slice(0, 16)} · seed ${seed} · budget ${budgetText(budget)}${shards}`
}

function exploredText({ bounds }: Exploration): string {
  const { crashPoints, choices, depth, orders, seeds, absences } = bounds
  const parts = [
    crashPoints === null ? 'all crash points' : `at most ${plural(crashPoints, 'crash point')}`,
    `at most ${plural(choices, 'choice')} at each`,
    `depth ${depth}`,
    orders > 0 && `${plural(orders, 'order')} beside the plain one`,
    seeds > 1 && plural(seeds, 'seed'),
    absences && 'with drives that come back late',
  ]
  return parts.filter((part) => part).join(' · ')
}

/** The last line. */
export function verdictText(report: CampaignReport): string {
  const laws = brokenLaws(report)
  const states = plural(statesOf(report), 'state')
  if (laws.length > 0)
    return `✗ ${plural(laws.length, 'law')} broken: ${laws.join(', ')}${STOPPED[report.stopped ?? 'no']}`
  if (campaignVerdict(report) === 'unknown')
    return `? no law broken in ${states} so far${STOPPED[report.stopped ?? 'no']}`
  return `✓ ${report.kind === 'certificate' ? 'certified: ' : ''}no law broken in ${states}`
}

const STOPPED = { no: '', bail: ' (stopped there: incomplete)', interrupted: ' (interrupted: incomplete)' } as const

/** Of the parts only the last may have been stopped. */
function markOf(report: CampaignReport, { breaches, lost }: CampaignFacts, isLast: boolean, colours: Colors): string {
  if (breaches.length > 0) return colours.red('✗')
  return lost.length > 0 || (isLast && report.stopped !== null) ? colours.yellow('?') : colours.green('✓')
}

export function campaignPrettyReporter(colours: Colors): CampaignReporter {
  return {
    document(report) {
      const lines: string[] = []
      if (report.kind === 'exploration') lines.push(colours.dim(askedText(report)))
      const parts = partsOf(report)
      for (const [index, { title, file, facts }] of parts.entries()) {
        const mark = markOf(report, facts, index === parts.length - 1, colours)
        if (report.kind === 'certificate') {
          lines.push(`${colours.bold(printable(title))}  ${colours.dim(askedText(report))}`, '')
          lines.push(...scorecardLines(facts, colours), '')
        } else lines.push('', `${mark} ${colours.bold(printable(title))}  ${colours.dim(printable(file))}`)
        lines.push(...totalLines(facts), ...breachBlocks(facts, colours), ...lostLines(facts))
      }
      const colour = { pass: colours.green, fail: colours.red, unknown: colours.yellow }[campaignVerdict(report)]
      return `${[...lines, '', colour(verdictText(report))].join('\n')}\n`
    },
  }
}
