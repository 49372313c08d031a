// A campaign as JUnit XML: a suite for the module, or for each scenario that was explored; in it a case for each law.
//
// A law that judged nothing is skipped: it did not hold, it was not asked. `time` is 0: wall time would make equal campaigns differ.

import { createColors } from 'picocolors'
import { LAW_TEXT, LAWS, type Law } from '../../oracle/verdict'
import { escapeXml } from '../xml'
import { type CampaignPart, type CampaignReporter, judgesAnything, partsOf } from './model'
import { breachLines } from './pretty'

interface Case {
  readonly kind: 'held' | 'broken' | 'skipped' | 'error'
  readonly lines: readonly string[]
}

function lawCase({ title, facts }: CampaignPart, law: Law): Case {
  const open = `    <testcase name="${law}: ${escapeXml(LAW_TEXT[law])}" classname="${escapeXml(title)}" time="0"`
  const breach = facts.breaches.find((one) => one.law === law)
  if (breach) {
    const text = breachLines(breach, createColors(false)).join('\n')
    const failure = `      <failure type="${law}" message="${escapeXml(breach.found)}">${escapeXml(text)}</failure>`
    return { kind: 'broken', lines: [`${open}>`, failure, '    </testcase>'] }
  }
  if (judgesAnything(facts, law)) return { kind: 'held', lines: [`${open}/>`] }
  return {
    kind: 'skipped',
    lines: [`${open}>`, `      <skipped message="no state was judged by it"/>`, '    </testcase>'],
  }
}

/** Units without a result are nobody's verdict. */
function lostCases({ title, facts }: CampaignPart): Case[] {
  return facts.lost.map(({ unit, reason }) => ({
    kind: 'error',
    lines: [
      `    <testcase name="unit ${unit}" classname="${escapeXml(title)}" time="0">`,
      `      <error message="${escapeXml(reason)}"/>`,
      '    </testcase>',
    ],
  }))
}

function counts(cases: readonly Case[]): string {
  const of = (kind: Case['kind']) => cases.filter((one) => one.kind === kind).length
  return `tests="${cases.length}" failures="${of('broken')}" errors="${of('error')}" skipped="${of('skipped')}" time="0"`
}

export function campaignJunitReporter(): CampaignReporter {
  return {
    document(report) {
      const suites = partsOf(report).map((part) => ({
        part,
        cases: [...LAWS.map((law) => lawCase(part, law)), ...lostCases(part)],
      }))
      return `${[
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="platterlab" ${counts(suites.flatMap(({ cases }) => cases))}>`,
        ...suites.flatMap(({ part, cases }) => [
          `  <testsuite name="${escapeXml(part.title)}" ${counts(cases)}>`,
          ...cases.flatMap(({ lines }) => lines),
          '  </testsuite>',
        ]),
        '</testsuites>',
      ].join('\n')}\n`
    },
  }
}
