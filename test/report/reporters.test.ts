import { createColors } from 'picocolors'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { dotReporter } from '../../host/report/dot'
import { githubReporter } from '../../host/report/github'
import { htmlReporter } from '../../host/report/html'
import { jsonReporter } from '../../host/report/json'
import { junitReporter } from '../../host/report/junit'
import type { Reporter, RunReport } from '../../host/report/model'
import { prettyReporter } from '../../host/report/pretty'
import { ALL_GOOD, failed, judged, mixedRun, NASTY, violation } from './samples'

const plain = createColors(false)

function render(reporter: Reporter, run: RunReport): string {
  return [
    reporter.begin(run.version),
    ...run.scenarios.map((report) => reporter.scenario(report)),
    reporter.end(run),
  ].join('')
}

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  text: string
}

/** Every element of an XML document, in document order; throws where it is not well-formed. */
function readXml(xml: string): Element[] {
  const elements: Element[] = []
  const open: Element[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: '' }
    elements.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    const inner = open.at(-1)
    if (inner) inner.text += text
  })
  parser.on('closetag', () => void open.pop())
  parser.write(xml).close()
  return elements
}

describe('the pretty reporter', () => {
  it('folds a pass into a line and its figures', () => {
    expect(render(prettyReporter(plain), ALL_GOOD)).toBe(
      [
        '✓ sample  pass',
        '    20,000 writes (78.1 MiB), 1 read (4 KiB), 312 flushes · 1.21 s simulated · 1 fault struck · 163,840 sectors judged',
        '    write p50 210 µs, p99 1.25 ms, max 31.2 ms · seed 7 · trace 0123456789abcdef',
        '',
        '1 scenario, all as expected',
        '',
      ].join('\n'),
    )
  })

  it('opens a failure: the replay line first, then law, place, found, expected and history', () => {
    const run = { version: '0.1.0', scenarios: [judged(failed([violation()]))] }
    const lines = render(prettyReporter(plain), run).split('\n')
    expect(lines.slice(0, 13)).toEqual([
      '✗ sample  fail (DUR), not as expected',
      '    replay    platterlab run scenarios/sample.yaml --seed 7',
      '    the verdict is fail, expected pass',
      '',
      '    DUR  An acknowledged write is read back.',
      '      LBA 128, at 4.5 ms',
      '      found     write #12 of 1.000 ms, read after the power cut',
      '      expected  write #31, acknowledged at 2.9 ms',
      '      history',
      '          1 ms  write #12 to LBA 128 issued',
      '        2.9 ms  write #31 to LBA 128 acknowledged',
      '          3 ms  power cut',
      '',
    ])
    expect(lines.slice(-4)).toEqual([
      '',
      '1 of 1 scenario not as expected:',
      '  sample: the verdict is fail, expected pass',
      '',
    ])
  })

  it('keeps a canary that fails as it must apart from a plain pass', () => {
    const text = render(prettyReporter(plain), mixedRun())
    expect(text).toContain('✓ canary  fail (DUR, CONV), as expected\n')
  })

  it('shows the first violations, the end of a long history, and how much more there is', () => {
    const long = violation({ history: Array.from({ length: 50 }, (_, i) => ({ timeNs: i, text: `step ${i}` })) })
    const run = { version: '0.1.0', scenarios: [judged(failed(Array(9).fill(long)))] }
    const text = render(prettyReporter(plain), run)
    expect(text).toContain('… and 4 violations more')
    expect(text).toContain('… 30 earlier steps')
    expect(text).toContain('step 49')
    expect(text).not.toContain('step 29\n')
  })
})

describe('text that a microcode made', () => {
  it('cannot steer a terminal', () => {
    const run = mixedRun()
    for (const reporter of [prettyReporter(plain), dotReporter(plain)]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
      expect(render(reporter, run)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }
  })
})

describe('the dot reporter', () => {
  it('prints a character for each scenario and opens the unexpected at the end', () => {
    const text = render(dotReporter(plain), mixedRun())
    expect(text.split('\n')[0]).toBe('..F?.KE')
    expect(text).toContain('✗ nasty\n    replay    platterlab run')
    expect(text).not.toContain('✗ canary')
  })
})

describe('the JSON reporter', () => {
  const document = JSON.parse(render(jsonReporter(), mixedRun()))

  it('prints one document with everything in it', () => {
    expect(document).toMatchObject({ platterlab: '0.1.0', scenarioCount: 7, asExpectedCount: 3 })
    expect(document.scenarios[0]).toMatchObject({ asExpected: true, outcome: 'judged', verdict: 'pass', seed: 7 })
    expect(document.scenarios[1]).toMatchObject({ asExpected: true, verdict: 'fail' })
    expect(document.scenarios[2].violations[0]).toMatchObject({ law: 'DUR', found: NASTY })
    expect(document.scenarios[5]).toMatchObject({ outcome: 'killed', asExpected: false })
  })

  it('has no null where something is endless', () => {
    const endless = judged(failed([violation({ timeNs: Infinity })]))
    const text = render(jsonReporter(), { version: '0.1.0', scenarios: [endless] })
    expect(JSON.parse(text).scenarios[0].violations[0].timeNs).toBe('forever')
  })
})

describe('the JUnit reporter', () => {
  const elements = readXml(render(junitReporter(), mixedRun()))
  const named = (name: string) => elements.filter((element) => element.name === name)

  it('is well-formed, with every control character and markup of a message made harmless', () => {
    expect(named('failure').some(({ text }) => text.includes('read <write #12> & "old" at 100 % \ufffd, two'))).toBe(
      true,
    )
  })

  it('counts cases, failures and errors', () => {
    expect(named('testsuite')[0]!.attributes).toMatchObject({ tests: '7', failures: '3', errors: '1' })
    expect(named('testcase')).toHaveLength(7)
    expect(named('failure')).toHaveLength(3)
    expect(named('error')).toHaveLength(1)
  })

  it('carries seed, digest and replay line as properties', () => {
    const properties = named('property').map(({ attributes }) => [attributes.name, attributes.value])
    expect(properties).toContainEqual(['seed', '7'])
    expect(properties).toContainEqual(['traceDigest', '0123456789abcdef'])
    expect(properties).toContainEqual(['replay', 'platterlab run scenarios/sample.yaml --seed 7'])
  })
})

describe('the GitHub reporter', () => {
  const lines = render(githubReporter(), mixedRun()).trimEnd().split('\n')

  it('prints one annotation a line, only for what is unexpected, and a notice', () => {
    expect(lines).toHaveLength(5)
    expect(lines.slice(0, 4).every((line) => line.startsWith('::error file='))).toBe(true)
    expect(lines[4]).toBe('::notice title=platterlab::3 of 7 scenarios as expected')
  })

  it('escapes what its grammar takes for itself', () => {
    expect(lines[0]).toContain('file=dir%2C with%3A odd%25.yaml,line=1,')
    expect(lines[0]).toContain('100 %25')
    expect(lines[0]).toContain('%0A')
  })
})

describe('the HTML reporter', () => {
  const page = render(htmlReporter(), mixedRun())
  const elements = readXml(page)

  it('is well-formed, and needs no other file and no script', () => {
    expect(elements.map(({ name }) => name)).not.toContain('script')
    const outside = elements.flatMap(({ attributes }) => [attributes.src, attributes.href]).filter(Boolean)
    expect(outside).toEqual([])
    expect(page.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/url\(|@import/)
  })

  it('opens what is not as expected, and folds the rest', () => {
    const sections = elements.filter(({ name }) => name === 'details')
    expect(sections.map(({ attributes }) => 'open' in attributes)).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      true,
    ])
  })

  it('plots events, latency over time and percentiles inside the page, with finite coordinates', () => {
    const labels = elements.filter(({ name }) => name === 'svg').map(({ attributes }) => attributes['aria-label'])
    expect(labels).toContain('faults, findings and violations over simulated time')
    expect(labels).toContain('latency over simulated time')
    expect(labels).toContain('latency percentiles')
    expect(page).not.toMatch(/NaN|Infinity|undefined/)
  })
})

describe('every reporter', () => {
  const reporters: [string, () => Reporter][] = [
    ['pretty', () => prettyReporter(plain)],
    ['dot', () => dotReporter(plain)],
    ['json', jsonReporter],
    ['junit', junitReporter],
    ['github', githubReporter],
    ['html', htmlReporter],
  ]

  it.each(reporters)('%s gives equal bytes for equal runs', (_name, create) => {
    expect(render(create(), mixedRun())).toBe(render(create(), mixedRun()))
  })

  it.each(reporters)('%s copes with a run of nothing', (_name, create) => {
    expect(() => render(create(), { version: '0.1.0', scenarios: [] })).not.toThrow()
  })
})
