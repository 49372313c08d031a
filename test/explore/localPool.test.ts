import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalPoolOptions, localPool } from '../../host/explore/localPool'
import type { UnitPool } from '../../host/explore/unitPool'
import { bundleWorker } from '../support/bundleWorker'
import { mixes, outcomesOf, toy, toyJobs } from '../support/exploreToys'

let bundle: { folder: string; file: URL }
const opened: UnitPool[] = []

function testPool(options: Partial<LocalPoolOptions> = {}): UnitPool {
  const pool = localPool({ threads: 2, workerFile: bundle.file, stallMs: 300, ...options })
  opened.push(pool)
  return pool
}

/** Threads of this process, Node's own included. */
const threadCount = (): number => readdirSync('/proc/self/task').length

beforeAll(async () => {
  bundle = await bundleWorker(new URL('../support/exploreTestWorker.ts', import.meta.url))
})
afterEach(async () => {
  for (const pool of opened.splice(0)) await pool.close()
})
afterAll(() => rmSync(bundle.folder, { recursive: true }))

describe('a pool of threads', () => {
  it('gives the same outputs with one thread and with three', async () => {
    const one = await outcomesOf(testPool({ threads: 1 }), mixes(40))
    const three = await outcomesOf(testPool({ threads: 3 }), mixes(40).reverse())
    expect(one.size).toBe(40)
    expect(one.get(7)).toEqual({ kind: 'done', output: toyJobs.mix({ seed: 7, rounds: 1000 }) })
    expect([...three]).toEqual([...one])
  })

  it('asks again after an outcome, which may lead to more work', async () => {
    const queue = [toy(0, 'mix', { seed: 0, rounds: 1 })]
    const ended: number[] = []
    await testPool().run(
      () => queue.shift() ?? null,
      ({ index }) => {
        ended.push(index)
        if (index < 5) queue.push(toy(index + 1, 'mix', { seed: 0, rounds: 1 }))
      },
      new AbortController().signal,
    )
    expect(ended).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('reports as soon as a unit ends, not in order', async () => {
    const ended: number[] = []
    const jobs = [toy(0, 'sleep', { ms: 300 }), ...mixes(4).slice(1)]
    await testPool().run(
      () => jobs.shift() ?? null,
      ({ index }) => ended.push(index),
      new AbortController().signal,
    )
    expect(ended).toEqual([1, 2, 3, 0])
  })

  it('lets outputs through JSON, and nothing else', async () => {
    const outcomes = await outcomesOf(testPool(), [toy(0, 'odd'), toy(1, 'nothing'), toy(2, 'huge')])
    expect(outcomes.get(0)).toStrictEqual({
      kind: 'done',
      output: { zero: 0, none: null, list: [null], bytes: { 0: 7 } },
    })
    expect(outcomes.get(1)).toStrictEqual({ kind: 'done' })
    expect(outcomes.get(2)).toMatchObject({ kind: 'failed', error: { name: 'TypeError' } })
  })

  it('reports what a job throws', async () => {
    const outcomes = await outcomesOf(testPool(), [toy(0, 'fail', { line: 12 }), toy(1, 'missing')])
    expect(outcomes.get(0)).toMatchObject({ kind: 'failed', error: { name: 'RangeError', message: 'out of paper' } })
    expect(outcomes.get(1)).toMatchObject({ kind: 'failed', error: { message: 'no job is called "missing"' } })
  })
})

describe('a unit that misbehaves costs itself alone', () => {
  it('when its microcode never returns', async () => {
    const jobs = [toy(50, 'hang'), ...mixes(20), toy(51, 'hang'), toy(52, 'mix', { seed: 1, rounds: 1 })]
    const outcomes = await outcomesOf(testPool(), jobs)
    expect(outcomes.size).toBe(jobs.length)
    const stalled = {
      kind: 'stalled',
      entry: 'doorbell(host slot 3)',
      reason:
        'the microcode never returned from doorbell(host slot 3): killed after 0.3 s (call 1, at 0 µs of simulated time)',
    }
    expect([outcomes.get(50), outcomes.get(51)]).toEqual([stalled, stalled])
    expect([...outcomes.values()].filter(({ kind }) => kind === 'done')).toHaveLength(21)
  })

  it('when the host stands still', async () => {
    const pool = testPool({ threads: 1, stallMs: 100, hostStallMs: 400 })
    const outcomes = await outcomesOf(pool, [toy(0, 'hangInHost'), toy(1, 'nothing')])
    expect(outcomes.get(0)).toMatchObject({ kind: 'stalled', entry: null })
    expect(outcomes.get(1)).toEqual({ kind: 'done' })
  })

  it('when it exhausts its memory, or ends its thread', async () => {
    const pool = testPool({ heapMibMax: 24, stallMs: 30_000 })
    const outcomes = await outcomesOf(pool, [toy(50, 'exhaustHeap'), toy(51, 'exit'), ...mixes(10)])
    expect(outcomes.get(50)).toMatchObject({ kind: 'died', reason: expect.stringMatching(/memory/) })
    expect(outcomes.get(51)).toEqual({ kind: 'died', reason: 'worker exited with code: 7' })
    expect([...outcomes.values()].filter(({ kind }) => kind === 'done')).toHaveLength(10)
  })
})

describe('the end of a run', () => {
  it.runIf(process.platform === 'linux')('comes soon after an abort, and leaves no threads', async () => {
    let during = 0
    const stop = new AbortController()
    const pool = testPool({ threads: 3, stallMs: 60_000 })
    const jobs = [toy(0, 'hang'), toy(1, 'hang'), ...mixes(1000, 1_000_000).slice(2)]
    setTimeout(() => {
      during = threadCount()
      stop.abort()
    }, 500)
    const start = performance.now()
    const outcomes = await outcomesOf(pool, jobs, stop.signal)
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(outcomes.size).toBeLessThan(1000)
    await pool.close()
    expect(threadCount()).toBeLessThanOrEqual(during - 3)
  })

  it('comes at once when the signal was aborted before', async () => {
    expect((await outcomesOf(testPool(), mixes(3), AbortSignal.abort())).size).toBe(0)
  })

  it('is an error when the caller threw', async () => {
    const never = new AbortController().signal
    const pool = testPool()
    const failing = (): never => {
      throw new Error('disk full')
    }
    await expect(pool.run(failing, () => {}, never)).rejects.toThrow('disk full')
    const jobs = mixes(10)
    await expect(pool.run(() => jobs.shift() ?? null, failing, never)).rejects.toThrow('disk full')
    // The pool is fit for the next run.
    expect((await outcomesOf(pool, mixes(3))).size).toBe(3)
  })

  it('is an error when no thread can start', async () => {
    const file = join(bundle.folder, 'broken.mjs')
    writeFileSync(file, `throw new Error('cannot start')\n`)
    await expect(outcomesOf(testPool({ workerFile: pathToFileURL(file) }), mixes(6))).rejects.toThrow('cannot start')
  })

  it('leaves nothing of a closed pool that still ran', async () => {
    const pool = testPool({ stallMs: 60_000 })
    const running = outcomesOf(pool, [toy(0, 'hang'), toy(1, 'hang'), ...mixes(5).slice(2)])
    setTimeout(() => pool.close(), 200)
    expect((await running).size).toBe(0)
  })

  it('wants whole threads, and one run at a time', async () => {
    expect(() => testPool({ threads: 0 })).toThrow('threads: 1 or more')
    const pool = testPool()
    const first = outcomesOf(pool, mixes(3))
    await expect(outcomesOf(pool, mixes(3))).rejects.toThrow('one run at a time')
    await first
  })
})
