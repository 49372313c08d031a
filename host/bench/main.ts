// The benchmarks: `npm run bench`, or `npm run --silent bench -- --only ID --json` for one document and nothing else on stdout.
//
// tinybench times each task with the wall clock, synchronously; results are consumed. Figures of shared machines are noisy: compare ratios
// of one run. Ids stay stable.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bench } from 'tinybench'
import { mirroredWrites, WRITES_PER_RUN, type WriteCase } from './mirroredWrites'

interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly about: string
}

const MIB = 1024 * 1024

interface Case extends WriteCase {
  readonly id: string
  readonly about: string
}

const WRITES = 'mirrored 4 KiB writes per wall second, real bytes'
const plain = { judged: false, model: 'ideal', spanBytes: 128 * MIB } as const

const CASES: readonly Case[] = [
  { ...plain, id: 'mirrored-writes', about: `simulated ${WRITES}, over 128 MiB, no judge` },
  { ...plain, id: 'mirrored-writes-judged', judged: true, about: 'the same, every write judged' },
  { ...plain, id: 'mirrored-writes-hdd', model: 'hdd', about: 'on disks with the timing of a Cheetah 9LP, no judge' },
  { ...plain, id: 'mirrored-writes-ssd', model: 'ssd', about: 'on flash drives, no judge' },
  { ...plain, id: 'mirrored-writes-16mib', spanBytes: 16 * MIB, about: 'over 16 MiB, no judge' },
  { ...plain, id: 'mirrored-writes-1gib', spanBytes: 1024 * MIB, about: 'over 1 GiB, no judge' },
  { ...plain, id: 'mirrored-writes-16gib', spanBytes: 16384 * MIB, about: 'over 16 GiB, no judge' },
]

function measure(only: string | undefined): Figure[] {
  const microcode = readFileSync(fileURLToPath(new URL('../build/mirror.wasm', import.meta.url)))
  return CASES.filter(({ id }) => only === undefined || id === only).map((writeCase) => {
    const { id, about } = writeCase
    // Preparing the array is not what is measured: each iteration gets a rig of its own, and only its loop is timed.
    const bench = new Bench({ iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 })
    let run = mirroredWrites(microcode, writeCase)
    const prepare = (): void => {
      run = mirroredWrites(microcode, writeCase)
    }
    bench.add(id, () => run(), { async: false, beforeEach: prepare })
    bench.runSync()
    const result = bench.tasks[0]?.result
    if (result?.state !== 'completed') throw new Error(`${id} did not complete`)
    return { id, value: Math.round(WRITES_PER_RUN / (result.latency.p50 / 1000)), unit: 'writes/s', about }
  })
}

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

const figures = measure(argument('--only'))
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ benchmarks: figures })}\n`)
} else {
  for (const { id, value, unit, about } of figures) {
    process.stdout.write(`${id.padEnd(24)} ${String(value).padStart(12)} ${unit}   ${about}\n`)
  }
}
