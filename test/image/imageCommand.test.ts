import { closeSync, existsSync, openSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../host/cli/program'
import { progressLine } from '../../host/cli/progressLine'
import { statusLine } from '../../host/cli/statusLine'
import { at, randomFile, useDirectory } from './files'
import { image, listener } from './imageCli'

useDirectory()

describe('platterlab image', () => {
  it('creates, and tells how much of it was zeros', async () => {
    randomFile('source', 1 << 20, 1, (position) => position >= 1 << 19)
    const { code, out } = await image('create', at('source'), at('image'))
    expect(code).toBe(0)
    expect(out).toMatch(/source -> .*image: complete\ncopied 1 MiB, 512 KiB of it zeros, in [\d.]+ s/)
  })

  it('puts one JSON document on stdout, with units in its keys', async () => {
    randomFile('source', 10_000)
    const { code, out, err } = await image('create', at('source'), at('image'), '--json')
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      command: 'create',
      outcome: 'complete',
      isComplete: true,
      sourceBytes: 10_000,
      doneBytes: 10_000,
      sectorBytes: 512,
      lostSectors: 0,
      lost: [],
      stateFile: null,
    })
  })

  it('ends with 1 when files differ, and lists where', async () => {
    const content = randomFile('a', 4096)
    content[700] ^= 1
    content[1100] ^= 1
    writeFileSync(at('b'), content)
    const { code, out } = await image('verify', at('a'), at('b'))
    expect(code).toBe(1)
    expect(out).toContain('2 sectors of 512 B listed:\n  sectors 1 to 2: differs\n')
  })

  it.each([
    [['create', 'NOTHING', 'IMAGE'], 'NOTHING does not exist'],
    [['create', 'SOURCE', 'IMAGE', '--sector-size', '1000'], '--sector-size: found 1000, expected one of 512, 520'],
    [['create', 'SOURCE', 'IMAGE', '--retries', 'many'], '--retries: found "many", expected a whole number'],
    [['create', 'SOURCE', 'IMAGE', '--resume', '--restart'], '--resume and --restart exclude each other'],
    [['create', 'SOURCE', 'IMAGE', '--power-cut', '1s'], '--unreadable and --power-cut are for simulated drives'],
    [['create', 'SOURCE', 'IMAGE', '--source-drive', 'tape'], '--source-drive: found "tape", expected ideal, hdd, ssd'],
    [['create', 'SOURCE', 'IMAGE', '--source-drive', 'hdd:x'], '--source-drive: found "x", expected one of cheetah9lp'],
    [['create', 'SOURCE', 'IMAGE', '--source-drive', 'hdd', '--unreadable', '5-1'], '--unreadable: found "5-1"'],
    [['create', 'SOURCE', 'IMAGE', '--source-drive', 'hdd', '--power-cut', '1'], '--power-cut: found "1"'],
    [['create', 'SOURCE', 'IMAGE', '--source-drive', 'hdd', '--resume'], 'cannot be resumed'],
    [['verify', 'SOURCE', 'SOURCE', '--read-back'], '--read-back is for what is written'],
    [['create', 'SOURCE'], "missing required argument 'image'"],
  ])('refuses %j with 2, and writes nothing', async (argv, words) => {
    randomFile('SOURCE', 4096)
    const { code, out, err } = await image(...argv.map((word) => (/^[A-Z]+$/.test(word) ? at(word) : word)))
    expect(code).toBe(2)
    expect(err).toContain(words)
    expect(out).toBe('')
  })

  it('plays a copy on simulated drives, with bad sectors and power cuts', async () => {
    randomFile('source', 1 << 20)
    const faults = ['--unreadable', '7,100-101', '--power-cut', '2 ms', '--power-cut', '5ms']
    const { code, out } = await image('create', at('source'), at('image'), '--source-drive', 'hdd', ...faults)
    expect(code).toBe(1)
    expect(out).toMatch(/on the simulated drives: [\d.]+ m?s \(.*\/s\), with 2 power cuts/)
    expect(out).toContain('  sector 7: source: medium error\n  sectors 100 to 101: source: medium error\n')
  })

  it('ends with 130 after Ctrl-C, and says how to go on', async () => {
    // Many stretches of work, so that Ctrl-C falls into the middle: holes that are read.
    const head = randomFile('source', 1 << 20)
    truncateSync(at('source'), 2 ** 30)
    const options = ['--state', at('state'), '--read-holes']
    const interrupt = new AbortController()
    const { terminal, told } = listener(interrupt.signal)
    const copy = runCli(['image', 'create', at('source'), at('image'), '--sync', ...options], terminal)
    // The copier has begun when its state is there.
    const begun = setInterval(() => {
      if (existsSync(at('state'))) interrupt.abort()
    }, 1)
    const code = await copy
    clearInterval(begun)
    expect(code).toBe(130)
    expect(told.err).toContain(`--resume goes on with it (${at('state')})`)
    const resumed = await image('create', at('source'), at('image'), '--resume', ...options)
    expect(resumed.code).toBe(0)
    expect(resumed.err).toContain('went on at sector ')
    expect(statSync(at('image')).size).toBe(2 ** 30)
    const found = Buffer.alloc(head.length)
    const descriptor = openSync(at('image'), 'r')
    readSync(descriptor, found, 0, found.length, 0)
    closeSync(descriptor)
    expect(found.equals(head)).toBe(true)
  })
})

describe('the progress line', () => {
  const progress = { sectors: 4096, sectorsDone: 1024, lostSectors: 0 }

  it('is silent where stderr is no terminal', () => {
    const { terminal, told } = listener()
    const line = progressLine(terminal, 512, false, () => 1000)
    line.show(progress)
    line.end()
    expect(told.err).toBe('')
  })

  it('is rewritten on a terminal, not too often, and taken away at the end', () => {
    let timeMs = 0
    const { terminal, told } = listener()
    const line = progressLine(terminal, 512, true, () => timeMs)
    line.show({ ...progress, sectorsDone: 0 })
    timeMs = 1000
    line.show(progress)
    timeMs = 1001
    line.show(progress)
    line.end()
    expect(told.err).toBe('\r\x1b[K25 %  512 KiB of 2 MiB, 512 KiB/s now, 512 KiB/s mean\r\x1b[K')
  })

  it('does not count in the rates what an earlier run copied', () => {
    let timeMs = 0
    const { terminal, told } = listener()
    const line = progressLine(terminal, 512, true, () => timeMs)
    line.show({ ...progress, resumedAtSector: 512 })
    timeMs = 1000
    line.show({ ...progress, resumedAtSector: 512 })
    expect(told.err).toBe('\r\x1b[K25 %  512 KiB of 2 MiB, 256 KiB/s now, 256 KiB/s mean')
  })

  it('is no longer than the terminal is wide', () => {
    let timeMs = 0
    const { terminal, told } = listener()
    const line = statusLine(
      terminal,
      true,
      () => timeMs,
      () => 20,
    )
    timeMs = 1000
    line.show(() => 'x'.repeat(50))
    expect(told.err).toBe(`\r\x1b[K${'x'.repeat(19)}`)
  })

  it('says how many targets have failed', () => {
    const { terminal, told } = listener()
    let timeMs = 0
    const line = progressLine(terminal, 512, true, () => timeMs)
    timeMs = 1000
    line.show({ ...progress, droppedTargets: 2 })
    expect(told.err).toContain('512 KiB of 2 MiB, 2 targets dropped')
  })
})
