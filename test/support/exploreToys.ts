// Toy units for the tests of pools: some that compute, some that misbehave. Run by exploreTestWorker.ts.
import { ENTRY_DOORBELL } from '../../host/controller/progressCell'
import type { JobContext } from '../../host/explore/jobs'
import type { UnitJob, UnitOutcome, UnitPool } from '../../host/explore/unitPool'

export const toyJobs = {
  /** A number that depends on the input alone, after `rounds` steps. */
  mix({ seed, rounds }: { readonly seed: number; readonly rounds: number }): unknown {
    let state = seed >>> 0
    for (let round = 0; round < rounds; round++) state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return { seed, state, tail: [state & 255, state >>> 24] }
  },
  text({ kib }: { readonly kib: number }): string {
    return 'platter '.repeat(kib * 128)
  },
  /** What JSON drops. */
  odd(): unknown {
    return { gone: undefined, zero: -0, none: Number.NaN, list: [undefined], bytes: Uint8Array.of(7) }
  },
  huge(): unknown {
    return { count: 1n }
  },
  nothing(): void {},
  async sleep({ ms }: { readonly ms: number }): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return ms
  },
  fail({ line }: { readonly line: number }): never {
    throw Object.assign(new RangeError('out of paper'), { line, size: 3n })
  },
  hang(_: unknown, { progress }: JobContext): void {
    progress.enter(ENTRY_DOORBELL, 3, 0)
    for (;;) Atomics.load(progress.words, 0)
  },
  hangInHost(): void {
    for (;;) Atomics.load(new Int32Array(1), 0)
  },
  exhaustHeap(): number {
    const kept: unknown[] = []
    for (;;) kept.push({ kept: [kept.length] })
  },
  exit(): never {
    process.exit(7)
  },
}

export function toy(index: number, name: keyof typeof toyJobs | 'missing', input: unknown = null): UnitJob {
  return { key: `unit-${index}`, index, name, input }
}

export function mixes(count: number, rounds = 1000): UnitJob[] {
  return Array.from({ length: count }, (_, index) => toy(index, 'mix', { seed: index, rounds }))
}

/** All outcomes by index; an outcome that is reported twice fails. */
export async function outcomesOf(
  pool: UnitPool,
  jobs: readonly UnitJob[],
  signal = new AbortController().signal,
): Promise<Map<number, UnitOutcome>> {
  const left = [...jobs]
  const outcomes = new Map<number, UnitOutcome>()
  await pool.run(
    () => left.shift() ?? null,
    (job, outcome) => {
      if (outcomes.has(job.index)) throw new Error(`unit ${job.index} ended twice`)
      outcomes.set(job.index, outcome)
    },
    signal,
  )
  return new Map([...outcomes].sort(([a], [b]) => a - b))
}
