// `bench modes` as a page: latency against round trip, what is lost against load, and all figures.

import { BENCH_MODES, type ModeRow } from '../bench/modes'
import { type Curve, curvesPlot } from './html/curves'
import { htmlPage } from './htmlPage'
import { countText, durationText } from './quantities'
import { escapeXml } from './xml'

const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
const roundTrip = (ms: number): string => `${ms} ms`
const inFlight = (count: number): string => (count === 0 ? 'own workload' : `${count} in flight`)

export function modesHtml(version: string, rows: readonly ModeRow[], notes: string): string {
  const remote = rows.filter(({ mode }) => mode !== 'none')
  const depths = distinct(rows.map(({ depth }) => depth))
  const rtts = distinct(remote.map(({ rttMs }) => rttMs))
  return htmlPage(version, [
    '<h1>Mirror modes: what each costs, and what it loses</h1>',
    `<p>${escapeXml(notes)}</p>`,
    ...depths.flatMap((depth) => [
      `<h3>Latency of a write (99 %) against the round trip, ${inFlight(depth)}</h3>`,
      curvesPlot('latency against round trip', latencyCurves(rows, rtts, depth), roundTrip),
    ]),
    ...rtts.flatMap((rttMs) => [
      `<h3>RPO against load, round trip ${roundTrip(rttMs)}</h3>`,
      curvesPlot(
        'RPO against load',
        curvesOf(
          remote.filter((row) => row.rttMs === rttMs),
          ({ depth }) => depth,
          ({ rpoNsMax }) => rpoNsMax,
        ),
        inFlight,
      ),
    ]),
    '<h3>Figures</h3>',
    table(rows),
  ])
}

/** One site alone knows no round trip: a level line, for comparison. */
function latencyCurves(rows: readonly ModeRow[], rtts: readonly number[], depth: number): Curve[] {
  const own = rows.filter((row) => row.depth === depth)
  const alone = own.find(({ mode }) => mode === 'none')
  const level: Curve[] = alone ? [{ name: 'none', look: 0, points: rtts.map((x) => ({ x, y: alone.p99Ns })) }] : []
  return [
    ...level,
    ...curvesOf(
      own.filter(({ mode }) => mode !== 'none'),
      ({ rttMs }) => rttMs,
      ({ p99Ns }) => p99Ns,
    ),
  ]
}

const nameOf = ({ mode, placement }: ModeRow): string => (placement === 'controller' ? mode : `${mode}, in the host`)

function curvesOf(rows: readonly ModeRow[], x: (row: ModeRow) => number, y: (row: ModeRow) => number | null): Curve[] {
  const names = [...new Set(rows.map(nameOf))]
  return names.map((name) => ({
    name,
    look: BENCH_MODES.findIndex((mode) => name.startsWith(mode)),
    points: rows
      .filter((row) => nameOf(row) === name)
      .map((row) => ({ x: x(row), y: y(row) ?? 0 }))
      .sort((a, b) => a.x - b.x),
  }))
}

const HEAD = [
  'mode',
  'placement',
  'RTT',
  'in flight',
  'IOPS',
  'MB/s',
  'p50',
  'p95',
  'p99',
  'p99.9',
  'link B/B',
  'lost writes',
  'lost bytes',
  'RPO',
  'RTO',
  'broken',
]

function table(rows: readonly ModeRow[]): string {
  const time = (ns: number | null): string => (ns === null ? '·' : ns === 0 ? '0' : durationText(ns))
  const count = (value: number | null): string => (value === null ? '·' : countText(value))
  const lines = rows.map((row) => [
    row.mode,
    row.placement,
    row.rttMs === 0 ? '·' : roundTrip(row.rttMs),
    row.depth === 0 ? '·' : count(row.depth),
    count(Math.round(row.iops)),
    row.mbPerSecond.toFixed(1),
    ...[row.p50Ns, row.p95Ns, row.p99Ns, row.p999Ns].map(time),
    row.linkBytesPerByte === 0 ? '·' : row.linkBytesPerByte.toFixed(3),
    count(row.lostWritesMax),
    count(row.lostBytesMax),
    time(row.rpoNsMax),
    time(row.rtoNsMax),
    row.broken.join(', '),
  ])
  const cells = (tag: string, values: readonly string[]): string =>
    `<tr>${values.map((value, index) => `<${tag}${index > 1 ? ' class="number"' : ''}>${escapeXml(value)}</${tag}>`).join('')}</tr>`
  return `<div class="swim-box"><table class="wide">\n${[cells('th', HEAD), ...lines.map((line) => cells('td', line))].join('\n')}\n</table></div>`
}
