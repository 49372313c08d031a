// Annotations for GitHub Actions ("workflow commands"): an error at the scenario file for each one that is not as expected, and a notice
// that sums up. Nothing else: GitHub shows ten annotations of a kind for each step.

import { createColors } from 'picocolors'
import { isAsExpected, type Reporter, reasonText, tally } from './model'
import { openedLines } from './pretty'
import { plural } from './quantities'

/** Escapes of the workflow command grammar: message. */
function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** … and property value. */
function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** One workflow command, with its newline. */
export function annotation(
  kind: 'error' | 'notice',
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`)
  return `::${kind} ${pairs.join(',')}::${message(text)}\n`
}

export function githubReporter(): Reporter {
  return {
    begin: () => '',
    scenario(report) {
      if (isAsExpected(report)) return ''
      const title = `${report.name}: ${reasonText(report)}`
      const text = openedLines(report, createColors(false)).join('\n')
      return annotation('error', { file: report.file, line: 1, title }, text)
    },
    end(run) {
      const { total, asExpected } = tally(run)
      return annotation('notice', { title: 'platterlab' }, `${asExpected} of ${plural(total, 'scenario')} as expected`)
    },
  }
}
