// One character for each scenario, for many of them; what was not as expected is opened at the end.
//
//   .  as expected    F  fails    P  passes, but should not    ?  unknown    K  killed    E  Platterlab itself failed

import type { Colors } from 'picocolors/types'
import { isAsExpected, type Reporter, type ScenarioReport, tally } from './model'
import { openedLines, summaryLines } from './pretty'

const PER_LINE = 80

function character(report: ScenarioReport): string {
  if (isAsExpected(report)) return '.'
  const { result } = report
  if (result.kind === 'killed') return 'K'
  if (result.kind === 'broken') return 'E'
  return { pass: 'P', fail: 'F', unknown: '?' }[result.verdict.verdict]
}

export function dotReporter(colours: Colors): Reporter {
  let printed = 0
  return {
    begin: () => '',
    scenario(report) {
      printed++
      const text = isAsExpected(report) ? character(report) : colours.red(character(report))
      return printed % PER_LINE === 0 ? `${text}\n` : text
    },
    end(run) {
      const lines = tally(run).unexpected.flatMap((report) => [
        '',
        `${colours.red('✗')} ${colours.bold(report.name)}`,
        ...openedLines(report, colours).map((line) => (line === '' ? '' : `    ${line}`)),
      ])
      const newline = printed % PER_LINE === 0 ? '' : '\n'
      return `${newline}${[...lines, '', ...summaryLines(run, colours)].join('\n')}\n`
    },
  }
}
