// A verdict in lines of text, shared by the reporters that are read by people.

import {
  type HistoryStep,
  LAW_TEXT,
  type LatencyNs,
  type RunFigures,
  type Verdict,
  type Violation,
} from '../oracle/verdict'
import { formatDurationNs } from '../sim/units'
import { bytesText, countText, durationText, plural } from './quantities'

function latencyText(name: string, latency: LatencyNs | null): string | null {
  if (latency === null) return null
  const { p50, p99, max } = latency
  return `${name} p50 ${durationText(p50)}, p99 ${durationText(p99)}, max ${durationText(max)}`
}

function present(parts: readonly (string | null | false)[]): string {
  return parts.filter((part) => part).join(' · ')
}

/** The figures of a run, in a few short lines. */
export function figureLines(verdict: Verdict): string[] {
  const figures: RunFigures = verdict.figures
  const operations = [
    figures.writes > 0 && `${plural(figures.writes, 'write')} (${bytesText(figures.bytesWritten)})`,
    figures.reads > 0 && `${plural(figures.reads, 'read')} (${bytesText(figures.bytesRead)})`,
    figures.flushes > 0 && plural(figures.flushes, 'flush', 'flushes'),
    figures.errors > 0 && plural(figures.errors, 'error'),
  ].filter((part) => part)
  return [
    present([
      operations.join(', ') || 'no operations',
      `${durationText(figures.simulatedNs)} simulated`,
      `${plural(figures.faultsStruck, 'fault')} struck`,
      `${plural(figures.sectorsJudged, 'sector')} judged`,
    ]),
    present([
      latencyText('write', figures.writeLatencyNs),
      latencyText('read', figures.readLatencyNs),
      `seed ${verdict.seed}`,
      `trace ${verdict.traceDigest}`,
    ]),
  ]
}

/** Times in a column of their own, exact. */
export function historyLines(history: readonly HistoryStep[]): string[] {
  const times = history.map((step) => formatDurationNs(step.timeNs))
  const width = Math.max(0, ...times.map((time) => time.length))
  return history.map((step, index) => `${times[index]!.padStart(width)}  ${step.text}`)
}

export function lawLine({ law }: Violation): string {
  return `${law}  ${LAW_TEXT[law]}`
}

/** 'LBA 128 at 3.2 ms' */
export function placeText({ lba, timeNs }: Violation): string {
  const place = lba === null ? 'the array' : `LBA ${countText(lba)}`
  return `${place}, at ${formatDurationNs(timeNs)}`
}
