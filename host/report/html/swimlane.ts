// A picture of a short run, as inline SVG: initiator, microcode, drives and NVRAM side by side, time downwards, commands as arrows.
//
// No script, no outside file; colours come from CSS classes of the page (style.ts). All steps are drawn, so a long run gives a long
// picture. A text that is too long for its place is cut; the whole stands in the step's <title>, which a resting pointer shows.

import type { Step } from '../../scenario/stepRecorder'
import { plural } from '../quantities'
import { escapeXml } from '../xml'
import { tamed } from './fitText'
import {
  BAR_STEP,
  type Bar,
  HEAD_HEIGHT,
  type Lane,
  type Layout,
  type LayoutOptions,
  type Line,
  labelX,
  laneNameOf,
  layOut,
  lifeX,
  timeText,
} from './swimlaneLayout'

export interface SwimlaneOptions extends LayoutOptions {
  /** What the picture is called. */
  readonly title?: string
}

const LEGEND_HEIGHT = 34
/** On a narrow page the picture shrinks so far, and then scrolls. */
const SHRINK_MIN = 0.8
/** Where in its line an arrow lies, and the foot of the text above it. */
const ARROW_Y = 15
const TEXT_Y = 11
const BAR_WIDTH = 7

type StepLine = Extract<Line, { kind: 'step' }>

/** Steps in order of time, as StepRecorder gives them. */
export function swimlaneSvg(steps: readonly Step[], options: SwimlaneOptions = {}): string {
  const layout = layOut(steps, options)
  const { width, height, lines } = layout
  const total = height + LEGEND_HEIGHT
  // The legend needs its room, however few lanes there are.
  const across = Math.max(width, 700)
  const body = [
    `<title>${escapeXml(tamed(options.title ?? 'What happened, step by step'))}</title>`,
    `<desc>${escapeXml(description(steps, options.originNs ?? 0))}</desc>`,
    ...darkSpans(layout),
    ...lifelines(layout),
    ...heads(layout, 0),
    ...lines.flatMap((line) => (line.kind === 'step' ? instantRule(layout, line) : [])),
    ...layout.bars.flatMap((bar) => barShape(layout, bar)),
    ...lines.flatMap((line) => lineShape(layout, line, options.originNs ?? 0)),
    ...legend(layout, height),
  ]
  const size = `viewBox="0 0 ${across} ${total}" style="width: ${across}px; min-width: ${Math.round(across * SHRINK_MIN)}px"`
  return `<svg xmlns="http://www.w3.org/2000/svg" class="swim" ${size} role="img">\n${body.join('\n')}\n</svg>`
}

/** For those who do not see the picture. */
function description(steps: readonly Step[], originNs: number): string {
  if (steps.length === 0) return 'Nothing happened.'
  const count = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).length
  const [first, last] = [steps[0], steps[steps.length - 1]]
  const broken = steps.flatMap((step) => (step.kind === 'violation' ? [step.law] : []))
  return tamed(
    [
      `Time goes down, from ${timeText(first.timeNs, originNs)} to ${timeText(last.timeNs, originNs)}:`,
      `${plural(count('host-command'), 'command')} of the initiator,`,
      `${plural(count('drive-command'), 'drive command')},`,
      `${plural(count('fault'), 'fault')}, ${plural(count('power-cut'), 'power cut')}.`,
      broken.length > 0 ? `Broken: ${[...new Set(broken)].join(', ')}.` : 'No law is broken.',
    ].join(' '),
  )
}

/** Coordinates with one decimal: short, and equal everywhere. */
const at = (value: number): string => String(Math.round(value * 10) / 10)

function text(x: number, y: number, content: string, className: string): string {
  return `<text x="${at(x)}" y="${at(y)}" class="${className}">${escapeXml(content)}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${className}"/>`
}

function rect(x: number, y: number, width: number, height: number, className: string, inner = ''): string {
  const shape = `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" class="${className}"`
  return inner === '' ? `${shape}/>` : `${shape}>${inner}</rect>`
}

/** From one point of a line to another, with a head. */
function arrow(fromX: number, toX: number, y: number, className: string): string {
  const back = toX - Math.sign(toX - fromX) * 7
  const head = `<polygon points="${at(toX)},${at(y)} ${at(back)},${at(y - 3.5)} ${at(back)},${at(y + 3.5)}" class="head"/>`
  return `<g class="${className}">${line(fromX, y, back, y, 'shaft')}${head}</g>`
}

function heads({ lanes }: Layout, y: number): string[] {
  const word = y === 0 ? 'lane-name' : 'lane-name again'
  return lanes.flatMap((lane) => [
    ...(y === 0 ? [rect(lane.x + 2, 3, lane.width - 6, HEAD_HEIGHT - 8, 'lane-head')] : []),
    text(
      y === 0 ? lane.x + 10 : labelX(lane),
      y === 0 ? 18 : y + 13,
      lane.name === 'nvram' ? 'NVRAM' : lane.name,
      word,
    ),
  ])
}

function lifelines({ lanes, height }: Layout): string[] {
  return lanes.map((lane) => line(lifeX(lane), HEAD_HEIGHT - 5, lifeX(lane), height, 'life'))
}

/** The spans without power. */
function darkSpans({ lines, timeWidth, width, height }: Layout): string[] {
  const spans: string[] = []
  let from: number | null = null
  for (const entry of lines) {
    if (entry.kind !== 'step') continue
    if (entry.step.kind === 'power-cut') from ??= entry.y + entry.height
    if (entry.step.kind !== 'power-up' || from === null) continue
    spans.push(rect(timeWidth, from, width - timeWidth, entry.y - from, 'dark'))
    from = null
  }
  if (from !== null) spans.push(rect(timeWidth, from, width - timeWidth, height - from, 'dark'))
  return spans
}

function instantRule({ width }: Layout, { time, y }: StepLine): string[] {
  return time === null ? [] : [line(0, y, width, y, 'instant')]
}

const barX = (bar: Bar): number => lifeX(bar.lane) + bar.column * BAR_STEP

/** Where a line's own mark is: the arrow, or the upper edge of what goes across. */
const markY = (entry: Line): number =>
  entry.kind === 'step' && laneNameOf(entry.step) !== null ? entry.y + ARROW_Y : entry.y + 2

function barShape({ height }: Layout, bar: Bar): string[] {
  const top = bar.from ? markY(bar.from) : HEAD_HEIGHT
  const bottom = bar.to ? markY(bar.to) : height
  const x = barX(bar)
  const ends = { answered: 'answered', lost: 'never answered', open: 'not answered yet' }
  const title = `<title>${escapeXml(`${bar.lane.name}: ${tamed(bar.text)}, ${ends[bar.end]}`)}</title>`
  const shape = rect(x - BAR_WIDTH / 2, top, BAR_WIDTH, Math.max(2, bottom - top), `bar ${bar.op} ${bar.end}`, title)
  if (bar.end !== 'lost') return [shape]
  const cross =
    line(x - 4, bottom - 9, x + 4, bottom - 1, 'cross') + line(x - 4, bottom - 1, x + 4, bottom - 9, 'cross')
  return [shape, cross]
}

function lineShape(layout: Layout, entry: Line, originNs: number): string[] {
  const { timeWidth, width } = layout
  if (entry.kind === 'heads') return heads(layout, entry.y)
  if (entry.kind === 'gap') {
    return [
      rect(timeWidth, entry.y + 2, width - timeWidth, entry.height - 4, 'gap'),
      line(timeWidth, entry.y + 2, width, entry.y + 2, 'gap-edge'),
      line(timeWidth, entry.y + entry.height - 2, width, entry.y + entry.height - 2, 'gap-edge'),
      text(timeWidth - 8, entry.y + 14, entry.text, 'time gap-text'),
    ]
  }
  const { step } = entry
  const whole = `${timeText(step.timeNs, originNs)}: ${laneNameOf(step) ?? step.kind}: ${tamed(step.text)}`
  const parts = laneNameOf(step) === null ? acrossShape(layout, entry) : laneShape(layout, entry)
  const time = entry.time === null ? '' : text(timeWidth - 8, entry.y + (isAcross(step) ? 18 : 14), entry.time, 'time')
  return [`<g class="step ${step.kind}"><title>${escapeXml(whole)}</title>${time}${parts.join('')}</g>`]
}

const isAcross = (step: Step): boolean => laneNameOf(step) === null

const laneNamed = ({ lanes }: Layout, name: string): Lane => lanes.find((lane) => lane.name === name)!

/** A step of one lane: its label there, and the arrow between it and the microcode. */
function laneShape(layout: Layout, entry: StepLine): string[] {
  const { step, bar, y } = entry
  const lane = laneNamed(layout, laneNameOf(step)!)
  const microcodeX = lifeX(laneNamed(layout, 'microcode'))
  const tone = 'good' in step ? (step.good ? ' good-answer' : ' bad-answer') : ''
  const label = text(labelX(lane), y + TEXT_Y, entry.label[0], `label${tone}`)
  const ownX = bar ? barX(bar) : lifeX(lane)
  const rightward = lane.name === 'initiator'
  const nearX = ownX + (rightward ? BAR_WIDTH : -BAR_WIDTH) / 2
  switch (step.kind) {
    case 'host-command':
    case 'drive-answer':
      return [arrow(nearX, microcodeX, y + ARROW_Y, `arrow${tone}`), label]
    case 'host-answer':
    case 'drive-command':
      return [arrow(microcodeX, nearX, y + ARROW_Y, `arrow${tone}`), label]
    case 'nvram':
      return [arrow(microcodeX, lifeX(lane), y + ARROW_Y, 'arrow'), label]
    default:
      return [`<circle cx="${at(lifeX(lane))}" cy="${at(y + 8)}" r="3" class="dot"/>`, label]
  }
}

/** A step that concerns everything: a band across the lanes. */
function acrossShape(layout: Layout, entry: StepLine): string[] {
  const { timeWidth, width } = layout
  const { step, y, height } = entry
  const parts = [
    rect(timeWidth, y + 2, width - timeWidth, height - 4, 'band-ground'),
    rect(timeWidth, y + 2, width - timeWidth, height - 4, 'band'),
    rect(timeWidth, y + 2, 4, height - 4, 'band-edge'),
    ...entry.label.map((content, index) => text(timeWidth + 14, y + 18 + index * 15, content, 'band-text')),
  ]
  if (step.kind === 'fault' && step.bay !== null) {
    const x = lifeX(laneNamed(layout, `bay ${step.bay}`))
    const foot = y + height
    parts.push(`<polygon points="${at(x - 6)},${at(foot - 5)} ${at(x + 6)},${at(foot - 5)} ${at(x)},${at(foot + 4)}"
 class="strike"/>`)
  }
  return parts
}

function legend({ timeWidth }: Layout, height: number): string[] {
  const y = height + 22
  const parts = [line(0, height, timeWidth, height, 'instant')]
  const entries = [
    ['write', 'write'],
    ['read', 'read'],
    ['flush', 'flush'],
    ['other', 'other'],
  ] as const
  parts.push(text(8, y, 'In work:', 'legend'))
  let x = 74
  for (const [op, name] of entries) {
    parts.push(rect(x, y - 9, BAR_WIDTH, 11, `bar ${op} answered`), text(x + 12, y, name, 'legend'))
    x += 62
  }
  x += 8
  parts.push(line(x, y - 8, x + 8, y, 'cross'), line(x, y, x + 8, y - 8, 'cross'))
  parts.push(text(x + 14, y, 'never answered', 'legend'))
  parts.push(text(x + 134, y, 'Time goes down, not to scale.', 'legend'))
  return parts
}
