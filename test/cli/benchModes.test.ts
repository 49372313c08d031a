import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { benchModesCommand } from '../../host/cli/benchCommand'
import { fakeTerminal, folderWith } from './fakes'

vi.setConfig({ testTimeout: 120_000 })

const LITTLE = { rtt: '1', kills: '1', writes: '60' }
const JOB = '[mail]\nrw=randwrite\nbs=8k\nsize=2m\nio_size=512k\niodepth=4\n'

async function rowsOf(options: Parameters<typeof benchModesCommand>[0]) {
  const terminal = fakeTerminal()
  expect(await benchModesCommand({ ...LITTLE, ...options, json: true }, terminal)).toBe(0)
  return JSON.parse(terminal.printed.out).rows as { mode: string; depth: number; iops: number; mbPerSecond: number }[]
}

describe('bench modes', () => {
  it('has a row for each mode that is asked for, and load', async () => {
    const rows = await rowsOf({ mode: 'none,scheduled', depth: '1,4' })
    expect(rows.map(({ mode, depth }) => `${mode} ${depth}`)).toEqual([
      'none 1',
      'none 4',
      'scheduled 1',
      'scheduled 4',
    ])
  })

  it('carries out a workload of one’s own, and counts its bytes', async () => {
    const workload = join(folderWith({ 'mail.fio': JOB }), 'mail.fio')
    const [row] = await rowsOf({ mode: 'sync', workload })
    expect(row).toMatchObject({ mode: 'sync', depth: 0 })
    expect((row!.mbPerSecond * 1e6) / row!.iops).toBeCloseTo(8192)
  })

  it('writes a page with a plot for each load and each round trip, and nothing half', async () => {
    const folder = folderWith({})
    const html = join(folder, 'modes.html')
    expect(await benchModesCommand({ ...LITTLE, mode: 'sync', depth: '1,2', html }, fakeTerminal())).toBe(0)
    expect(readFileSync(html, 'utf8').match(/<svg /g)).toHaveLength(3)
    expect(readdirSync(folder)).toEqual(['modes.html'])
  })

  it('ends with 130 at Ctrl-C, with the rows that are there, and without a page', async () => {
    const folder = folderWith({})
    const terminal = fakeTerminal()
    setTimeout(() => terminal.interrupt(), 0)
    const options = { ...LITTLE, mode: 'sync', depth: '1,2,4,8', html: join(folder, 'modes.html'), json: true }
    expect(await benchModesCommand(options, terminal)).toBe(130)
    const { rows, complete } = JSON.parse(terminal.printed.out)
    expect(complete).toBe(false)
    expect(rows.length).toBeLessThan(4)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    [{ mode: 'sink' }, '--mode: found "sink", expected some of none, sync, received, one-behind, async, scheduled'],
    [{ capacity: '1 GiB' }, '--capacity: expected --workload with it'],
    [{ rtt: '0' }, /^--rtt: /],
    [{ workload: '/nowhere' }, /^--workload: found ENOENT/],
  ])('%j is refused', async (options, message) => {
    await expect(benchModesCommand({ ...LITTLE, ...options }, fakeTerminal())).rejects.toThrow(message)
  })

  it('tells where a job file is wrong, and leaves no page', async () => {
    const folder = folderWith({ 'mail.fio': JOB.replace('randwrite', 'randwrote') })
    const html = join(folder, 'modes.html')
    const options = { ...LITTLE, workload: join(folder, 'mail.fio'), html }
    await expect(benchModesCommand(options, fakeTerminal())).rejects.toThrow(/mail\.fio:2:4: found "randwrote"/)
    expect(existsSync(html)).toBe(false)
    expect(readdirSync(folder)).toEqual(['mail.fio'])
  })
})
