// The benchmarks: `npm run bench`, or `npm run --silent bench -- ID --json` for one document and nothing else on stdout.
//
// tinybench times each task with the wall clock, synchronously; results are consumed. Figures of shared machines are noisy: compare ratios
// of one run. Ids stay stable.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bench } from 'tinybench'
import { benchHelp, parseBenchArguments } from './benchArguments'
import { boundaryWrites } from './boundary'
import { CONTESTS, holdContest, type ToolContest, type ToolFigure } from './imageTools'
import { mirroredWrites, WRITES_PER_RUN, type WriteCase } from './mirroredWrites'
import { type BranchCase, recoveryBranches } from './recoveryBranches'

interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly about: string
}

interface Case {
  readonly id: string
  readonly about: string
  readonly measure: () => Figure
}

const MIB = 1024 * 1024
const WRITES = 'mirrored 4 KiB writes per wall second, real bytes'
const plain = { judged: false, model: 'ideal', spanBytes: 128 * MIB } as const

const microcode = readFileSync(fileURLToPath(new URL('../build/mirror.wasm', import.meta.url)))

/** Median latency of a task in ms; `prepare` runs before each iteration and is not timed. */
function medianMs(id: string, iterations: number, prepare: () => () => void): number {
  let run = (): void => {}
  const beforeEach = (): void => {
    run = prepare()
  }
  const bench = new Bench({ iterations, time: 0, warmupIterations: 1, warmupTime: 0 })
  bench.add(id, () => run(), { async: false, beforeEach })
  bench.runSync()
  const result = bench.tasks[0]?.result
  if (result?.state !== 'completed') throw new Error(`${id} did not complete`)
  return result.latency.p50
}

function writes(id: string, about: string, writeCase: WriteCase): Case {
  const measure = (): Figure => {
    const ms = medianMs(id, 5, () => mirroredWrites(microcode, writeCase))
    return { id, value: Math.round((WRITES_PER_RUN / ms) * 1000), unit: 'writes/s', about }
  }
  return { id, about, measure }
}

/** Branches per wall second: fresh runs, so that the first ones pay for what is kept. */
function branches(id: string, about: string, branchCase: BranchCase): Case {
  const measure = (): Figure => {
    const explore = recoveryBranches(microcode, branchCase)
    let states = 0
    const ms = medianMs(id, 5, () => () => {
      states = explore()
    })
    return { id, value: Math.round((states / ms) * 1000), unit: 'branches/s', about }
  }
  return { id, about, measure }
}

const BOUNDARY_WRITES = 200_000

function boundary(id: string, about: string): Case {
  const measure = (): Figure => {
    const carryOut = boundaryWrites(microcode)
    const ms = medianMs(id, 20, () => () => carryOut(BOUNDARY_WRITES))
    return { id, value: Number(((ms * 1e6) / BOUNDARY_WRITES).toFixed(1)), unit: 'ns', about }
  }
  return { id, about, measure }
}

function images(contest: ToolContest): Case {
  const { id, about } = contest
  const measure = (): Figure => {
    const [ours, ...others] = holdContest(contest)
    const spent = ({ processorSeconds }: ToolFigure): string => `${processorSeconds.toFixed(2)} s of processor time`
    const beside = others.map((one) => `${one.tool} ${(one.bytesPerSecond / 1e6).toFixed(0)} MB/s (${spent(one)})`)
    const besideText = beside.join(', ') || 'no other tool'
    const text = `${about}, process start included, ${spent(ours!)}; beside it: ${besideText}`
    return { id, value: Math.round(ours!.bytesPerSecond), unit: 'bytes/s', about: text }
  }
  return { id, about, measure }
}

const CASES: readonly Case[] = [
  boundary('boundary-mirrored-write', 'one mirrored write through the boundary, the microcode included'),
  writes('mirrored-writes', `simulated ${WRITES}, over 128 MiB, no judge`, plain),
  writes('mirrored-writes-judged', 'the same, every write judged', { ...plain, judged: true }),
  writes('mirrored-writes-hdd', 'on disks with the timing of a Cheetah 9LP, no judge', { ...plain, model: 'hdd' }),
  writes('mirrored-writes-ssd', 'on flash drives, no judge', { ...plain, model: 'ssd' }),
  writes('mirrored-writes-16mib', 'over 16 MiB, no judge', { ...plain, spanBytes: 16 * MIB }),
  writes('mirrored-writes-1gib', 'over 1 GiB, no judge', { ...plain, spanBytes: 1024 * MIB }),
  writes('mirrored-writes-16gib', 'over 16 GiB, no judge', { ...plain, spanBytes: 16384 * MIB }),
  writes('remote-mirrored-writes', 'over 16 MiB on two sites, each of two drives, mode sync, no judge', {
    ...plain,
    spanBytes: 16 * MIB,
    remote: true,
  }),
  branches('recovery-branches', 'recoveries after a power cut, two members of 16 MiB, 40 writes', {
    capacityMib: 16,
    writes: 40,
  }),
  branches('recovery-branches-1gib', 'the same with members of 1 GiB', { capacityMib: 1024, writes: 40 }),
  branches('recovery-branches-400', 'the same on 16 MiB, 400 writes', { capacityMib: 16, writes: 400 }),
  ...CONTESTS.map(images),
]

function main(): number {
  const request = parseBenchArguments(
    process.argv.slice(2),
    CASES.map(({ id }) => id),
  )
  if (request.kind === 'help') {
    process.stdout.write(benchHelp(CASES))
    return 0
  }
  if (request.kind === 'mistake') {
    process.stderr.write(`bench: ${request.text}\n`)
    return 2
  }
  const chosen = CASES.filter(({ id }) => request.ids.includes(id))
  const figures = chosen.map(({ measure }) => {
    const figure = measure()
    const { id, value, unit, about } = figure
    if (!request.isJson) {
      process.stdout.write(`${id.padEnd(24)} ${String(value).padStart(12)} ${unit.padEnd(9)} ${about}\n`)
    }
    return figure
  })
  if (request.isJson) process.stdout.write(`${JSON.stringify({ benchmarks: figures })}\n`)
  return 0
}

process.exitCode = main()
