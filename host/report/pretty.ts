// For a terminal: folds what came out as expected into a few lines with its figures, opens what did not.
//
// An opened scenario starts with the line that replays it, then each violation: law, place, found, expected, history. What was not as
// expected is named once more at the end.

import type { Colors } from 'picocolors/types'
import type { Violation } from '../oracle/verdict'
import { figureLines, historyLines, lawLine, placeText } from './describe'
import { isAsExpected, type Reporter, reasonText, resultText, type ScenarioReport, tally } from './model'
import { printable } from './printable'
import { plural } from './quantities'

const VIOLATIONS_SHOWN_MAX = 5
const FINDINGS_SHOWN_MAX = 5
const HISTORY_SHOWN_MAX = 20

function indent(lines: readonly string[], columns: number): string[] {
  return lines.flatMap((line) => line.split('\n')).map((line) => (line === '' ? '' : ' '.repeat(columns) + line))
}

/** The first lines, and how many there are more. */
function capped(lines: readonly string[], max: number, what: string): string[] {
  return lines.length <= max ? [...lines] : [...lines.slice(0, max), `… and ${plural(lines.length - max, what)} more`]
}

function violationLines(violation: Violation, colours: Colors): string[] {
  // The end of the story is where it breaks: the oldest steps are the ones to leave out.
  const dropped = Math.max(0, violation.history.length - HISTORY_SHOWN_MAX)
  const history = historyLines(violation.history.slice(dropped))
  return [
    colours.bold(lawLine(violation)),
    ...indent(
      [
        placeText(violation),
        `found     ${violation.found}`,
        `expected  ${violation.expected}`,
        ...(history.length > 0 ? ['history'] : []),
        ...indent(dropped > 0 ? [`… ${plural(dropped, 'earlier step')}`, ...history] : history, 2),
      ],
      2,
    ),
  ]
}

/** Everything about a scenario that is worth a look. */
export function openedLines(raw: ScenarioReport, colours: Colors): string[] {
  const report = printable(raw)
  const lines = [`replay    ${colours.bold(report.replay)}`, ...report.unmet]
  const { result } = report
  if (result.kind !== 'judged') return [...lines, result.reason]
  const { verdict } = result
  if (verdict.verdict === 'unknown') lines.push(`unknown: ${verdict.missing}`)
  if (verdict.verdict === 'fail') {
    const shown = verdict.violations.slice(0, VIOLATIONS_SHOWN_MAX)
    for (const violation of shown) lines.push('', ...violationLines(violation, colours))
    const more = verdict.violations.length - shown.length
    if (more > 0) lines.push('', `… and ${plural(more, 'violation')} more`)
  }
  const sections: [string, string[]][] = [
    ['faults', capped(historyLines(verdict.faults), FINDINGS_SHOWN_MAX, 'fault')],
    ['findings', capped(historyLines(verdict.findings), FINDINGS_SHOWN_MAX, 'finding')],
    ['the array at the end', [...verdict.finalStatus]],
    ['figures', figureLines(verdict)],
  ]
  for (const [title, body] of sections) {
    if (body.length > 0) lines.push('', title, ...indent(body, 2))
  }
  return lines
}

function foldedLines(report: ScenarioReport): string[] {
  const { result } = report
  if (result.kind !== 'judged') return [result.reason]
  const findings = historyLines(result.verdict.findings).map((line) => `finding   ${line}`)
  return [...figureLines(result.verdict), ...capped(findings, FINDINGS_SHOWN_MAX, 'finding')]
}

function headline(report: ScenarioReport, colours: Colors): string {
  const good = isAsExpected(report)
  const mark = good ? colours.green('✓') : colours.red('✗')
  const outcome = resultText(report)
  // A canary that fails as it must is good news, and should not look like a plain pass; nor should a pass that was not meant.
  const told = good && outcome === 'pass' ? outcome : `${outcome}, ${good ? '' : 'not '}as expected`
  return `${mark} ${colours.bold(report.name)}  ${good ? told : colours.red(told)}`
}

/** The closing lines: how many, and which ones were not as expected. */
export function summaryLines(run: Parameters<Reporter['end']>[0], colours: Colors): string[] {
  const { total, unexpected } = tally(run)
  if (unexpected.length === 0) return [colours.green(`${plural(total, 'scenario')}, all as expected`)]
  return [
    colours.red(`${unexpected.length} of ${plural(total, 'scenario')} not as expected:`),
    ...unexpected.map((report) => `  ${report.name}: ${reasonText(printable(report))}`),
  ]
}

export function prettyReporter(colours: Colors): Reporter {
  return {
    begin: () => '',
    scenario(raw) {
      const report = printable(raw)
      const body = isAsExpected(report)
        ? foldedLines(report).map((line) => colours.dim(line))
        : [...openedLines(report, colours), '']
      return `${[headline(report, colours), ...indent(body, 4)].join('\n')}\n`
    },
    end: (run) => `\n${summaryLines(run, colours).join('\n')}\n`,
  }
}
