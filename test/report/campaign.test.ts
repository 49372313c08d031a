// The reports of a campaign, from facts made by hand.

import { createColors } from 'picocolors'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { campaignGithubReporter } from '../../host/report/campaign/github'
import { campaignHtmlReporter } from '../../host/report/campaign/html'
import { campaignJsonReporter } from '../../host/report/campaign/json'
import { campaignJunitReporter } from '../../host/report/campaign/junit'
import {
  type BreachReport,
  type Certificate,
  campaignVerdict,
  type Exploration,
} from '../../host/report/campaign/model'
import { campaignPrettyReporter } from '../../host/report/campaign/pretty'
import { compactCount, scorecard } from '../../host/report/campaign/scorecard'
import { FAULT_KINDS } from '../../host/scenario/schemaFaults'
import { NASTY } from './samples'

const COVERAGE = {
  states: 12_345,
  crashPointsMet: 900,
  pointsExplored: 800,
  pointsCut: 100,
  duplicates: 50,
  choicesCut: 1_000_000,
  cells: {
    'power-cut': { DUR: 12_000, CONV: 1_234, LIVE: 7 },
    none: { DUR: 300, CONV: 300, LIVE: 300 },
  },
}

const BREACH: BreachReport = {
  law: 'CONV',
  units: 3,
  unit: 17,
  lba: 1658,
  found: 'the replicas differ',
  expected: 'equal bytes',
  token: 'plab1.abc',
  replay: 'platterlab replay plab1.abc --microcode my.wasm',
  scenarioFile: 'broken/CONV.yaml',
}

function certificate(change: Partial<Certificate> = {}): Certificate {
  return {
    kind: 'certificate',
    version: '0.1.0',
    microcode: { file: 'my.wasm', sha256: '0123456789abcdef'.repeat(4) },
    seed: 1,
    budget: { states: 12_000 },
    shard: { index: 1, count: 1 },
    stopped: null,
    units: 40,
    coverage: COVERAGE,
    breaches: [],
    lost: [],
    ...change,
  }
}

const pretty = (report: Certificate | Exploration) => campaignPrettyReporter(createColors(false)).document(report)

describe('counts in the cells of a scorecard', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1k'],
    [1_299, '1.2k'],
    [12_999, '12k'],
    [999_999, '999k'],
    [1_250_000, '1.2M'],
    [3_000_000_000, '3G'],
  ])('%d is %s', (count, text) => expect(compactCount(count)).toBe(text))
})

describe('the scorecard', () => {
  it('has a row for each law and a column for each class that struck', () => {
    const { columns, rows } = scorecard(certificate({ breaches: [BREACH] }))
    expect(columns.map(({ head }) => head)).toEqual(['none', 'cut'])
    const states = Object.fromEntries(rows.map(({ law, state }) => [law, state]))
    expect(states).toMatchObject({ DUR: 'held', CONV: 'broken', MONO: 'no-state', PIT: 'no-state' })
    expect(rows.find(({ law }) => law === 'DUR')!.cells).toEqual([300, 12_000])
  })

  it('is printed with its legend, the totals, and last the verdict', () => {
    const text = pretty(certificate())
    expect(text).toContain(
      [
        'certify my.wasm  sha256 0123456789abcdef · seed 1 · budget 12,000 states',
        '',
        'law       none  cut',
        '✓ DUR      300  12k',
        '· MONO   no state was judged by it',
        '✓ CONV     300 1.2k',
      ].join('\n'),
    )
    expect(text).toContain('\n· PIT    no state was judged by it\n')
    expect(text).toContain('none no fault struck                      cut  power cut')
    expect(text).toMatch(/combinations left out by a bound +1,000,000\n/)
    expect(text).toMatch(/\n✓ certified: no law broken in 12,345 states\n$/)
  })

  it('has a short head of its own for every fault of the catalogue', () => {
    const cells = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, { DUR: 1 }]))
    const { columns } = scorecard(certificate({ coverage: { ...COVERAGE, cells } }))
    expect(columns).toHaveLength(FAULT_KINDS.length)
    expect(new Set(columns.map(({ head }) => head)).size).toBe(FAULT_KINDS.length)
    for (const { head } of columns) expect(head).toMatch(/^[a-z]{2,4}$/)
    const heads = columns.map(({ head }) => head)
    expect(heads.slice(heads.indexOf('site'))).toEqual(
      'site,fovr,prom,demo,disc,poin,lcut,lstl,lslo,ldrp,ldup,lord,lcor'.split(','),
    )
  })

  it('is cut into tables that fit into 80 columns', () => {
    const kinds = 'pull,insert,hang,fail-slow,bit-rot,lost-write,torn-write,write-error,order,late-drive,none'.split(
      ',',
    )
    const more = ['power-cut', 'operator-scrub', 'operator-stop', 'failing-flush', 'ignored-flush', 'made-up']
    const cells = Object.fromEntries([...kinds, ...more].map((kind) => [kind, { DUR: 123_456 }]))
    const text = pretty(certificate({ coverage: { ...COVERAGE, cells } }))
    expect(text.match(/^law /gm)).toHaveLength(2)
    expect(text).toContain('made')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('a broken law', () => {
  it('starts with the line that brings it back', () => {
    const text = pretty(certificate({ breaches: [BREACH, { ...BREACH, law: 'DUR' }] }))
    expect(text).toContain(
      [
        '✗ CONV',
        '    replay    platterlab replay plab1.abc --microcode my.wasm',
        '    law       CONV  Quiet, every leg in sync, bitmap empty: the replicas are byte-identical.',
        '    broken    in 3 units, first in unit 17, LBA 1,658',
        '    found     the replicas differ',
        '    expected  equal bytes',
        '    scenario  broken/CONV.yaml',
      ].join('\n'),
    )
    expect(text).toMatch(/\n✗ 2 laws broken: DUR, CONV\n$/)
  })

  it('cannot colour the screen', () => {
    expect(pretty(certificate({ breaches: [{ ...BREACH, found: '\u001b[31mred' }] }))).not.toContain('\u001b')
  })
})

describe('the verdict', () => {
  it('is a pass only for a campaign that came to its end with a result of every unit', () => {
    expect(campaignVerdict(certificate())).toBe('pass')
    expect(campaignVerdict(certificate({ breaches: [BREACH], stopped: 'interrupted' }))).toBe('fail')
    const interrupted = certificate({ stopped: 'interrupted' })
    expect(campaignVerdict(interrupted)).toBe('unknown')
    expect(pretty(interrupted)).toMatch(/\n\? no law broken in 12,345 states so far \(interrupted: incomplete\)\n$/)
    const lost = certificate({ lost: [{ unit: 3, reason: 'out of memory' }] })
    expect(campaignVerdict(lost)).toBe('unknown')
    expect(pretty(lost)).toContain('1 unit without a result:\n  unit 3: out of memory')
  })
})

describe('other reporters', () => {
  const broken = certificate({ breaches: [{ ...BREACH, found: NASTY }], lost: [{ unit: 3, reason: NASTY }] })

  it('json: one document, equal for equal coverage in whatever order it was added up', () => {
    const json = campaignJsonReporter()
    const turned = { ...COVERAGE, cells: { none: COVERAGE.cells.none, 'power-cut': COVERAGE.cells['power-cut'] } }
    expect(json.document(certificate({ coverage: turned }))).toBe(json.document(certificate()))
    expect(JSON.parse(json.document(broken))).toMatchObject({ kind: 'certificate', complete: true, verdict: 'fail' })
  })

  it('junit: well-formed, a case for each law, skipped where nothing was judged', () => {
    const names: string[] = []
    const parser = new SaxesParser()
    parser.on('error', (error) => {
      throw error
    })
    parser.on('opentag', ({ name }) => void names.push(name))
    const xml = campaignJunitReporter().document(broken)
    parser.write(xml).close()
    const count = (name: string) => names.filter((one) => one === name).length
    expect([count('testcase'), count('failure'), count('skipped'), count('error')]).toEqual([14, 1, 10, 1])
    expect(xml).toContain('tests="14" failures="1" errors="1" skipped="10" time="0"')
  })

  it('github: an error for each broken law, on a line of its own', () => {
    const [error, notice] = campaignGithubReporter().document(broken).trimEnd().split('\n')
    expect(error).toMatch(
      /^::error file=my\.wasm,line=1,title=certify my\.wasm%3A CONV is broken::replay {4}platterlab/,
    )
    expect(notice).toBe('::notice title=platterlab::✗ 1 law broken: CONV')
  })

  it('html: one file with the heat table, and nothing of a microcode can be a tag', () => {
    const html = campaignHtmlReporter().document(broken)
    expect(html).toContain('<table class="heat">')
    expect(html).toMatch(/title="DUR, power cut: 12,000 states">12k</)
    expect(html).toContain('platterlab replay plab1.abc --microcode my.wasm')
    expect(html).not.toMatch(/<script|<write|https?:/)
  })
})

describe('an exploration', () => {
  const bounds = { crashPoints: null, choices: 12, depth: 2, orders: 3, seeds: 2, states: 9, absences: true, slices: 8 }
  const { units, coverage, microcode } = certificate()
  const scenario = { name: 'cut', file: 'cut.yaml', microcode, firstSeed: 1, units, coverage, breaches: [], lost: [] }
  const exploration: Exploration = {
    kind: 'exploration',
    version: '0.1.0',
    bounds,
    scenarios: [scenario, { ...scenario, name: 'race', file: 'race.yaml', breaches: [BREACH] }],
    stopped: 'bail',
  }

  it('tells each scenario with its totals, and the bounds', () => {
    const text = pretty(exploration)
    expect(text).toContain(
      'all crash points · at most 12 choices at each · depth 2 · 3 orders beside the plain one · 2 seeds',
    )
    expect(text).toMatch(/^✓ cut {2}cut\.yaml$/m)
    expect(text).toMatch(/^✗ race {2}race\.yaml$/m)
    expect(text).toMatch(/\n✗ 1 law broken: CONV \(stopped there: incomplete\)\n$/)
  })

  it('is a suite for each scenario', () => {
    const xml = campaignJunitReporter().document(exploration)
    expect(xml.match(/<testsuite name="(\w+)"/g)).toEqual(['<testsuite name="cut"', '<testsuite name="race"'])
  })
})
