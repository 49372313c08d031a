// What each way to mirror to a second site costs, and what it loses when the primary is lost: measured by the judge, in simulated time.
//
// For each mode, round trip and load: one run without trouble for rates and latencies, and several in which site a loses its power for good
// at some instant, and the initiators go to site b. What is lost is what reading everything back shows, not what the microcode says.
// All of it is a function of seed and microcode: the figures are the same on every machine, to the last digit.

import type { FaultSpec } from '../faults/faultSpec'
import { siteLoss } from '../faults/siteLoss'
import { JudgedRun } from '../scenario/judgedRun'
import { parseScenario } from '../scenario/parse'
import { REMOTE_MODES, type RemoteMode, type ResolvedScenario } from '../scenario/scenario'
import { RandomStream } from '../sim/random'
import { formatBytes } from '../sim/units'
import { IO_WRITE } from '../workload/io'

/** `none`: one site, for comparison. */
export const BENCH_MODES = ['none', ...REMOTE_MODES] as const
export type BenchMode = 'none' | RemoteMode

export const BENCH_PLACEMENTS = ['controller', 'host'] as const
export type BenchPlacement = (typeof BENCH_PLACEMENTS)[number]

export interface ModesOptions {
  readonly microcode: Uint8Array
  readonly seed: number
  readonly modes: readonly BenchMode[]
  /** Milliseconds there and back. */
  readonly rttsMs: readonly number[]
  /** Writes in flight. */
  readonly depths: readonly number[]
  /** Instants at which the primary is lost. */
  readonly kills: number
  readonly placements: readonly BenchPlacement[]
  /** Of the bus of the initiators' machine, in bytes a second, for both placements; 0: as if there were none to be crossed in a controller. */
  readonly hostBusBytesPerSecond: number
  /** Writes of each run. Not with a workload of one's own, which ends by itself. */
  readonly writes: number
  readonly workload: OwnWorkload | null
}

/** In place of random writes: an fio job file, or a trace. Depths mean nothing then. */
export interface OwnWorkload {
  readonly kind: 'fio' | 'trace'
  readonly name: string
  readonly text: string
  /** Of each member; in mode `scheduled` twice that: half is for points in time. */
  readonly capacityBytes: number
}

export interface ModeRow {
  readonly mode: BenchMode
  /** Where mirroring runs. */
  readonly placement: BenchPlacement
  readonly rttMs: number
  readonly depth: number
  /** Writes a second. */
  readonly iops: number
  readonly mbPerSecond: number
  readonly p50Ns: number
  readonly p95Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
  /** Bytes over the link, both ways, for each byte that was written. */
  readonly linkBytesPerByte: number
  /** Of the losses of the primary, the worst. Null: there is no other site. */
  readonly rpoNsMax: number | null
  readonly lostWritesMax: number | null
  readonly lostBytesMax: number | null
  /** From the loss of the primary to the first write that the other site has acknowledged: the longest. */
  readonly rtoNsMax: number | null
  readonly kills: number
  /** Laws that some run broke; empty as it should be. */
  readonly broken: readonly string[]
}

/** Between two points in time of mode `scheduled`, in milliseconds. */
export const BENCH_INTERVAL_MS = 100
/** Runs of mode `scheduled` are so many times as long: they are to see more than one or two points in time. */
const SCHEDULED_TIMES = 5
export const CAPACITY_BYTES = 16 << 20
/** Writes that a run with a failover goes on for after it. */
const WRITES_AFTER = 50

interface Cell {
  readonly mode: BenchMode
  readonly placement: BenchPlacement
  readonly rttMs: number
  readonly depth: number
  readonly writes: number
}

function scenarioText({ mode, placement, rttMs, depth, writes }: Cell, options: ModesOptions): string {
  const { workload: own, hostBusBytesPerSecond } = options
  const bus = hostBusBytesPerSecond === 0 ? 'off' : formatBytes(hostBusBytesPerSecond)
  const isScheduled = mode === 'scheduled'
  const random = `pattern: { rw: randwrite, bs: 4 KiB, depth: ${depth}, count: ${writes}, size: 8 MiB }`
  const load = own === null ? random : `${own.kind}: ${JSON.stringify(own.name)}`
  const capacity = formatBytes((own?.capacityBytes ?? CAPACITY_BYTES) * (isScheduled ? 2 : 1))
  const settings = `mode: ${mode}, linkTimeout: ${Math.max(100, 4 * rttMs)} ms`
  const interval = isScheduled ? `, interval: ${BENCH_INTERVAL_MS} ms` : ''
  return `
name: modes
array: { members: 2, driveCapacity: ${capacity}, placement: ${placement}, hostBus: ${bus} }
${mode === 'none' ? '' : `remote: { ${settings}${interval}, link: { latency: ${rttMs / 2} ms } }`}
workload: [ { ${load} } ]
limits: { simulatedTime: 10000 s, commandTimeout: 100 s }
`
}

/** One row for each mode, round trip and depth; `none` is measured once for each depth. */
export function* benchModes(options: ModesOptions): Generator<ModeRow> {
  const module = new WebAssembly.Module(new Uint8Array(options.microcode))
  for (const mode of options.modes) {
    for (const rttMs of mode === 'none' ? [0] : options.rttsMs) {
      for (const depth of options.workload ? [0] : options.depths) {
        for (const placement of options.placements) yield rowOf(options, module, { mode, placement, rttMs, depth })
      }
    }
  }
}

function rowOf(options: ModesOptions, module: WebAssembly.Module, cell: Omit<Cell, 'writes'>): ModeRow {
  const { mode, placement, rttMs, depth } = cell
  const writes = options.writes * (mode === 'scheduled' ? SCHEDULED_TIMES : 1)
  const play = (count: number, faults: readonly FaultSpec[]) => {
    const parsed = parseScenario(scenarioText({ ...cell, writes: count }, options), 'modes')
    if (!parsed.ok) throw new Error(`the benchmark must have a valid scenario: ${JSON.stringify(parsed.errors)}`)
    return playOnce({ ...parsed.scenario, faults }, options, module)
  }
  const plain = play(writes, [])
  const random = RandomStream.fromSeed(options.seed, `kills:${mode}:${rttMs}:${depth}`)
  const kills = mode === 'none' ? 0 : options.kills
  const failovers = Array.from({ length: kills }, () => {
    // Not at the very start or end: there has to be a load.
    const share = (1 + random.below(8)) / 10 + random.below(100_000) / 1e6
    const timeNs = Math.round(plain.workloadNs * share)
    // What is written after the failover hides what was lost in it: not much of that.
    const until = plain.doneNs.filter((doneNs) => doneNs <= timeNs).length
    return play(Math.min(writes, until + depth + WRITES_AFTER), siteLoss({ kind: 'at', timeNs }))
  })
  const worst = (of: (played: Played) => number): number | null => (kills === 0 ? null : Math.max(...failovers.map(of)))
  return {
    mode,
    placement,
    rttMs,
    depth,
    iops: plain.writes / (plain.workloadNs / 1e9),
    mbPerSecond: plain.bytesWritten / (plain.workloadNs / 1e9) / 1e6,
    ...plain.latencies,
    linkBytesPerByte: plain.linkBytes / Math.max(1, plain.bytesWritten),
    rpoNsMax: worst(({ losses }) => losses.rpoNs),
    lostWritesMax: worst(({ losses }) => losses.writes),
    lostBytesMax: worst(({ losses }) => losses.bytes),
    rtoNsMax: worst(({ rtoNs }) => rtoNs),
    kills,
    broken: [...new Set([plain, ...failovers].flatMap(({ broken }) => broken))],
  }
}

interface Played {
  readonly writes: number
  readonly bytesWritten: number
  /** Of the workload, without what came before and after it. */
  readonly workloadNs: number
  readonly latencies: Pick<ModeRow, 'p50Ns' | 'p95Ns' | 'p99Ns' | 'p999Ns'>
  /** When each write was acknowledged, since the workload began. */
  readonly doneNs: readonly number[]
  readonly linkBytes: number
  readonly losses: { readonly writes: number; readonly bytes: number; readonly rpoNs: number }
  readonly rtoNs: number
  readonly broken: readonly string[]
}

function playOnce(scenario: ResolvedScenario, options: ModesOptions, module: WebAssembly.Module): Played {
  const { microcode, seed, workload } = options
  const texts = new Map(workload ? [[workload.name, workload.text]] : [])
  const run = new JudgedRun(scenario, { microcode, texts, bytes: new Map() }, seed, module, {
    judgesStops: true,
  })
  const { runner } = run
  if (!run.begin()) throw new Error('the array must come')
  const linkBytes = (): number =>
    runner.rig.link?.directions.reduce((sum, { figures }) => sum + figures.bytesSent, 0) ?? 0
  const [startNs, sentBefore] = [runner.events.nowNs, linkBytes()]
  const { initiator } = runner
  let [lastNs, serviceNs] = [startNs, -1]
  const doneNs: number[] = []
  initiator.onDone = ({ op }, good) => {
    lastNs = runner.events.nowNs
    if (good && op === IO_WRITE) doneNs.push(lastNs - startNs)
    if (good && op === IO_WRITE && serviceNs < 0 && runner.twoSites.changedNs >= 0) serviceNs = lastNs
  }
  run.workload(run.jobs())
  initiator.onDone = null
  const sent = linkBytes() - sentBefore
  const latency = initiator.writeLatency.summary()
  const { writes, bytesWritten } = initiator
  run.recover(false)
  const { violations } = run
  return {
    writes,
    bytesWritten,
    workloadNs: lastNs - startNs,
    latencies: {
      p50Ns: latency?.p50 ?? 0,
      p95Ns: latency?.p95 ?? 0,
      p99Ns: latency?.p99 ?? 0,
      p999Ns: latency?.p999 ?? 0,
    },
    doneNs,
    linkBytes: sent,
    losses: run.oracle?.otherSite?.losses ?? { writes: 0, bytes: 0, rpoNs: 0 },
    rtoNs: serviceNs < 0 ? 0 : serviceNs - runner.twoSites.changedNs,
    broken: violations.map(({ law }) => law),
  }
}

/** Round trips of a campus, a city, a country, and a continent. */
export const RTTS_MS: readonly number[] = [0.1, 1, 5, 20, 80]
export const DEPTHS: readonly number[] = [1, 8]
