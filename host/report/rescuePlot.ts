// Bytes that a rescue got over simulated time, beside those of a plain copy, as an SVG file of its own. Equal runs give equal files.
//
// Time is on a logarithmic axis: most bytes come in the first seconds, and the last sectors may take hours.

import { at, svg, svgText } from './html/svg'
import { bytesText, durationText } from './quantities'
import { bytesAt, type Curve } from './rescueCurve'

export interface RescuePlot {
  readonly rescue: Curve
  readonly plain: Curve
  readonly sectorBytes: number
  readonly sourceBytes: number
}

const LEFT = 70
const RIGHT = 600
const TOP = 20
const BOTTOM = 300
const HEIGHT = 340
/** Decades of time that are shown. */
const DECADES_MAX = 6

const STYLE = `<style>
svg { background: #fff } text { font: 11px system-ui, sans-serif; fill: #5d6470 } .middle { text-anchor: middle } .end { text-anchor: end }
.axis { stroke: #5d6470 } .grid { stroke: #d5d9e0 } .line { fill: none; stroke-width: 1.5 }
.rescue { stroke: #16794c } .plain { stroke: #b3261e } text.rescue { fill: #16794c; stroke: none } text.plain { fill: #b3261e; stroke: none }
</style>`

export function rescuePlot(plot: RescuePlot): string {
  const span = spanOf([plot.rescue, plot.plain])
  const { endNs } = span
  const y = (bytes: number): number => BOTTOM - (bytes / Math.max(1, plot.sourceBytes)) * (BOTTOM - TOP)
  const ends = [plot.rescue, plot.plain].map((curve) => y(bytesAt(curve, endNs, plot.sectorBytes, plot.sourceBytes)))
  // Names that would lie on each other stand apart.
  const apart = Math.abs(ends[0]! - ends[1]!) < 14 ? 7 : 0
  const body = [
    STYLE,
    ...timeAxis(span),
    ...byteAxis(plot.sourceBytes, y),
    line(plot, plot.plain, 'plain', span, y),
    line(plot, plot.rescue, 'rescue', span, y),
    svgText(RIGHT + 8, ends[0]! + 4 - apart, 'rescue', 'rescue'),
    svgText(RIGHT + 8, ends[1]! + 4 + apart, 'plain copy', 'plain'),
  ]
  return `${svg(HEIGHT, 'bytes rescued over simulated time, beside those of a plain copy', body)}\n`
}

interface Span {
  readonly startNs: number
  readonly endNs: number
}

/** From a power of ten, at which little has been read, to the end of the longer one. */
function spanOf(curves: readonly Curve[]): Span {
  const endNs = Math.max(10, ...curves.map((curve) => curve.at(-1)?.timeNs ?? 0))
  const firstNs = Math.min(
    endNs / 10,
    ...curves.flatMap((curve) => curve.find(({ sectors }) => sectors > 0)?.timeNs ?? []),
  )
  const startNs = Math.max(10 ** Math.floor(Math.log10(firstNs)), 10 ** (Math.ceil(Math.log10(endNs)) - DECADES_MAX))
  return { startNs, endNs }
}

function timeX(timeNs: number, { startNs, endNs }: Span): number {
  const share = Math.log10(Math.max(timeNs, startNs) / startNs) / Math.log10(endNs / startNs)
  return LEFT + share * (RIGHT - LEFT)
}

/** A step for each unit of the picture's width in which something was rescued. */
function line(plot: RescuePlot, curve: Curve, className: string, span: Span, y: (bytes: number) => number): string {
  const { sectorBytes, sourceBytes } = plot
  const points: string[] = []
  const last = curve.at(-1)?.timeNs ?? 0
  const width = Math.round(timeX(last, span) - LEFT)
  let before = -1
  for (let step = 0; step <= width; step++) {
    const timeNs = step === width ? last : span.startNs * (span.endNs / span.startNs) ** (step / (RIGHT - LEFT))
    const bytes = bytesAt(curve, timeNs, sectorBytes, sourceBytes)
    if (bytes === before && step < width) continue
    const x = at(timeX(timeNs, span))
    if (before >= 0) points.push(`${x},${at(y(before))}`)
    points.push(`${x},${at(y(bytes))}`)
    before = bytes
  }
  return `<polyline points="${points.join(' ')}" class="line ${className}"/>`
}

function timeAxis(span: Span): string[] {
  const parts = [`<line x1="${LEFT}" y1="${BOTTOM}" x2="${RIGHT}" y2="${BOTTOM}" class="axis"/>`]
  for (let timeNs = span.startNs; timeNs <= span.endNs; timeNs *= 10) {
    const x = timeX(timeNs, span)
    parts.push(`<line x1="${at(x)}" y1="${BOTTOM}" x2="${at(x)}" y2="${BOTTOM + 4}" class="axis"/>`)
    parts.push(svgText(x, BOTTOM + 18, durationText(timeNs), 'middle'))
  }
  parts.push(svgText(RIGHT, BOTTOM + 34, 'simulated time', 'end'))
  return parts
}

function byteAxis(sourceBytes: number, y: (bytes: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const bytes = Math.round(sourceBytes * share)
    return [
      `<line x1="${LEFT}" y1="${at(y(bytes))}" x2="${RIGHT}" y2="${at(y(bytes))}" class="grid"/>`,
      svgText(LEFT - 8, y(bytes) + 4, bytes === 0 ? '0' : bytesText(bytes), 'end'),
    ]
  })
}
