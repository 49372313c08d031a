// The benchmarks: `npm run bench`, or `npm run --silent bench -- --only ID --json` for one document and nothing else on stdout.
//
// tinybench times each task with the wall clock, synchronously; results are consumed. Figures of shared machines are noisy: compare ratios
// of one run. Ids stay stable.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bench } from 'tinybench'
import { mirroredWrites, WRITES_PER_RUN } from './mirroredWrites'

interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly about: string
}

const CASES = [
  {
    id: 'mirrored-writes',
    judged: false,
    about: 'simulated mirrored 4 KiB writes per wall second, real bytes, no judge',
  },
  { id: 'mirrored-writes-judged', judged: true, about: 'the same, every write judged' },
]

function measure(only: string | undefined): Figure[] {
  const microcode = readFileSync(fileURLToPath(new URL('../build/mirror.wasm', import.meta.url)))
  return CASES.filter(({ id }) => only === undefined || id === only).map(({ id, judged, about }) => {
    // Preparing the array is not what is measured: each iteration gets a rig of its own, and only its loop is timed.
    const bench = new Bench({ iterations: 8, time: 0, warmupIterations: 2, warmupTime: 0 })
    let run = mirroredWrites(microcode, judged)
    const prepare = (): void => {
      run = mirroredWrites(microcode, judged)
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
