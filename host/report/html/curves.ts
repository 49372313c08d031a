// Curves over two logarithmic axes, as inline SVG: one for each series, named at its end. A value of 0 has no place on such an axis: it lies
// on a line of its own below, which says 0.

import { durationText } from '../quantities'
import { escapeXml } from '../xml'
import { at, svg, svgText } from './svg'

export interface Curve {
  readonly name: string
  /** Which of the looks of style.ts: 0 to 5. Curves of the same thing look the same in every plot. */
  readonly look: number
  /** `y` in nanoseconds. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const LEFT = 70
const RIGHT = 600
const TOP = 10
const HEIGHT = 220
const ZERO_Y = TOP + HEIGHT + 16
const AXIS_Y = ZERO_Y + 10
/** Names at the ends of curves stand so far apart. */
const NAME_GAP = 13

interface Scale {
  readonly low: number
  readonly high: number
}

/** `xText`: how a value on the x axis reads. `title`: for those who do not see it. */
export function curvesPlot(title: string, curves: readonly Curve[], xText: (x: number) => string): string {
  const points = curves.flatMap((curve) => curve.points)
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b)
  const across: Scale = { low: xs[0] ?? 1, high: xs.at(-1) ?? 1 }
  const up = decadesOf(points.map(({ y }) => y))
  const x = (value: number): number =>
    across.low === across.high ? (LEFT + RIGHT) / 2 : LEFT + share(value, across) * (RIGHT - LEFT)
  const y = (value: number): number => (value === 0 ? ZERO_Y : TOP + HEIGHT * (1 - share(value, up)))
  const names = spread(curves.map(({ points: own }) => y(own.at(-1)?.y ?? 0)))
  return svg(AXIS_Y + 24, title, [
    ...grid(up, y),
    ...xs.map((value) => svgText(x(value), AXIS_Y + 14, xText(value), 'tick middle')),
    ...curves.flatMap((curve, index) => curveOf(curve, names[index]!, xText, x, y)),
  ])
}

function curveOf(
  { name, look: number, points }: Curve,
  nameY: number,
  xText: (x: number) => string,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const look = `curve-${number}`
  const places = points.map((point) => `${at(x(point.x))},${at(y(point.y))}`)
  return [
    `<polyline points="${places.join(' ')}" class="line ${look}"/>`,
    ...points.map((point) => {
      const says = `${name}, ${xText(point.x)}: ${point.y === 0 ? '0' : durationText(point.y)}`
      const place = `cx="${at(x(point.x))}" cy="${at(y(point.y))}"`
      return `<circle ${place} r="3" class="dot ${look}"><title>${escapeXml(says)}</title></circle>`
    }),
    svgText(RIGHT + 10, nameY + 4, name, `name ${look}`),
  ]
}

function grid({ low, high }: Scale, y: (value: number) => number): string[] {
  const line = (height: number): string =>
    `<line x1="${LEFT}" y1="${at(height)}" x2="${RIGHT}" y2="${at(height)}" class="lane"/>`
  const parts = [line(ZERO_Y), svgText(LEFT - 8, ZERO_Y + 4, '0', 'tick end')]
  for (let value = low; value <= high * 1.01; value *= 10) {
    parts.push(line(y(value)), svgText(LEFT - 8, y(value) + 4, durationText(value), 'tick end'))
  }
  return parts
}

function share(value: number, { low, high }: Scale): number {
  return Math.log(value / low) / Math.log(high / low)
}

/** Powers of ten around what is above 0; at least one decade. */
function decadesOf(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0) return { low: 1e6, high: 1e7 }
  const low = 10 ** Math.floor(Math.log10(Math.min(...positive)))
  return { low, high: Math.max(low * 10, 10 ** Math.ceil(Math.log10(Math.max(...positive)))) }
}

/** Heights for names, near those wanted, that do not lie on each other. */
function spread(wanted: readonly number[]): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!)
  const placed = [...wanted]
  for (let i = 1; i < order.length; i++) {
    placed[order[i]!] = Math.max(placed[order[i]!]!, placed[order[i - 1]!]! + NAME_GAP)
  }
  // What was pushed beyond the lower end pushes the others up.
  let floor = ZERO_Y
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index]!, floor)
    floor = placed[index]! - NAME_GAP
  }
  return placed
}
