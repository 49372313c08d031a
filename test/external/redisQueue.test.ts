import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest'
import { localPool } from '../../host/explore/localPool'
import { type QueuePoolOptions, queuePool } from '../../host/explore/queuePool'
import type { UnitJob, UnitOutcome, UnitPool } from '../../host/explore/unitPool'
import { mixes, outcomesOf, toy } from '../support/exploreToys'
import { bundleQueueWorker, freePort, type RunningProcess, start, startRedis } from './redisServer'
import { requireTool } from './tools'

const QUEUE = 'units-of-a-test'
/** With workers alive. */
const LEFT_BEHIND = ['events', 'id', 'meta'].map((key) => `bull:${QUEUE}:${key}`)

let folder = ''
let url = ''
let files = { process: '', threads: '' }
let server: RunningProcess | null = null
const workers: RunningProcess[] = []
const pools: UnitPool[] = []

async function startServer(ctx: Pick<TestContext, 'skip'>): Promise<void> {
  const path = requireTool(ctx, 'redis-server')
  if (folder === '') {
    folder = mkdtempSync(join(tmpdir(), 'platterlab-redis-'))
    files = await bundleQueueWorker(folder)
  }
  const port = await freePort()
  url = `redis://127.0.0.1:${port}`
  server = await startRedis(path, folder, port)
}

function startWorker(threads = 1, file = files.threads): RunningProcess {
  const worker = start(process.execPath, [files.process, url, QUEUE, String(threads), file])
  workers.push(worker)
  return worker
}

function testPool(options: Partial<QueuePoolOptions> = {}): UnitPool {
  const pool = queuePool(url, { campaign: 'c1', queue: QUEUE, patienceMs: 3_000, ...options })
  pools.push(pool)
  return pool
}

async function locally(jobs: readonly UnitJob[]): Promise<[number, UnitOutcome][]> {
  const pool = localPool({ threads: 2, workerFile: pathToFileURL(files.threads), stallMs: 500 })
  pools.push(pool)
  return [...(await outcomesOf(pool, jobs))]
}

/** But for a mark of the last look after stalled jobs: it expires by itself, sooner or later. */
async function keysLeft(): Promise<string[]> {
  const client = new Redis(url)
  const keys = await client.keys('*')
  client.disconnect()
  return keys.filter((key) => !key.endsWith(':stalled-check')).sort()
}

async function eventCount(): Promise<number> {
  const client = new Redis(url)
  const count = await client.xlen(`bull:${QUEUE}:events`)
  client.disconnect()
  return count
}

/** Whoever carries the unit out holds this: another one each time it is begun. */
async function lockOf(unit: string): Promise<string | null> {
  const client = new Redis(url)
  const lock = await client.get(`bull:${QUEUE}:c1.${unit}:lock`)
  client.disconnect()
  return lock
}

const unitsOf = (worker: RunningProcess): string[] => worker.output().split('\n').filter(Boolean)

beforeEach(startServer)
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
  for (const worker of workers.splice(0)) await worker.end('SIGKILL')
  await server?.end('SIGKILL')
  server = null
})
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true })
})

describe('a campaign through a queue', () => {
  it('loses nothing when a worker is killed, and equals the same campaign in threads of this machine', async () => {
    // About 0.1 s each, so that the kill comes in the middle.
    const jobs = [...mixes(60, 20_000_000), toy(60, 'text', { kib: 300 }), toy(61, 'odd')]
    const [victim, survivor] = [startWorker(), startWorker()]
    const left = [...jobs]
    const outcomes = new Map<number, UnitOutcome>()
    const ended = ({ index }: UnitJob, outcome: UnitOutcome): void => {
      expect(outcomes.has(index)).toBe(false)
      outcomes.set(index, outcome)
      // In the middle of a unit of its own.
      if (outcomes.size === 20) setTimeout(() => victim.end('SIGKILL'), 30)
    }
    await testPool().run(() => left.shift() ?? null, ended, new AbortController().signal)
    // What a worker prints may come after what it has delivered.
    await vi.waitFor(() => {
      const [ofVictim, ofSurvivor] = [unitsOf(victim), unitsOf(survivor)]
      expect(ofVictim.length).toBeGreaterThan(0)
      // The victim may have delivered a unit and died before it could print that.
      expect(ofSurvivor.length).toBeGreaterThanOrEqual(jobs.length - ofVictim.length - 1)
    })
    expect(await victim.end('SIGKILL')).toBe('SIGKILL')
    expect([...outcomes].sort(([a], [b]) => a - b)).toEqual(await locally(jobs))
    expect(await keysLeft()).toEqual(LEFT_BEHIND)
    expect(await eventCount()).toBeLessThan(100)
  })

  it('reports units that misbehave, at the price of one thread', async () => {
    const jobs = [toy(0, 'hang'), toy(1, 'exit'), toy(2, 'nothing'), toy(3, 'missing'), ...mixes(10).slice(4)]
    startWorker(2)
    const outcomes = await outcomesOf(testPool(), jobs)
    const plain = (all: Iterable<[number, UnitOutcome]>): unknown[] =>
      [...all].map(([, outcome]) => (outcome.kind === 'failed' ? outcome.error.message : outcome))
    expect(outcomes.get(0)).toMatchObject({ kind: 'stalled', entry: 'doorbell(host slot 3)' })
    expect(plain(outcomes)).toEqual(plain(await locally(jobs)))
  })

  it('gives a unit up on which three workers died', async () => {
    const [deadly, harmless] = [toy(0, 'sleep', { ms: 60_000 }), toy(1, 'nothing')]
    const running = outcomesOf(testPool(), [deadly, harmless])
    const locks: (string | null)[] = [null]
    for (let death = 0; death < 3; death++) {
      const worker = startWorker(2)
      // A worker counts as dead on a unit only when it had begun it.
      await expect.poll(() => lockOf(deadly.key), { timeout: 30_000 }).not.toBeOneOf(locks)
      locks.push(await lockOf(deadly.key))
      // The other one has nothing to do with it.
      await expect.poll(() => workers.flatMap(unitsOf), { timeout: 30_000 }).toContain(`c1.${harmless.key}`)
      await worker.end('SIGKILL')
    }
    startWorker(2)
    expect([...(await running).values()]).toEqual([
      { kind: 'died', reason: '3 workers died while they carried it out' },
      { kind: 'done' },
    ])
    expect((await keysLeft()).filter((key) => key.includes('c1.'))).toEqual([])
  })

  it('does not suffer from a worker whose threads cannot start', async () => {
    const running = outcomesOf(testPool(), mixes(20))
    const broken = startWorker(2, files.process.replace('process', 'nothing'))
    await expect.poll(() => broken.process.exitCode, { timeout: 60_000 }).toBe(1)
    startWorker(2)
    expect([...(await running)]).toEqual(await locally(mixes(20)))
  })

  it('tells how many threads work', async () => {
    const counts: number[] = []
    const running = outcomesOf(testPool({ onWorkers: (threads) => counts.push(threads) }), [
      toy(0, 'sleep', { ms: 6_000 }),
    ])
    startWorker(2)
    startWorker(3)
    await running
    expect([counts[0], counts.at(-1)]).toEqual([0, 5])
  })
})

describe('the end of a coordinator', () => {
  it('comes soon after an abort, and takes back what nobody began', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 1_000)
    expect((await outcomesOf(testPool(), mixes(30), stop.signal)).size).toBe(0)
    expect((await keysLeft()).filter((key) => key.includes('c1.'))).toEqual([])
  })

  it('leaves results to the next one of the same campaign', async () => {
    const stop = new AbortController()
    const first = outcomesOf(testPool(), mixes(8, 200_000_000), stop.signal)
    const worker = startWorker()
    // In the middle of the third unit, which is finished.
    await expect.poll(() => unitsOf(worker).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
    stop.abort()
    const before = await first
    await expect.poll(() => unitsOf(worker).length, { timeout: 60_000 }).toBe(before.size + 1)
    expect(await worker.end('SIGTERM')).toBe(0)
    const left = mixes(8, 200_000_000).filter(({ index }) => !before.has(index))
    const again = new AbortController()
    const found: number[] = []
    // Nobody works now.
    const second = testPool().run(
      () => left.shift() ?? null,
      ({ index }) => {
        found.push(index)
        again.abort()
      },
      again.signal,
    )
    await second
    expect(found).toEqual([before.size])
  })
})

describe('a server that is not there', () => {
  it('is an error that names it, without the password', async () => {
    const port = await freePort()
    const pool = queuePool(`redis://joe:secret@127.0.0.1:${port}/0`, { campaign: 'c1', patienceMs: 1_000 })
    pools.push(pool)
    const start = performance.now()
    await expect(outcomesOf(pool, mixes(3))).rejects.toThrow(
      `no answer from redis://127.0.0.1:${port}/0 for 1 s: connect ECONNREFUSED 127.0.0.1:${port}`,
    )
    expect(performance.now() - start).toBeLessThan(4_000)
    expect(() => queuePool('http://joe:secret@host', { campaign: 'c1' })).toThrow(/^a queue needs a server as redis:/)
    expect(() => queuePool(url, { campaign: 'a:b' })).toThrow('a campaign or a unit is named by')
  })

  it('ends the coordinator and the workers when it is lost', async () => {
    const worker = startWorker()
    const running = outcomesOf(testPool(), [toy(0, 'nothing'), toy(1, 'sleep', { ms: 60_000 })])
    setTimeout(() => server?.end('SIGKILL'), 2_000)
    await expect(running).rejects.toThrow(/^no answer from redis:\S+ for 3 s: connect ECONNREFUSED/)
    await expect.poll(() => worker.process.exitCode, { timeout: 15_000 }).toBe(4)
    expect(worker.output()).toMatch(/no answer from redis:\S+ for 3 s/)
  })

  it('is waited for while it restarts, and told again what it forgot', async () => {
    const running = outcomesOf(testPool({ patienceMs: 20_000 }), mixes(40, 20_000_000))
    await sleep(1_000)
    await server?.end('SIGKILL')
    server = await startRedis(server!.process.spawnfile, folder, Number(new URL(url).port))
    startWorker(2)
    expect([...(await running)]).toEqual(await locally(mixes(40, 20_000_000)))
  })
})
