import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { htmlReporter } from '../../host/report/html'
import { fitText, tamed, textWidth, wrapText } from '../../host/report/html/fitText'
import { swimlaneSvg } from '../../host/report/html/swimlane'
import { labelX, laneNameOf, layOut, timeText } from '../../host/report/html/swimlaneLayout'
import { type Step, StepRecorder } from '../../host/scenario/stepRecorder'
import { IO_WRITE } from '../../host/workload/io'
import { failed, judged, NASTY, passed, violation } from './samples'
import { driveCommandOf, ioOf, shortStory, staleReadStory } from './swimlaneSamples'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  text: string
}

/** Every element in document order; throws where the document is not well-formed. */
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

const withClass = (elements: readonly Element[], name: string): Element[] =>
  elements.filter(({ attributes }) => attributes.class?.split(' ').includes(name))

/** Many commands at once on many drives, with breaks, crashes, pulls and endless texts. */
function busyStory(commands: number): readonly Step[] {
  const recorder = new StepRecorder({ stepsMax: 2000 })
  for (let i = 0; i < commands; i++) {
    const timeNs = i * 1_000 + (i % 50 === 0 ? i * 1_000_000 : 0)
    const bay = i % 8
    const write = driveCommandOf(i % 24, DRIVE_WRITE, { lba: 1e12 + i, sectors: 4096, fua: true })
    recorder.hostCommand(timeNs, i % 16, ioOf(IO_WRITE, i, 8))
    recorder.driveCommand(timeNs, bay, write)
    if (i % 3 > 0) recorder.driveAnswer(timeNs + 500, bay, { ...write, status: i % 7 })
    if (i % 5 > 0) recorder.hostAnswer(timeNs + 700, i % 16, ioOf(IO_WRITE, i, 8), i % 4 > 0, 0x031100)
    if (i % 97 === 0) recorder.crashed(timeNs, NASTY.repeat(40), false)
    if (i % 89 === 0) recorder.hotplug(timeNs, bay, i % 2 === 0)
    if (i % 211 === 0) recorder.microcodeEvent(timeNs, 99, -1, -1, -1)
  }
  return recorder.steps
}

describe('a swimlane picture', () => {
  const steps = staleReadStory()
  const elements = readXml(swimlaneSvg(steps))

  it('has every lane and every step', () => {
    expect(withClass(elements, 'lane-name').map(({ text }) => text)).toEqual([
      'initiator',
      'microcode',
      'bay 0',
      'bay 1',
      'NVRAM',
    ])
    const drawn = withClass(elements, 'step')
    expect(drawn.map(({ attributes }) => attributes.class)).toEqual(steps.map(({ kind }) => `step ${kind}`))
    const titles = elements.filter(({ name }) => name === 'title').map(({ text }) => text)
    for (const step of steps) expect(titles.some((title) => title.endsWith(step.text))).toBe(true)
  })

  it('tells what it shows to those who do not see it', () => {
    expect(elements[0]!.attributes.role).toBe('img')
    expect(elements[1]).toMatchObject({ name: 'title', text: 'What happened, step by step' })
    expect(elements[2]).toMatchObject({
      name: 'desc',
      text:
        'Time goes down, from +10.204331 ms to +520.552 ms: 3 commands of the initiator, 8 drive commands, ' +
        '1 fault, 1 power cut. Broken: DUR.',
    })
  })

  it('goes downwards, with the time of each instant once and long gaps as breaks', () => {
    const { lines } = layOut(steps)
    for (const [index, line] of lines.entries()) {
      if (index > 0) expect(line.y).toBe(lines[index - 1]!.y + lines[index - 1]!.height)
    }
    const times = withClass(elements, 'time').map(({ text }) => text)
    expect(times.filter((text) => text === '+10.305400 ms')).toHaveLength(1)
    expect(times.slice(times.indexOf('+10.450000 ms'))).toEqual([
      '+10.450000 ms',
      '… 500 ms …',
      '+510.450000 ms',
      '… 7.55 ms …',
      '+518.000000 ms',
      '… 2.45 ms …',
      '+520.450000 ms',
      '+520.451000 ms',
      '+520.551000 ms',
      '+520.552000 ms',
    ])
  })

  it('ends a bar with the answer, or where power fails', () => {
    const { bars } = layOut(steps)
    const ends = bars.map(({ lane, text, end }) => `${lane.name} ${text} ${end}`)
    expect(ends).toContain('bay 1 write 2048+8 FUA answered')
    expect(ends).toContain('bay 1 write 2176+8 lost')
    expect(ends).toContain('initiator write 128+8 lost')
    expect(ends.filter((text) => text.endsWith('open'))).toEqual([])
    expect(withClass(elements, 'cross').length).toBeGreaterThan(0)
  })

  it('has bars side by side in one lane while they overlap', () => {
    for (const { bars } of [layOut(steps), layOut(busyStory(300))]) {
      for (const [index, one] of bars.entries()) {
        for (const other of bars.slice(index + 1)) {
          if (one.lane !== other.lane || one.column !== other.column) continue
          expect(
            (one.to?.y ?? Infinity) <= (other.from?.y ?? 0) || (other.to?.y ?? Infinity) <= (one.from?.y ?? 0),
          ).toBe(true)
        }
      }
    }
  })

  it('is this, for one write', () => {
    expect(swimlaneSvg(shortStory())).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" class="swim" viewBox="0 0 700 170" style="width: 700px; min-width: 560px" role="img">
      <title>What happened, step by step</title>
      <desc>Time goes down, from +1.204 ms to +1.3055 ms: 1 command of the initiator, 1 drive command, 0 faults, 0 power cuts. No law is broken.</desc>
      <line x1="108.4" y1="25" x2="108.4" y2="136" class="life"/>
      <line x1="252.4" y1="25" x2="252.4" y2="136" class="life"/>
      <line x1="406.4" y1="25" x2="406.4" y2="136" class="life"/>
      <rect x="96.4" y="3" width="138" height="22" class="lane-head"/>
      <text x="104.4" y="18" class="lane-name">initiator</text>
      <rect x="240.4" y="3" width="148" height="22" class="lane-head"/>
      <text x="248.4" y="18" class="lane-name">microcode</text>
      <rect x="394.4" y="3" width="108.4" height="22" class="lane-head"/>
      <text x="402.4" y="18" class="lane-name">bay 0</text>
      <line x1="0" y1="36" x2="507" y2="36" class="instant"/>
      <line x1="0" y1="96" x2="507" y2="96" class="instant"/>
      <line x1="0" y1="116" x2="507" y2="116" class="instant"/>
      <rect x="104.9" y="51" width="7" height="80" class="bar write answered"><title>initiator: write 0+8, answered</title></rect>
      <rect x="402.9" y="71" width="7" height="40" class="bar write answered"><title>bay 0: write 2048+8, answered</title></rect>
      <g class="step host-command"><title>+1.204 ms: initiator: write 0+8</title><text x="86.4" y="50" class="time">+1.204000 ms</text><g class="arrow"><line x1="111.9" y1="51" x2="245.4" y2="51" class="shaft"/><polygon points="252.4,51 245.4,47.5 245.4,54.5" class="head"/></g><text x="118.4" y="47" class="label">write 0+8</text></g>
      <g class="step drive-command"><title>+1.204 ms: bay 0: write 2048+8</title><g class="arrow"><line x1="252.4" y1="71" x2="395.9" y2="71" class="shaft"/><polygon points="402.9,71 395.9,67.5 395.9,74.5" class="head"/></g><text x="416.4" y="67" class="label">write 2048+8</text></g>
      <rect x="94.4" y="78" width="412.6" height="16" class="gap"/>
      <line x1="94.4" y1="78" x2="507" y2="78" class="gap-edge"/>
      <line x1="94.4" y1="94" x2="507" y2="94" class="gap-edge"/>
      <text x="86.4" y="90" class="time gap-text">… 100 µs …</text>
      <g class="step drive-answer"><title>+1.304 ms: bay 0: write 2048+8: ok</title><text x="86.4" y="110" class="time">+1.304000 ms</text><g class="arrow good-answer"><line x1="402.9" y1="111" x2="259.4" y2="111" class="shaft"/><polygon points="252.4,111 259.4,107.5 259.4,114.5" class="head"/></g><text x="416.4" y="107" class="label good-answer">ok</text></g>
      <g class="step host-answer"><title>+1.3055 ms: initiator: write 0+8: GOOD</title><text x="86.4" y="130" class="time">+1.305500 ms</text><g class="arrow good-answer"><line x1="252.4" y1="131" x2="118.9" y2="131" class="shaft"/><polygon points="111.9,131 118.9,127.5 118.9,134.5" class="head"/></g><text x="118.4" y="127" class="label good-answer">write 0+8: GOOD</text></g>
      <line x1="0" y1="136" x2="94.4" y2="136" class="instant"/>
      <text x="8" y="158" class="legend">In work:</text>
      <rect x="74" y="149" width="7" height="11" class="bar write answered"/>
      <text x="86" y="158" class="legend">write</text>
      <rect x="136" y="149" width="7" height="11" class="bar read answered"/>
      <text x="148" y="158" class="legend">read</text>
      <rect x="198" y="149" width="7" height="11" class="bar flush answered"/>
      <text x="210" y="158" class="legend">flush</text>
      <rect x="260" y="149" width="7" height="11" class="bar other answered"/>
      <text x="272" y="158" class="legend">other</text>
      <line x1="330" y1="150" x2="338" y2="158" class="cross"/>
      <line x1="330" y1="158" x2="338" y2="150" class="cross"/>
      <text x="344" y="158" class="legend">never answered</text>
      <text x="464" y="158" class="legend">Time goes down, not to scale.</text>
      </svg>"
    `)
  })
})

describe('a picture of anything', () => {
  it('is well-formed and harmless, whatever the texts are', () => {
    const nasty = `${NASTY}</svg><script>alert(1)</script>\u202e\u0000\ud800]]>`
    const kinds: Step[] = [
      { kind: 'host-command', timeNs: 1, slot: 0, op: 'write', text: nasty },
      { kind: 'host-answer', timeNs: 2, slot: 0, good: false, text: nasty },
      { kind: 'drive-command', timeNs: 3, bay: 0, slot: 0, op: 'other', text: nasty },
      { kind: 'drive-answer', timeNs: 4, bay: 0, slot: 0, good: false, text: nasty },
      { kind: 'nvram', timeNs: 5, text: nasty },
      { kind: 'microcode', timeNs: 6, text: nasty },
      { kind: 'fault', timeNs: 7, bay: 3, text: nasty },
      { kind: 'hotplug', timeNs: 8, bay: 1, present: false, text: nasty },
      { kind: 'crash', timeNs: 9, text: nasty },
      { kind: 'violation', timeNs: Number.POSITIVE_INFINITY, law: nasty, text: nasty },
    ]
    const svg = swimlaneSvg(kinds, { title: nasty })
    const elements = readXml(svg)
    expect(elements.map(({ name }) => name)).not.toContain('script')
    for (const word of ['\u202e', '\u0000', 'NaN', 'Infinity', 'undefined']) expect(svg).not.toContain(word)
    expect(withClass(elements, 'step')).toHaveLength(kinds.length)
  })

  it('draws nothing, little and much', () => {
    expect(readXml(swimlaneSvg([])).length).toBeGreaterThan(3)
    for (const story of [shortStory(), busyStory(20), busyStory(2000)]) {
      const svg = swimlaneSvg(story)
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
      expect(withClass(readXml(svg), 'step')).toHaveLength(story.length)
    }
    expect(busyStory(2000)).toHaveLength(2001)
    expect(swimlaneSvg(busyStory(2000))).toContain('earlier steps not kept')
  })

  it('keeps every label inside its lane, and the lanes apart', () => {
    const { lanes, lines, width } = layOut(busyStory(2000))
    for (const [index, lane] of lanes.entries()) {
      expect(lane.x + lane.width).toBeLessThanOrEqual(lanes[index + 1]?.x ?? width)
    }
    for (const line of lines) {
      if (line.kind !== 'step') continue
      const lane = lanes.find(({ name }) => name === laneNameOf(line.step))
      const room = lane ? lane.x + lane.width - labelX(lane) : width
      for (const text of line.label) expect(textWidth(text)).toBeLessThanOrEqual(room)
    }
  })

  it('names the lanes again further down', () => {
    const names = withClass(readXml(swimlaneSvg(busyStory(2000))), 'lane-name').map(({ text }) => text)
    expect(names.filter((name) => name === 'bay 7').length).toBeGreaterThan(20)
  })

  it('shows a bay that nobody uses, where it is told of it', () => {
    expect(layOut(shortStory(), { bayCount: 3 }).lanes.map(({ name }) => name)).toEqual([
      'initiator',
      'microcode',
      'bay 0',
      'bay 1',
      'bay 2',
    ])
  })

  it('begins a bar at the top where the command is not in the picture', () => {
    const { bars } = layOut(shortStory().slice(2))
    expect(bars.map(({ from, end }) => [from, end])).toEqual([
      [null, 'answered'],
      [null, 'answered'],
    ])
  })
})

describe('texts that must fit', () => {
  it('are cut with a mark', () => {
    expect(fitText('bitmap-begin', 1000)).toBe('bitmap-begin')
    expect(fitText('bitmap-begin', 6.7 * 7.5)).toBe('bitmap…')
    expect(textWidth(fitText('\u4e00'.repeat(50), 100))).toBeLessThanOrEqual(100)
  })

  it('are wrapped at spaces, and at last cut', () => {
    expect(wrapText('one two three', 6.7 * 8, 4)).toEqual(['one two', 'three'])
    expect(wrapText('one two three four five', 6.7 * 8, 2)).toEqual(['one two', 'three…'])
    expect(wrapText('x'.repeat(1000), 10, 3)).toHaveLength(3)
    expect(wrapText('', 10, 3)).toEqual([''])
  })

  it('cannot move what is around them', () => {
    expect(tamed('a\n\tb\u202ec e\u0301\u0301\u0301')).toBe('a b\ufffdc e\u0301')
  })

  it.each([
    [1_204_000, 0, '+1.204 ms'],
    [1_204_000, 1_000_000, '+204 µs'],
    [1_000, 2_000, '-1 µs'],
    [Number.POSITIVE_INFINITY, 0, 'never'],
    [1.5, 0, '+1.5 ns'],
  ])('%d ns from %d on are %s', (timeNs, originNs, text) => {
    expect(timeText(timeNs, originNs)).toBe(text)
  })
})

describe('the HTML report', () => {
  const pageOf = (report: ReturnType<typeof judged>) => htmlReporter().end({ version: '0.1.0', scenarios: [report] })

  it('shows the picture of a scenario that broke a law, and of no other', () => {
    const steps = staleReadStory()
    expect(withClass(readXml(pageOf(judged(failed([violation()]), { steps }))), 'swim')).toHaveLength(1)
    expect(withClass(readXml(pageOf(judged(passed(), { steps }))), 'swim')).toHaveLength(0)
    expect(withClass(readXml(pageOf(judged(failed(), { steps: [] }))), 'swim')).toHaveLength(0)
  })
})
