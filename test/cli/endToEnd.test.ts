// The built command with the real engine, in processes of its own. `npm test` builds before it tests.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { folderWith } from './fakes'

const cli = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** `interruptWhen`: polled; sends SIGINT once it holds. */
function platterlab(argv: readonly string[], interruptWhen?: (err: string) => boolean): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...argv])
  let out = ''
  let err = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  child.stderr.on('data', (data) => {
    err += data
    if (interruptWhen?.(err)) child.kill('SIGINT')
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

const CUT = `
seed: 1
array: { driveCapacity: 16 MiB }
workload:
  - pattern: { rw: randwrite, bs: 4 KiB, depth: 8, count: 400, size: 4 MiB }
faults:
  - power-cut: { duration: 1 s }
    after: { event: host-write, n: 200 }
`

describe('platterlab run', () => {
  it('is built', () => {
    expect(existsSync(cli), 'run "npm run build" first').toBe(true)
  })

  it('gives equal bytes in two processes, and a pass for a power cut in a mirrored write', async () => {
    const file = join(folderWith({ 'cut.yaml': CUT }), 'cut.yaml')
    const [first, second] = [await platterlab(['run', file, '--json']), await platterlab(['run', file, '--json'])]
    expect(first).toMatchObject({ code: 0, err: 'seed 1\n' })
    expect(second.out).toBe(first.out)
    expect(JSON.parse(first.out).scenarios[0]).toMatchObject({
      verdict: 'pass',
      figures: { faultsStruck: 1, powerCuts: 1 },
    })
  })

  it('draws other places for another seed, and the same ones twice in a process', async () => {
    const file = join(folderWith({ 'cut.yaml': CUT }), 'cut.yaml')
    const digests = []
    for (const seed of ['2', '3']) {
      const { code, out } = await platterlab(['run', file, '--json', '--seed', seed, '--check-determinism'])
      expect(code).toBe(0)
      digests.push(JSON.parse(out).scenarios[0].traceDigest)
    }
    expect(digests[0]).not.toBe(digests[1])
  })

  it('writes an image of the LUN and of each drive, and every kind of report', async () => {
    const folder = folderWith({ 'cut.yaml': CUT })
    const at = (name: string) => join(folder, 'o', name)
    const reports = ['html', 'junit', 'json'].flatMap((name) => ['--reporter', `${name}=${at(name)}`])
    const argv = ['run', join(folder, 'cut.yaml'), '--image-out', at('lun.img'), '--members-out', join(folder, 'o')]
    expect((await platterlab([...argv, ...reports])).code).toBe(0)
    expect(readdirSync(join(folder, 'o')).sort()).toEqual([
      'cut-bay0.img',
      'cut-bay1.img',
      'html',
      'json',
      'junit',
      'lun.img',
    ])
    expect(statSync(at('cut-bay0.img')).size).toBe(16 << 20)
  })

  it('tells a mistake in an fio job at its place in the scenario', async () => {
    const folder = folderWith({ 'job.yaml': 'workload:\n  - job: |\n      [w]\n      iodeepth=4\n' })
    const { code, out, err } = await platterlab(['run', join(folder, 'job.yaml')])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('job.yaml:4:7: found "iodeepth"')
  })

  it('ends a long run at once when it is interrupted: 130, and no file', async () => {
    const long =
      'seed: 1\nworkload: [{ pattern: { rw: randrw, bs: 4 KiB, depth: 8, count: 100000000 } }]\nlimits: { simulatedTime: 9 h }\n'
    const folder = folderWith({ 'long.yaml': long })
    const argv = ['run', join(folder, 'long.yaml'), '--image-out', join(folder, 'o', 'x.img')]
    const { code, out } = await platterlab(argv, (err) => err.includes('seed 1'))
    expect([code, out]).toEqual([130, ''])
    expect(existsSync(join(folder, 'o')) ? readdirSync(join(folder, 'o')) : []).toEqual([])
  })
})
