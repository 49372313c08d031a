// A campaign as one HTML file that opens from disk: no script, no outside file. The scorecard is a heat table: the more states, the
// darker the cell.

import { createColors } from 'picocolors'
import { LAW_TEXT } from '../../oracle/verdict'
import { htmlPage } from '../htmlPage'
import { countText, plural } from '../quantities'
import { escapeXml } from '../xml'
import {
  type BreachReport,
  type CampaignFacts,
  type CampaignReporter,
  campaignVerdict,
  type LostUnit,
  partsOf,
} from './model'
import { askedText, breachLines, verdictText } from './pretty'
import { compactCount, type ScoreRow, scorecard } from './scorecard'

/** Opacity by the logarithm, from what is just there to what is there most. */
function heat(count: number, most: number): string {
  const share = Math.log(1 + count) / Math.log(1 + most)
  return (0.08 + 0.5 * share).toFixed(2)
}

function scoreCells({ law, state, cells }: ScoreRow, heads: readonly string[], most: number): string {
  if (state === 'no-state') {
    return `<td class="soft" colspan="${Math.max(1, heads.length)}">no state was judged by it</td>`
  }
  return cells
    .map((count, column) => {
      const title = escapeXml(`${law}, ${heads[column]}: ${plural(count, 'state')}`)
      if (count === 0) return `<td class="number soft" title="${title}">·</td>`
      const colour = `rgba(59,111,212,${heat(count, most)})`
      return `<td class="number" style="background:${colour}" title="${title}">${compactCount(count)}</td>`
    })
    .join('')
}

function scorecardTable(facts: CampaignFacts): string {
  const { columns, rows } = scorecard(facts)
  const texts = columns.map(({ text }) => text)
  const most = Math.max(1, ...rows.flatMap(({ cells }) => cells))
  const heads = columns.map(({ head, text }) => `<th class="number" title="${escapeXml(text)}">${escapeXml(head)}</th>`)
  const body = rows.map((row) => {
    const kind = { held: 'good', broken: 'bad', 'no-state': 'soft' }[row.state]
    const name = `<th class="${kind}" title="${escapeXml(LAW_TEXT[row.law])}">${row.law}</th>`
    return `<tr>${name}${scoreCells(row, texts, most)}</tr>`
  })
  const legend = columns.map(({ head, text }) => `${head} ${text}`).join(' · ')
  return [
    '<div class="swim-box"><table class="heat">',
    `<tr><th>law</th>${heads.join('')}</tr>`,
    ...body,
    '</table></div>',
    `<p class="soft">${escapeXml(legend)}</p>`,
  ].join('\n')
}

function totalsTable({ units, coverage }: CampaignFacts): string {
  const totals: [string, number][] = [
    ['units', units],
    ['states judged', coverage.states],
    ['crash points met', coverage.crashPointsMet],
    ['crash points explored', coverage.pointsExplored],
    ['crash points left out by a bound', coverage.pointsCut],
    ['equal states, explored once', coverage.duplicates],
    ['combinations left out by a bound', coverage.choicesCut],
  ]
  const rows = totals.map(([name, count]) => `<tr><td>${name}</td><td class="number">${countText(count)}</td></tr>`)
  return `<table>\n${rows.join('\n')}\n</table>`
}

function breachBox(breach: BreachReport): string {
  const [replay, ...rest] = breachLines(breach, createColors(false))
  return [
    '<div class="violation-box">',
    `<strong class="bad">${breach.law}  ${escapeXml(LAW_TEXT[breach.law])}</strong>`,
    `<pre><strong>${escapeXml(replay!.replace(/^replay +/, ''))}</strong></pre>`,
    `<pre>${escapeXml(rest.slice(1).join('\n'))}</pre>`,
    '</div>',
  ].join('\n')
}

function lostList(lost: readonly LostUnit[]): string[] {
  if (lost.length === 0) return []
  const items = lost.map(({ unit, reason }) => `<li>${escapeXml(`unit ${unit}: ${reason}`)}</li>`)
  return ['<h3>Units without a result</h3>', `<ul>${items.join('\n')}</ul>`]
}

export function campaignHtmlReporter(): CampaignReporter {
  return {
    document(report) {
      const kind = { pass: 'good', fail: 'bad', unknown: 'soft' }[campaignVerdict(report)]
      const sections = partsOf(report).map(({ title, facts }) =>
        [
          '<details open="open">',
          `<summary><h2>${escapeXml(title)}</h2></summary>`,
          ...facts.breaches.map(breachBox),
          '<h3>States judged, by law and by what had struck</h3>',
          scorecardTable(facts),
          '<h3>Totals</h3>',
          totalsTable(facts),
          ...lostList(facts.lost),
          '</details>',
        ].join('\n'),
      )
      const head = [
        `<h1>Platterlab: <span class="${kind}">${escapeXml(verdictText(report))}</span></h1>`,
        `<p class="soft">${escapeXml(askedText(report))}</p>`,
      ]
      return htmlPage(report.version, [...head, ...sections])
    },
  }
}
