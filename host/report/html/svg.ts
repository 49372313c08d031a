// Small plots as inline SVG text: no script, no library, no outside file. Colours come from CSS classes of the page.

import type { LatencyNs } from '../../oracle/verdict'
import type { TimelineSpan } from '../../scenario/runTypes'
import { durationText } from '../quantities'
import { escapeXml } from '../xml'

const WIDTH = 720
const LEFT = 70
const RIGHT = 16

/** Coordinates with two decimals: short, and equal everywhere. */
export function at(value: number): string {
  return String(Math.round(value * 100) / 100)
}

export function svg(height: number, label: string, body: readonly string[]): string {
  const attributes = `viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(label)}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>\n${body.join('\n')}\n</svg>`
}

export function svgText(x: number, y: number, content: string, className: string): string {
  return `<text x="${at(x)}" y="${at(y)}" class="${className}">${escapeXml(content)}</text>`
}

/** 1, 2, 5 times a power of ten: about `count` steps up to `max`. */
export function tickStep(max: number, count: number): number {
  const rough = max / count
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
}

function timeAxis(endNs: number, y: number): string[] {
  const step = tickStep(endNs, 6)
  const parts: string[] = [`<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" class="axis"/>`]
  for (let ns = 0; ns <= endNs * 1.0001; ns += step) {
    const x = timeX(ns, endNs)
    parts.push(`<line x1="${at(x)}" y1="${y}" x2="${at(x)}" y2="${y + 4}" class="axis"/>`)
    parts.push(svgText(x, y + 16, ns === 0 ? '0' : durationText(ns), 'tick middle'))
  }
  return parts
}

function timeX(ns: number, endNs: number): number {
  return LEFT + (Math.min(ns, endNs) / endNs) * (WIDTH - LEFT - RIGHT)
}

export interface Marker {
  readonly timeNs: number
  readonly kind: 'fault' | 'finding' | 'violation'
  readonly text: string
}

const LANES = ['fault', 'finding', 'violation'] as const
const LANE_HEIGHT = 22

/** What happened when, a lane for each kind; a pointer that rests on a mark shows its text. */
export function eventsPlot(markers: readonly Marker[], endNs: number): string {
  const body: string[] = []
  for (const [lane, kind] of LANES.entries()) {
    const y = 14 + lane * LANE_HEIGHT
    body.push(svgText(LEFT - 8, y + 4, `${kind}s`, 'tick end'))
    body.push(`<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" class="lane"/>`)
    for (const marker of markers.filter((candidate) => candidate.kind === kind)) {
      const title = `<title>${escapeXml(`${durationText(marker.timeNs)}: ${marker.text}`)}</title>`
      body.push(`<circle cx="${at(timeX(marker.timeNs, endNs))}" cy="${y}" r="5" class="${kind}">${title}</circle>`)
    }
  }
  const axisY = 14 + LANES.length * LANE_HEIGHT
  return svg(axisY + 24, 'faults, findings and violations over simulated time', [...body, ...timeAxis(endNs, axisY)])
}

const LOG_HEIGHT = 150
const TOP = 10

function logY(ns: number, low: number, high: number): number {
  const share = (Math.log10(Math.max(ns, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))
  return TOP + LOG_HEIGHT * (1 - share)
}

/** Horizontal lines at powers of ten between `low` and `high`. */
function logGrid(low: number, high: number): string[] {
  const parts: string[] = []
  for (let ns = low; ns <= high; ns *= 10) {
    const y = at(logY(ns, low, high))
    parts.push(`<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" class="lane"/>`)
    parts.push(svgText(LEFT - 8, Number(y) + 4, durationText(ns), 'tick end'))
  }
  return parts
}

/** Powers of ten around the values; at least one decade. */
function decades(values: readonly number[]): { low: number; high: number } {
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0) return { low: 1, high: 10 }
  const low = 10 ** Math.floor(Math.log10(Math.min(...positive)))
  const high = 10 ** Math.ceil(Math.log10(Math.max(...positive)))
  return { low, high: Math.max(high, low * 10) }
}

/** Mean and slowest answer in each span of simulated time, logarithmic. */
export function latencyOverTimePlot(timeline: readonly TimelineSpan[]): string {
  const busy = timeline.filter((span) => span.reads + span.writes > 0)
  const endNs = Math.max(1, ...timeline.map((span) => span.endNs))
  const { low, high } = decades(busy.flatMap((span) => [span.meanLatencyNs, span.maxLatencyNs]))
  const points = (value: (span: TimelineSpan) => number) =>
    busy
      .map((span) => `${at(timeX((span.startNs + span.endNs) / 2, endNs))},${at(logY(value(span), low, high))}`)
      .join(' ')
  return svg(TOP + LOG_HEIGHT + 28, 'latency over simulated time', [
    ...logGrid(low, high),
    `<polyline points="${points((span) => span.maxLatencyNs)}" class="line max"/>`,
    `<polyline points="${points((span) => span.meanLatencyNs)}" class="line mean"/>`,
    ...timeAxis(endNs, TOP + LOG_HEIGHT),
  ])
}

const PERCENTILES = ['p50', 'p95', 'p99', 'p999', 'max'] as const
const PERCENTILE_NAMES = { p50: '50 %', p95: '95 %', p99: '99 %', p999: '99.9 %', max: 'max' } as const

export interface LatencySeries {
  readonly name: 'read' | 'write'
  readonly latency: LatencyNs
}

/** Percentiles side by side, logarithmic. */
export function percentilePlot(series: readonly LatencySeries[]): string {
  const { low, high } = decades(series.flatMap(({ latency }) => PERCENTILES.map((key) => latency[key])))
  const body = logGrid(low, high)
  const slot = (WIDTH - LEFT - RIGHT) / PERCENTILES.length
  const bar = Math.min(56, (slot - 20) / series.length)
  for (const [index, key] of PERCENTILES.entries()) {
    const centre = LEFT + slot * (index + 0.5)
    body.push(svgText(centre, TOP + LOG_HEIGHT + 16, PERCENTILE_NAMES[key], 'tick middle'))
    for (const [which, { name, latency }] of series.entries()) {
      const x = centre + (which - series.length / 2) * bar
      const y = logY(latency[key], low, high)
      const title = `<title>${escapeXml(`${name} ${PERCENTILE_NAMES[key]}: ${durationText(latency[key])}`)}</title>`
      const height = at(TOP + LOG_HEIGHT - y)
      body.push(
        `<rect x="${at(x)}" y="${at(y)}" width="${at(bar - 3)}" height="${height}" class="${name}">${title}</rect>`,
      )
      body.push(svgText(x + bar / 2, y - 3 < TOP ? TOP + 9 : y - 3, durationText(latency[key]), 'value middle'))
    }
  }
  return svg(TOP + LOG_HEIGHT + 24, 'latency percentiles', body)
}
