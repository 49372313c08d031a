// JUnit XML, as CI servers read it: one suite, one case for each scenario.
//
// `time` is simulated time, in seconds: wall time would make equal runs differ. A scenario that is not as expected is a <failure>; one that
// Platterlab itself could not run is an <error>.

import { createColors } from 'picocolors'
import { figureLines } from './describe'
import { isAsExpected, type Reporter, reasonText, resultText, type ScenarioReport, tally } from './model'
import { openedLines } from './pretty'
import { escapeXml } from './xml'

function simulatedSeconds({ result }: ScenarioReport): number {
  return result.kind === 'judged' ? result.verdict.figures.simulatedNs / 1e9 : 0
}

function properties(report: ScenarioReport): string {
  const { result } = report
  const pairs: [string, string][] = [
    ['seed', String(report.seed)],
    ['expected', report.expected],
    ['replay', report.replay],
  ]
  if (result.kind === 'judged') pairs.push(['traceDigest', result.verdict.traceDigest])
  const lines = pairs.map(([name, value]) => `        <property name="${name}" value="${escapeXml(value)}"/>`)
  return ['      <properties>', ...lines, '      </properties>'].join('\n')
}

function failure(report: ScenarioReport): string[] {
  if (isAsExpected(report)) return []
  const element = report.result.kind === 'broken' ? 'error' : 'failure'
  const message = reasonText(report)
  const text = openedLines(report, createColors(false)).join('\n')
  return [
    `      <${element} type="${escapeXml(resultText(report))}" message="${escapeXml(message)}">${escapeXml(text)}</${element}>`,
  ]
}

function testCase(report: ScenarioReport): string {
  const { result } = report
  const figures = result.kind === 'judged' ? figureLines(result.verdict).join('\n') : result.reason
  const attributes = `name="${escapeXml(report.name)}" classname="${escapeXml(report.file)}" time="${simulatedSeconds(report)}"`
  return [
    `    <testcase ${attributes}>`,
    properties(report),
    ...failure(report),
    `      <system-out>${escapeXml(figures)}</system-out>`,
    '    </testcase>',
  ].join('\n')
}

export function junitReporter(): Reporter {
  return {
    begin: () => '',
    scenario: () => '',
    end(run) {
      const { total, unexpected } = tally(run)
      const errors = unexpected.filter((report) => report.result.kind === 'broken').length
      const seconds = run.scenarios.reduce((sum, report) => sum + simulatedSeconds(report), 0)
      const counts = `tests="${total}" failures="${unexpected.length - errors}" errors="${errors}" skipped="0" time="${seconds}"`
      return `${[
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="platterlab" ${counts}>`,
        `  <testsuite name="platterlab ${escapeXml(run.version)}" ${counts}>`,
        ...run.scenarios.map(testCase),
        '  </testsuite>',
        '</testsuites>',
      ].join('\n')}\n`
    },
  }
}
