// Where everything of a swimlane picture goes: lanes side by side, a line for each step, bars for the time that a command takes.
//
// Time goes down and is not to scale: each instant has a line for each of its steps, nothing else has one, and a gap that is far longer
// than the others is a line of its own. Labels are in a font of fixed width, so that widths are known without a browser; no label of
// one step reaches into the lane or the line of another. Numbers only: swimlane.ts draws.

import type { LaneName, Step, StepOp } from '../../scenario/stepRecorder'
import { formatDurationNs } from '../../sim/units'
import { durationText } from '../quantities'
import { fitText, textWidth, wrapText } from './fitText'

export const LINE_HEIGHT = 20
export const HEAD_HEIGHT = 30
export const BAR_STEP = 10
const LIFE_X = 14
const LABEL_GAP = 10
const MARK_LINE_HEIGHT = 15
const MARK_LINES_MAX = 4
/** So many lines further down the names of the lanes stand again. */
const LINES_PER_HEAD = 45
const LABEL_WIDTH: Readonly<Record<string, readonly [min: number, max: number]>> = {
  initiator: [110, 240],
  microcode: [120, 250],
  nvram: [60, 140],
}
const BAY_LABEL_WIDTH = [60, 170] as const

export interface Lane {
  readonly name: LaneName
  x: number
  width: number
  /** Bars that stand side by side, at most. */
  columns: number
}

export interface Bar {
  readonly lane: Lane
  readonly column: number
  readonly op: StepOp
  /** Text of the command. */
  readonly text: string
  /** The line of the command, or null: it was sent before the picture begins. */
  readonly from: Line | null
  /** The line that ended it, or null: it is still there when the picture ends. */
  to: Line | null
  /** 'lost': power failed, the controller stopped, the drive was pulled, or the slot was used again. */
  end: 'answered' | 'lost' | 'open'
}

export type Line =
  | {
      readonly kind: 'step'
      readonly step: Step
      /** The time, on the first line of an instant. */
      readonly time: string | null
      y: number
      height: number
      /** The step's text, as it fits. */
      label: readonly string[]
      /** The bar that this step begins or ends. */
      bar: Bar | null
    }
  | { readonly kind: 'gap'; readonly text: string; y: number; height: number }
  | { readonly kind: 'heads'; y: number; height: number }

export interface Layout {
  readonly lanes: readonly Lane[]
  readonly lines: readonly Line[]
  readonly bars: readonly Bar[]
  readonly timeWidth: number
  readonly width: number
  readonly height: number
}

export interface LayoutOptions {
  /** Bays that have a lane; more if a step names one. Default: those that steps name. */
  readonly bayCount?: number
  /** What the times count from. Default: 0, the start of the run, as in the other texts of a report. */
  readonly originNs?: number
}

type StepLine = Extract<Line, { kind: 'step' }>

/** The lane that a step's label stands in; null: it goes across all of them. */
export function laneNameOf(step: Step): LaneName | null {
  switch (step.kind) {
    case 'host-command':
    case 'host-answer':
      return 'initiator'
    case 'drive-command':
    case 'drive-answer':
    case 'hotplug':
      return `bay ${step.bay}`
    case 'microcode':
    case 'nvram':
      return step.kind
    default:
      return null
  }
}

export function lifeX(lane: Lane): number {
  return lane.x + LIFE_X
}

export function labelX(lane: Lane): number {
  return lifeX(lane) + Math.max(0, lane.columns - 1) * BAR_STEP + LABEL_GAP
}

export function layOut(steps: readonly Step[], { bayCount = 0, originNs = 0 }: LayoutOptions = {}): Layout {
  const lines = makeLines(steps, originNs)
  const lanes = makeLanes(steps, bayCount)
  const byName = new Map(lanes.map((lane) => [lane.name, lane]))
  const bars = makeBars(lines, byName)
  const times = lines.map((line) => (line.kind === 'step' ? line.time : line.kind === 'gap' ? line.text : null) ?? '')
  const timeWidth = Math.max(60, ...times.map(textWidth)) + 14
  const width = placeLanes(lanes, lines, timeWidth)
  for (const line of lines) if (line.kind === 'step') fitLabel(line, byName, width - timeWidth)
  return { lanes, lines, bars, timeWidth, width, height: placeLines(lines) }
}

function makeLines(steps: readonly Step[], originNs: number): Line[] {
  const lines: Line[] = []
  const long = longGapNs(steps)
  const inMicros = steps.every(({ timeNs }) => (timeNs - originNs) % 1000 === 0)
  let sinceHead = 0
  let beforeNs: number | null = null
  for (const step of steps) {
    const isNew = step.timeNs !== beforeNs
    if (beforeNs !== null && step.timeNs - beforeNs >= long) {
      lines.push({ kind: 'gap', text: `… ${durationText(step.timeNs - beforeNs)} …`, y: 0, height: LINE_HEIGHT })
    }
    if (isNew && sinceHead >= LINES_PER_HEAD) {
      lines.push({ kind: 'heads', y: 0, height: LINE_HEIGHT })
      sinceHead = 0
    }
    const time = isNew ? aligned(timeText(step.timeNs, originNs), inMicros) : null
    lines.push({ kind: 'step', step, time, y: 0, height: LINE_HEIGHT, label: [], bar: null })
    sinceHead++
    beforeNs = step.timeNs
  }
  return lines
}

/** '+1.204 ms', exact where it can be. */
export function timeText(timeNs: number, originNs: number): string {
  const ns = timeNs - originNs
  if (!Number.isSafeInteger(ns)) return timeNs === Number.POSITIVE_INFINITY ? 'never' : `+${durationText(ns)}`
  return ns < 0 ? `-${formatDurationNs(-ns)}` : `+${formatDurationNs(ns)}`
}

/** '+1.2 ms' -> '+1.200 ms', or with six decimals where others have them: a column of times is compared digit by digit. */
function aligned(time: string, inMicros: boolean): string {
  const match = /^([+-]\d+)(?:\.(\d+))? (s|ms|µs)$/.exec(time)
  if (!match) return time
  const decimals = { s: 9, ms: 6, µs: 3 }[match[3] as 's' | 'ms' | 'µs'] - (inMicros ? 3 : 0)
  return decimals === 0 ? time : `${match[1]}.${(match[2] ?? '').padEnd(decimals, '0')} ${match[3]}`
}

/** Ten times what three of four gaps stay below; never less than 10 µs, and 50 ms are always long. */
function longGapNs(steps: readonly Step[]): number {
  const gaps = steps
    .slice(1)
    .map((step, index) => step.timeNs - steps[index].timeNs)
    .filter((gap) => gap > 0)
    .sort((one, other) => one - other)
  const quartile = gaps[Math.floor((gaps.length - 1) * 0.75)] ?? 0
  return Math.max(10_000, Math.min(50_000_000, quartile * 10))
}

/** Initiator, microcode, every bay up to the last one that is used, and the NVRAM if it is. */
function makeLanes(steps: readonly Step[], bayCount: number): Lane[] {
  let bays = bayCount
  for (const step of steps) if ('bay' in step && step.bay !== null) bays = Math.max(bays, step.bay + 1)
  const names: LaneName[] = ['initiator', 'microcode']
  for (let bay = 0; bay < bays; bay++) names.push(`bay ${bay}`)
  if (steps.some(({ kind }) => kind === 'nvram')) names.push('nvram')
  return names.map((name) => ({ name, x: 0, width: 0, columns: 1 }))
}

type CommandStep = Extract<Step, { readonly op: StepOp }>
type AnswerStep = Extract<Step, { readonly good: boolean }>

const isCommand = (step: Step): step is CommandStep => step.kind === 'host-command' || step.kind === 'drive-command'

const isAnswer = (step: Step): step is AnswerStep => step.kind === 'host-answer' || step.kind === 'drive-answer'

/** Pairs commands with what ended them. */
function makeBars(lines: readonly Line[], lanes: ReadonlyMap<LaneName, Lane>): Bar[] {
  const bars: Bar[] = []
  const open = new Map<string, Bar>()
  const begin = (step: CommandStep | AnswerStep, from: StepLine | null): Bar => {
    const lane = lanes.get(laneNameOf(step)!)!
    const taken = new Set([...open.values()].filter((bar) => bar.lane === lane).map((bar) => bar.column))
    let column = 0
    while (taken.has(column)) column++
    lane.columns = Math.max(lane.columns, column + 1)
    const op = isCommand(step) ? step.op : 'other'
    const bar: Bar = { lane, column, op, text: step.text, from, to: null, end: 'open' }
    open.set(keyOf(step), bar)
    bars.push(bar)
    return bar
  }
  const end = (key: string, line: StepLine, how: Bar['end']): Bar | null => {
    const bar = open.get(key) ?? null
    open.delete(key)
    if (bar) Object.assign(bar, { to: line, end: how })
    return bar
  }
  for (const step of orphans(lines)) begin(step, null)
  for (const line of lines) {
    if (line.kind !== 'step') continue
    const { step } = line
    if (isCommand(step)) {
      end(keyOf(step), line, 'lost')
      line.bar = begin(step, line)
    } else if (isAnswer(step)) {
      line.bar = end(keyOf(step), line, 'answered')
    } else if (step.kind === 'power-cut' || step.kind === 'crash') {
      for (const key of [...open.keys()]) end(key, line, 'lost')
    } else if (step.kind === 'hotplug' && !step.present) {
      for (const [key, bar] of [...open]) if (bar.lane.name === `bay ${step.bay}`) end(key, line, 'lost')
    }
  }
  return bars
}

/** Answers to commands that were sent before the picture begins. */
function orphans(lines: readonly Line[]): AnswerStep[] {
  const found: AnswerStep[] = []
  const seen = new Set<string>()
  for (const line of lines) {
    if (line.kind !== 'step') continue
    const { step } = line
    if (step.kind === 'power-cut' || step.kind === 'crash') break
    if (!isCommand(step) && !isAnswer(step)) continue
    if (isAnswer(step) && !seen.has(keyOf(step))) found.push(step)
    seen.add(keyOf(step))
  }
  return found
}

/** Host slots and drive slots are numbered apart; a drive slot is the controller's, whatever bay it is used for. */
function keyOf(step: CommandStep | AnswerStep): string {
  return `${step.kind.startsWith('host') ? 'host' : 'drive'} ${step.slot}`
}

/** A drive's answer stands at the end of its bar, and need not say again what was asked. */
function labelOf({ step, bar }: StepLine): string {
  const asked = step.kind === 'drive-answer' && bar ? `${bar.text}: ` : ''
  return asked !== '' && step.text.startsWith(asked) ? step.text.slice(asked.length) : step.text
}

function placeLanes(lanes: readonly Lane[], lines: readonly Line[], timeWidth: number): number {
  const widest = new Map<LaneName, number>()
  for (const line of lines) {
    const name = line.kind === 'step' ? laneNameOf(line.step) : null
    if (line.kind !== 'step' || name === null) continue
    widest.set(name, Math.max(widest.get(name) ?? 0, textWidth(labelOf(line))))
  }
  let x = timeWidth
  for (const lane of lanes) {
    lane.x = x
    const [min, max] = LABEL_WIDTH[lane.name] ?? BAY_LABEL_WIDTH
    lane.width = labelX(lane) - x + Math.min(max, Math.max(min, widest.get(lane.name) ?? 0)) + LABEL_GAP
    x += lane.width
  }
  return Math.ceil(x)
}

function fitLabel(line: StepLine, lanes: ReadonlyMap<LaneName, Lane>, across: number): void {
  const { step } = line
  const name = laneNameOf(step)
  if (name !== null) {
    const lane = lanes.get(name)!
    line.label = [fitText(labelOf(line), lane.x + lane.width - labelX(lane) - 4)]
    return
  }
  const text = step.kind === 'violation' ? `${step.law} is broken: ${step.text}` : step.text
  line.label = wrapText(text, across - 36, MARK_LINES_MAX)
  line.height = 14 + line.label.length * MARK_LINE_HEIGHT
}

function placeLines(lines: readonly Line[]): number {
  let y = HEAD_HEIGHT + 6
  for (const line of lines) {
    line.y = y
    y += line.height
  }
  return y
}
