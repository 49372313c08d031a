import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type IsolatedOptions, IsolatedRunner, stallText } from '../../host/cli/isolated'
import type { jobs } from '../../host/cli/jobs'
import { bundleWorker } from '../support/bundleWorker'
import { compileFixture } from '../support/compileFixture'
import type { testJobs } from '../support/testWorker'
import { tinyModule } from '../support/tinyModule'

/** () -> i32 that loops: loop (result i32) br 0 end. */
const LOOPS = tinyModule({ functions: ['doorbell'], body: [0x03, 0x7f, 0x0c, 0, 0x0b] })
const RETURNS_ONE = tinyModule({ functions: ['doorbell'], body: [0x41, 1] })

let bundle: { folder: string; file: URL }
const opened: { close(): Promise<void> }[] = []

function testRunner(options: IsolatedOptions = {}): IsolatedRunner<typeof testJobs> {
  const runner = new IsolatedRunner<typeof testJobs>({ workerFile: bundle.file, stallMs: 300, ...options })
  opened.push(runner)
  return runner
}

beforeAll(async () => {
  bundle = await bundleWorker(new URL('../support/testWorker.ts', import.meta.url))
})
afterEach(async () => {
  for (const runner of opened.splice(0)) await runner.close()
})
afterAll(() => rmSync(bundle.folder, { recursive: true }))

describe('a job in a worker', () => {
  it('gives back what it returns, also the second one in the same worker', async () => {
    const runner = testRunner()
    expect(await runner.run('ring', { bytes: RETURNS_ONE, calls: 5 })).toEqual({ kind: 'done', output: 5 })
    expect(await runner.run('ring', { bytes: RETURNS_ONE, calls: 7 })).toEqual({ kind: 'done', output: 7 })
  })

  it('sends notes before its end, in order', async () => {
    const notes: unknown[] = []
    const outcome = await testRunner().run('notes', ['a', { b: 1 }], { onNote: (value) => notes.push(value) })
    expect([outcome, notes]).toEqual([{ kind: 'done', output: 2 }, ['a', { b: 1 }]])
  })

  it('gives back the name, message and fields of what it throws', async () => {
    const outcome = await testRunner().run('fail', { line: 12 })
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { name: 'RangeError', message: 'out of paper', fields: { line: 12 } },
    })
  })

  it('fails when its output cannot cross', async () => {
    expect(await testRunner().run('returnFunction', undefined as never)).toMatchObject({
      kind: 'failed',
      error: { name: 'DataCloneError' },
    })
  })
})

describe('the watchdog', () => {
  it('ends microcode that never returns, and names the entry point', async () => {
    const runner = testRunner()
    const outcome = await runner.run('ring', { bytes: LOOPS, calls: 3 })
    expect(outcome).toMatchObject({ kind: 'stalled', entry: 'doorbell(host slot 0)' })
    if (outcome.kind !== 'stalled') throw new Error('unreachable')
    expect(stallText(outcome)).toBe(
      'the microcode never returned from doorbell(host slot 0): killed after 0.3 s (call 1, at 0 µs of simulated time)',
    )
  })

  it('ends the fixture that loops in its first write', async () => {
    const outcome = await testRunner().run('writeThroughFixture', { bytes: await compileFixture('loopsForever') })
    expect(outcome).toMatchObject({ kind: 'stalled', entry: 'doorbell(host slot 2)' })
  })

  it('runs the next job in a new worker', async () => {
    const runner = testRunner()
    await runner.run('ring', { bytes: LOOPS, calls: 1 })
    expect(await runner.run('ring', { bytes: RETURNS_ONE, calls: 2 })).toEqual({ kind: 'done', output: 2 })
  })

  it('lets a run live for as long as its calls return', async () => {
    expect(await testRunner().run('ringForMs', { ms: 1200 })).toMatchObject({ kind: 'done' })
  })

  it('tells a host that stands still from a microcode that does', async () => {
    const outcome = await testRunner({ stallMs: 100, hostStallMs: 300 }).run('loopInHost', undefined as never)
    expect(outcome).toMatchObject({ kind: 'stalled', entry: null })
  })

  it('survives a worker that runs out of memory', async () => {
    const outcome = await testRunner({ heapMibMax: 24, stallMs: 30_000 }).run('exhaustHeap', undefined as never)
    expect(outcome).toMatchObject({ kind: 'died', reason: expect.stringMatching(/memory/) })
  })

  it('survives a worker that exits', async () => {
    const outcome = await testRunner().run('exit', undefined as never)
    expect(outcome).toEqual({ kind: 'died', reason: 'the worker ended with code 7' })
  })

  it('ends a job that nobody wants any more', async () => {
    const stop = new AbortController()
    const running = testRunner({ stallMs: 60_000 }).run('ring', { bytes: LOOPS, calls: 1 }, { signal: stop.signal })
    setTimeout(() => stop.abort(), 50)
    expect(await running).toEqual({ kind: 'cancelled' })
    expect(await testRunner().run('notes', [], { signal: stop.signal })).toEqual({ kind: 'cancelled' })
  })

  it('refuses two jobs at a time', async () => {
    const runner = testRunner()
    const first = runner.run('notes', [])
    await expect(runner.run('notes', [])).rejects.toThrow('one job at a time')
    await first
  })
})

describe('the real worker', () => {
  let real: { folder: string; file: URL }
  beforeAll(async () => {
    real = await bundleWorker(new URL('../../host/cli/worker.ts', import.meta.url))
  })
  afterAll(() => rmSync(real.folder, { recursive: true }))

  async function inspect(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
    const runner = new IsolatedRunner<typeof jobs>({ workerFile: real.file, stallMs: 300 })
    opened.push(runner)
    return runner.run('inspect-microcode', { bytes })
  }

  it('inspects a microcode', async () => {
    expect(await inspect(await compileFixture('passthrough'))).toMatchObject({
      kind: 'done',
      output: { descriptor: { hostSlotCount: 8, bayCount: 1 }, panel: null },
    })
  })

  it('reports a module that lies, that loops, or that is none', async () => {
    expect(await inspect(await compileFixture('liesInDescriptor'))).toMatchObject({
      kind: 'failed',
      error: { name: 'MicrocodeRefused', fields: { subject: 'area status' } },
    })
    const functions = ['describe', 'boot', 'doorbell', 'interrupt', 'receive', 'timer', 'hotplug']
    const loopsInDescribe = tinyModule({ functions, memories: ['memory'], body: [0x03, 0x7f, 0x0c, 0, 0x0b] })
    expect(await inspect(loopsInDescribe)).toMatchObject({ kind: 'stalled', entry: 'describe()' })
    expect(await inspect(Uint8Array.of(1, 2, 3))).toMatchObject({ kind: 'failed', error: { name: 'MicrocodeRefused' } })
  })
})
