// `platterlab bench modes`: what each mode of mirroring to a second site costs and loses.

import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { BENCH_INTERVAL_MS, BENCH_MODES, benchModes, type ModeRow, type ModesOptions } from '../bench/modes'
import { jsonText } from '../report/json'
import { printable } from '../report/printable'
import { formatDurationNs } from '../sim/units'
import { describeProblem, type InputProblem } from '../workload/inputProblem'
import { type RawModesOptions, readModesOptions } from './benchOptions'
import { BadInput } from './cliError'
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_UNMET } from './exitCodes'
import { OutputFiles } from './outputFile'
import type { Terminal } from './terminal'
import { VERSION } from './version'

export async function benchModesCommand(raw: RawModesOptions, terminal: Terminal): Promise<number> {
  const files = new OutputFiles()
  try {
    return await measure(raw, terminal, files)
  } catch (error) {
    throw asBadInput(error)
  } finally {
    files.discard()
  }
}

/** Errors that tell of a place in a workload of one's own are about the input. */
function asBadInput(error: unknown): unknown {
  const { problems, problem } = error as { problems?: readonly InputProblem[]; problem?: InputProblem }
  const first = problems?.[0] ?? problem
  return first === undefined ? error : new BadInput(printable(describeProblem(first)))
}

async function measure(raw: RawModesOptions, terminal: Terminal, files: OutputFiles): Promise<number> {
  const options = readModesOptions(raw)
  if (raw.html !== undefined) files.temporary(raw.html)
  if (!raw.json) terminal.out(`${HEAD.map(([title, width]) => title.padStart(width)).join('')}\n`)
  const rows: ModeRow[] = []
  for (const row of benchModes(options)) {
    rows.push(row)
    if (!raw.json) terminal.out(`${lineOf(row)}\n`)
    // Rows are measured without a pause: Ctrl-C is heard between them.
    await setImmediate()
    if (terminal.interrupted.aborted) {
      terminal.out(
        raw.json ? jsonText({ rows, complete: false }) : `\ninterrupted: these are the rows that were measured\n`,
      )
      return EXIT_INTERRUPTED
    }
  }
  if (raw.json) terminal.out(jsonText({ rows }))
  else terminal.out(`\n${notesOf(options)}\n`)
  if (raw.html !== undefined) {
    const { modesHtml } = await import('../report/modesHtml')
    files.write(raw.html, modesHtml(VERSION, rows, notesOf(options)))
    files.commit()
  }
  return rows.some(({ broken }) => broken.length > 0) ? EXIT_UNMET : EXIT_OK
}

const HEAD = [
  ['mode', 11],
  ['placement', 12],
  ['RTT', 9],
  ['depth', 7],
  ['IOPS', 9],
  ['MB/s', 8],
  ['p50', 10],
  ['p99', 10],
  ['p99.9', 10],
  ['link B/B', 10],
  ['lost', 6],
  ['RPO', 10],
  ['RTO', 10],
  ['', 2],
] as const

function lineOf(row: ModeRow): string {
  const time = (ns: number | null): string =>
    ns === null ? '·' : ns === 0 ? '0' : formatDurationNs(Number(ns.toPrecision(3)))
  const cells = [
    row.mode,
    row.placement,
    row.rttMs === 0 ? '·' : `${row.rttMs} ms`,
    row.depth === 0 ? '·' : `${row.depth}`,
    row.iops.toFixed(0),
    row.mbPerSecond.toFixed(1),
    time(row.p50Ns),
    time(row.p99Ns),
    time(row.p999Ns),
    row.linkBytesPerByte === 0 ? '·' : row.linkBytesPerByte.toFixed(3),
    row.lostWritesMax === null ? '·' : `${row.lostWritesMax}`,
    time(row.rpoNsMax),
    time(row.rtoNsMax),
    row.broken.length > 0 ? `  ✗ ${row.broken.join(', ')}` : '',
  ]
  return cells.map((cell, index) => cell.padStart(HEAD[index]![1])).join('')
}

function notesOf({ kills, workload, hostBusBytesPerSecond }: ModesOptions): string {
  const load = workload ? basename(workload.name) : '4 KiB random writes'
  const length = workload ? '' : ', and runs five times as long'
  return `${load} on two members a site, ideal drives, in simulated time. Modes: ${BENCH_MODES.join(', ')} (none: one site).
lost, RPO, RTO: the worst of ${kills} losses of the primary, as reading everything back showed. lost: acknowledged writes that are gone; RPO: how
long before the loss the first of them was acknowledged; RTO: from the loss to the first write that the other site acknowledged.
scheduled: a point in time every ${BENCH_INTERVAL_MS} ms${length}. placement: in a controller each write crosses the bus of the initiators' machine once, in the host once for each
replica${hostBusBytesPerSecond === 0 ? '' : `; that bus carries ${hostBusBytesPerSecond / 1e6} MB a second`}.`
}
