// One HTML file that opens from disk: no script, no outside file. A section for each scenario, open where it is not as expected, with the
// figures as numbers and as plots over simulated time.

import type { Verdict, Violation } from '../oracle/verdict'
import { formatDurationNs } from '../sim/units'
import { figureLines, historyLines, lawLine, placeText } from './describe'
import { eventsPlot, type LatencySeries, latencyOverTimePlot, type Marker, percentilePlot } from './html/svg'
import { swimlaneSvg } from './html/swimlane'
import { htmlPage } from './htmlPage'
import { isAsExpected, type Reporter, type RunReport, resultText, type ScenarioReport, tally } from './model'
import { bytesText, countText, plural } from './quantities'
import { escapeXml } from './xml'

function heading(text: string): string {
  return `<h3>${escapeXml(text)}</h3>`
}

function preformatted(lines: readonly string[]): string {
  return `<pre>${escapeXml(lines.join('\n'))}</pre>`
}

function violationBox(violation: Violation): string {
  return [
    '<div class="violation-box">',
    `<strong class="bad">${escapeXml(lawLine(violation))}</strong>`,
    `<p>${escapeXml(placeText(violation))}</p>`,
    `<table><tr><th>found</th><td>${escapeXml(violation.found)}</td></tr>`,
    `<tr><th>expected</th><td>${escapeXml(violation.expected)}</td></tr></table>`,
    preformatted(historyLines(violation.history)),
    '</div>',
  ].join('\n')
}

function figureTable({ figures }: Verdict): string {
  const rows: [string, string][] = [
    ['simulated time', formatDurationNs(figures.simulatedNs)],
    ['writes', `${countText(figures.writes)} (${bytesText(figures.bytesWritten)})`],
    ['reads', `${countText(figures.reads)} (${bytesText(figures.bytesRead)})`],
    ['flushes', countText(figures.flushes)],
    ['commands that ended in an error', countText(figures.errors)],
    ['drive commands', countText(figures.driveCommands)],
    ['entries into the microcode', countText(figures.microcodeEntries)],
    ['faults that struck', countText(figures.faultsStruck)],
    ['power cuts', countText(figures.powerCuts)],
    ['sectors judged', countText(figures.sectorsJudged)],
  ]
  const cells = rows.map(([name, value]) => `<tr><td>${name}</td><td class="number">${escapeXml(value)}</td></tr>`)
  return `<table>\n${cells.join('\n')}\n</table>`
}

function markersOf(verdict: Verdict): Marker[] {
  const of = (kind: Marker['kind'], steps: readonly { timeNs: number; text: string }[]) =>
    steps.map(({ timeNs, text }): Marker => ({ timeNs, kind, text }))
  const violations = verdict.verdict === 'fail' ? verdict.violations : []
  return [
    ...of('fault', verdict.faults),
    ...of('finding', verdict.findings),
    ...of(
      'violation',
      violations.map(({ timeNs, law, found }) => ({ timeNs, text: `${law}: ${found}` })),
    ),
  ]
}

function plots(result: Extract<ScenarioReport['result'], { kind: 'judged' }>): string[] {
  const { verdict, timeline } = result
  const parts: string[] = []
  const markers = markersOf(verdict)
  if (markers.length > 0) {
    const endNs = Math.max(1, verdict.figures.simulatedNs, ...markers.map((marker) => marker.timeNs))
    parts.push(heading('What happened when'), eventsPlot(markers, endNs))
  }
  if (timeline.some((span) => span.reads + span.writes > 0)) {
    parts.push(heading('Latency over simulated time: mean, and slowest'), latencyOverTimePlot(timeline))
  }
  const { readLatencyNs, writeLatencyNs } = verdict.figures
  const series: LatencySeries[] = []
  if (writeLatencyNs) series.push({ name: 'write', latency: writeLatencyNs })
  if (readLatencyNs) series.push({ name: 'read', latency: readLatencyNs })
  if (series.length > 0) {
    parts.push(heading(`Latency percentiles: ${series.map(({ name }) => name).join(', ')}`), percentilePlot(series))
  }
  return parts
}

/** Only where a law is broken: a picture of all that went well tells nobody anything. */
function picture({ steps = [] }: ScenarioReport): string[] {
  if (steps.length === 0) return []
  return [heading('Step by step'), '<div class="swim-box">', swimlaneSvg(steps), '</div>']
}

function resultBody(report: ScenarioReport): string[] {
  const { result } = report
  if (result.kind !== 'judged') return [preformatted([result.reason])]
  const { verdict } = result
  const violations = verdict.verdict === 'fail' ? verdict.violations.map(violationBox) : []
  const unknown =
    verdict.verdict === 'unknown' ? [`<p class="bad">${escapeXml(`unknown: ${verdict.missing}`)}</p>`] : []
  const list = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? [heading(title), preformatted(lines)] : []
  return [
    ...violations,
    ...(verdict.verdict === 'fail' ? picture(report) : []),
    ...unknown,
    ...plots(result),
    ...list('Faults', historyLines(verdict.faults)),
    ...list('Findings', historyLines(verdict.findings)),
    ...list('The array at the end', verdict.finalStatus),
    heading('Figures'),
    figureTable(verdict),
  ]
}

function section(report: ScenarioReport): string {
  const good = isAsExpected(report)
  const { result } = report
  const short = result.kind === 'judged' ? figureLines(result.verdict)[0]! : result.reason
  return [
    `<details${good ? '' : ' open="open"'}>`,
    `<summary><h2><span class="${good ? 'good' : 'bad'}">${good ? '✓' : '✗'}</span> ${escapeXml(report.name)}</h2>`,
    `${escapeXml(resultText(report))} <span class="soft">${escapeXml(short)}</span></summary>`,
    `<pre><strong>${escapeXml(report.replay)}</strong></pre>`,
    ...report.unmet.map((sentence) => `<p class="bad">${escapeXml(sentence)}</p>`),
    ...(report.story === '' ? [] : [`<p>${escapeXml(report.story)}</p>`]),
    ...resultBody(report),
    '</details>',
  ].join('\n')
}

function page(run: RunReport): string {
  const { total, asExpected, unexpected } = tally(run)
  const verdict = unexpected.length === 0 ? 'all as expected' : `${asExpected} as expected, ${unexpected.length} not`
  return htmlPage(run.version, [
    `<h1>Platterlab: <span class="${unexpected.length === 0 ? 'good' : 'bad'}">${plural(total, 'scenario')}, ${verdict}</span></h1>`,
    ...run.scenarios.map(section),
  ])
}

export function htmlReporter(): Reporter {
  return { begin: () => '', scenario: () => '', end: page }
}
