import { describe, expect, it } from 'vitest'
import {
  COPY_FORGET,
  COPY_IDLE,
  COPY_IMMED,
  COPY_RESUME,
  COPY_RUNNING,
  COPY_START,
  COPY_STOP,
  JOB_BYTES,
  JOB_SOURCE_BAY,
  JOB_TARGET_BAY,
} from '../../assembly/abi/copier'
import type { CommandAnswer } from '../../host/image/copyJob'
import { jobBlock } from '../../host/image/copyJob'
import { Bench } from './bench'

function ask(bench: Bench, cdb: readonly number[], dataInBytes = 255, dataOut = new Uint8Array(0)): CommandAnswer {
  let answer: CommandAnswer | null = null
  bench.array.send(
    Uint8Array.from([...cdb, ...Array<number>(16 - cdb.length).fill(0)]),
    dataOut,
    dataInBytes,
    (given) => {
      answer = given
    },
  )
  bench.array.run(20)
  if (!answer) throw new Error('the command must be answered')
  return answer
}

/** Sense key, additional sense code, qualifier. */
function senseOf({ sense }: CommandAnswer): number[] {
  return [sense[2]!, sense[12]!, sense[13]!]
}

describe('the SCSI commands of the copier', () => {
  it('identifies itself as a processor device', () => {
    const { status, dataIn } = ask(new Bench(), [0x12, 0, 0, 0, 96])
    expect(status).toBe(0)
    expect([...dataIn.subarray(0, 5)]).toEqual([0x03, 0, 0x07, 0x02, 31])
    expect(Buffer.from(dataIn.subarray(8, 36)).toString('latin1')).toBe('PLABLAB COPIER          0001')
  })

  it('answers TEST UNIT READY, REQUEST SENSE and REPORT LUNS', () => {
    const bench = new Bench()
    expect(ask(bench, [0x00]).status).toBe(0)
    expect([...ask(bench, [0x03, 0, 0, 0, 18]).dataIn.subarray(0, 3)]).toEqual([0x70, 0, 0])
    expect([...ask(bench, [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16]).dataIn]).toEqual([0, 0, 0, 8, ...Array(12).fill(0)])
  })

  it.each([
    ['an unknown operation code', [0x28], [5, 0x20, 0]],
    ['an unknown service action', [0xc0, 0x1f], [5, 0x24, 0]],
    ['a vital product data page', [0x12, 1, 0x83, 0, 96], [5, 0x24, 0]],
    ['a job without a job block', [0xc0, COPY_START], [5, 0x1a, 0]],
    ['going on without a job', [0xc0, COPY_RESUME], [5, 0x2c, 0]],
  ])('refuses %s', (_, cdb, sense) => {
    const answer = ask(new Bench(), cdb)
    expect(answer.status).toBe(2)
    expect(senseOf(answer)).toEqual(sense)
  })

  it.each([
    ['the same bay twice', 0, 0],
    ['a bay that does not exist', 0, 8],
  ])('refuses a job with %s', (_, source, target) => {
    const bench = new Bench()
    const block = jobBlock({ flags: 0, sectors: 0 }, 512)
    new DataView(block.buffer).setUint32(JOB_SOURCE_BAY, source)
    new DataView(block.buffer).setUint32(JOB_TARGET_BAY, target)
    const answer = ask(bench, [0xc0, COPY_START], 0, new Uint8Array(block))
    expect(senseOf(answer)).toEqual([5, 0x26, 0])
    expect(bench.state).toBe(COPY_IDLE)
  })

  it('refuses a target that is too small, and writes nothing to it', () => {
    const bench = new Bench({ targetSectors: 2047 })
    const before = bench.target.medium.pageOf(0)
    bench.start()
    bench.settle()
    expect(senseOf(bench.answer!)).toEqual([5, 0x26, 0])
    expect(bench.target.medium.pageOf(0)).toBe(before)
  })

  it('does one job at a time', () => {
    const bench = new Bench({ sectors: 20_000 })
    bench.start()
    bench.array.run(50)
    expect(bench.state).toBe(COPY_RUNNING)
    const block = jobBlock({ flags: 0, sectors: 0 }, 512)
    expect(senseOf(ask(bench, [0xc0, COPY_START], 0, new Uint8Array(block)))).toEqual([5, 0x2c, 0])
    expect(senseOf(ask(bench, [0xc0, COPY_FORGET]))).toEqual([5, 0x2c, 0])
    bench.settle()
    expect(bench.differing()).toEqual([])
  })

  it('answers at once when asked to, and lets others wait for the end', () => {
    const bench = new Bench()
    bench.start({}, COPY_START | COPY_IMMED)
    bench.array.run(3)
    expect(bench.answer?.status).toBe(0)
    bench.send(COPY_RESUME)
    bench.array.run(3)
    expect(bench.answer).toBeNull()
    bench.settle()
    expect(bench.answer).toMatchObject({ status: 0 })
  })

  it('forgets a job for good', () => {
    const bench = new Bench()
    bench.start()
    bench.settle()
    expect(ask(bench, [0xc0, COPY_FORGET]).status).toBe(0)
    bench.array.powerCycle()
    bench.settle()
    expect(bench.state).toBe(COPY_IDLE)
  })

  it('stops when there is nothing to stop', () => {
    expect(ask(new Bench(), [0xc0, COPY_STOP]).status).toBe(0)
  })

  it('copies a part to another place', () => {
    const bench = new Bench({ sectors: 1000 })
    const block = jobBlock({ flags: 0, sectors: 100 }, 512)
    const view = new DataView(block.buffer)
    view.setBigUint64(12, 500n)
    view.setBigUint64(20, 17n)
    expect(block.length).toBe(JOB_BYTES)
    const wanted = new Uint8Array(100 * 512)
    bench.source.medium.read(500, 100, wanted, 0)
    bench.send(COPY_START, block)
    bench.settle()
    const found = new Uint8Array(100 * 512)
    bench.target.medium.read(17, 100, found, 0)
    expect(Buffer.compare(found, wanted)).toBe(0)
  })
})

describe('the front panel of the copier', () => {
  it('tells what it is, what it does and what happened', () => {
    const bench = new Bench()
    bench.sourceFaults.makeUnreadable(40, 2)
    bench.start()
    bench.settle()
    const panel = bench.array.site.controller.panel!
    expect(panel.identify()).toContain('copier')
    expect(panel.status()).toEqual(
      expect.arrayContaining(['state: done', 'listed: 2 sectors', '  sectors 40 + 2: source, medium error']),
    )
    expect(panel.log().at(-1)).toContain('done at sector 2048')
  })

  it('sets defaults by name, and refuses nonsense', () => {
    const panel = new Bench().array.site.controller.panel!
    expect(panel.settingNames()).toContain('retries')
    expect(panel.configure('retries', '7')).toBe('')
    expect(panel.configure('retries', 'x')).toContain('expected a whole number')
    expect(panel.configure('colour', '1')).toContain('no setting is called "colour"')
  })
})
