import { describe, expect, it } from 'vitest'
import { DRIVE_FLUSH, DRIVE_MEDIUM_ERROR, DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import * as abiEvents from '../../assembly/abi/events'
import { type Step, StepRecorder } from '../../host/scenario/stepRecorder'
import { driveStatusText, microcodeText } from '../../host/scenario/stepTexts'
import { IO_FLUSH, IO_READ, IO_TRIM, IO_WRITE } from '../../host/workload/io'
import { violation } from '../report/samples'
import { driveCommandOf, ioOf } from '../report/swimlaneSamples'

const textsOf = (recorder: StepRecorder): string[] => recorder.steps.map(({ text }) => text)

function recorderOfTimes(times: readonly number[], options = {}): StepRecorder {
  const recorder = new StepRecorder(options)
  for (const timeNs of times) recorder.fault(timeNs, `at ${timeNs}`, null)
  return recorder
}

describe('texts', () => {
  it('says what an initiator asks and what it is told', () => {
    const recorder = new StepRecorder()
    recorder.hostCommand(1, 0, ioOf(IO_WRITE, 0, 8, true))
    recorder.hostAnswer(2, 0, ioOf(IO_WRITE, 0, 8, true), true)
    recorder.hostCommand(3, 0, ioOf(IO_FLUSH, 0, 0))
    recorder.hostCommand(4, 1, ioOf(IO_TRIM, 16, 4))
    recorder.hostAnswer(5, 2, ioOf(IO_READ, 9, 1), false, 0x031100)
    recorder.hostAnswer(6, 3, ioOf(99, 9, 1), false)
    expect(textsOf(recorder)).toEqual([
      'write 0+8 FUA',
      'write 0+8 FUA: GOOD',
      'flush',
      'trim 16+4',
      'read 9+1: MEDIUM ERROR (03/11/00)',
      'operation 99 9+1: an error',
    ])
  })

  it('says what a drive is told and how it answers', () => {
    const recorder = new StepRecorder()
    const read = driveCommandOf(3, DRIVE_READ, { lba: 2048, sectors: 8 })
    recorder.driveCommand(1, 1, read)
    recorder.driveAnswer(2, 1, { ...read, status: DRIVE_MEDIUM_ERROR, badLba: 2050 })
    recorder.driveCommand(3, 0, driveCommandOf(4, DRIVE_FLUSH))
    recorder.driveAnswer(4, 0, driveCommandOf(4, DRIVE_FLUSH))
    expect(recorder.steps).toEqual([
      { kind: 'drive-command', timeNs: 1, bay: 1, slot: 3, op: 'read', text: 'read 2048+8' },
      {
        kind: 'drive-answer',
        timeNs: 2,
        bay: 1,
        slot: 3,
        good: false,
        text: 'read 2048+8: medium error at 2050',
      },
      { kind: 'drive-command', timeNs: 3, bay: 0, slot: 4, op: 'flush', text: 'flush' },
      { kind: 'drive-answer', timeNs: 4, bay: 0, slot: 4, good: true, text: 'flush: ok' },
    ])
  })

  it('names every trace code of the ABI, and shows what has no name as it is', () => {
    for (const [constant, code] of Object.entries(abiEvents)) {
      if (!constant.startsWith('EVENT_')) continue
      const name = constant.slice('EVENT_'.length).toLowerCase().replaceAll('_', '-')
      expect(microcodeText(code, 1, 2, 3).split(' ')[0]).toBe(name)
    }
    expect(microcodeText(abiEvents.EVENT_BITMAP_BEGIN, 3, 1, 0)).toBe('bitmap-begin block 3 marks')
    expect(microcodeText(abiEvents.EVENT_BAY_STATE, 1, 6, 0)).toBe('bay-state bay 1 faulty')
    expect(microcodeText(abiEvents.EVENT_LEG_ERROR, 1, 1, -1)).toBe('leg-error bay 1 medium error at 4294967295')
    expect(microcodeText(abiEvents.EVENT_REMOTE_STATE, 5, 1, 0)).toBe('remote-state split, primary')
    expect(microcodeText(abiEvents.EVENT_REMOTE_STATE, 99, 7, 0)).toBe('remote-state 99, role 7')
    expect(microcodeText(abiEvents.EVENT_REMOTE_SYNC_BEGIN, 1, 0, 0)).toBe('remote-sync-begin 1 region')
    expect(microcodeText(-7, -1, 2, 3)).toBe('event -7 (4294967295, 2, 3)')
    expect(microcodeText(abiEvents.EVENT_BAY_STATE, 1e9, -1, 0)).toBe('bay-state bay 1000000000 4294967295')
    expect(driveStatusText(77, 0)).toBe('status 77')
  })

  it('says what concerns everything', () => {
    const recorder = new StepRecorder()
    recorder.nvramCommitted(1, 64, 24)
    recorder.hotplug(2, 1, false)
    recorder.hotplug(3, 1, true)
    recorder.crashed(4, 'panic 7', true)
    recorder.powerCut(5, true)
    recorder.powerUp(6)
    recorder.violation(violation({ timeNs: 7 }))
    expect(textsOf(recorder)).toEqual([
      'commit 64+24 B',
      'drive pulled',
      'drive inserted',
      'the microcode was stopped: panic 7; it is not started again',
      'power cut (writes in flight may be torn)',
      'power returns',
      'LBA 128: found write #12 of 1.000 ms, read after the power cut; expected write #31, acknowledged at 2.9 ms',
    ])
  })
})

describe('order', () => {
  it('is that of time, and of telling within one instant', () => {
    const recorder = new StepRecorder()
    recorder.hostAnswer(20, 0, ioOf(IO_WRITE, 0, 8), true)
    recorder.driveCommand(10, 0, driveCommandOf(0, DRIVE_WRITE, { sectors: 1 }))
    recorder.powerCut(20, false)
    recorder.violation(violation({ timeNs: Number.POSITIVE_INFINITY }))
    recorder.violation(violation({ timeNs: Number.POSITIVE_INFINITY, law: 'CONV' }))
    recorder.fault(5, 'told afterwards', 1)
    expect(recorder.steps.map(({ kind }) => kind)).toEqual([
      'fault',
      'drive-command',
      'host-answer',
      'power-cut',
      'violation',
      'violation',
    ])
  })
})

describe('bounds', () => {
  it('keeps the last steps and counts the others', () => {
    const recorder = recorderOfTimes([1, 2, 3, 4, 5, 6, 7], { stepsMax: 3 })
    expect(recorder.dropped).toBe(4)
    expect(recorder.steps[0]).toEqual<Step>({
      kind: 'dropped',
      timeNs: 5,
      count: 4,
      text: '4 earlier steps not kept',
    })
    expect(recorder.steps.slice(1).map(({ timeNs }) => timeNs)).toEqual([5, 6, 7])
  })

  it('says nothing of dropped steps while all are there', () => {
    expect(recorderOfTimes([1, 2, 3], { stepsMax: 3 }).steps.map(({ kind }) => kind)).toEqual([
      'fault',
      'fault',
      'fault',
    ])
    expect(new StepRecorder().steps).toEqual([])
    expect(new StepRecorder().dropped).toBe(0)
  })

  it('keeps 2000 by default', () => {
    const recorder = recorderOfTimes(Array.from({ length: 2100 }, (_, time) => time))
    expect([recorder.steps.length, recorder.dropped]).toEqual([2001, 100])
  })

  it('only counts what comes after the appointed end', () => {
    const recorder = recorderOfTimes([1, 2, 3, 4], { endNs: 2 })
    expect(textsOf(recorder)).toEqual(['at 1', 'at 2', '2 later steps not kept'])
    expect(recorder.dropped).toBe(2)
  })

  it('refuses to keep nothing', () => {
    expect(() => new StepRecorder({ stepsMax: 0 })).toThrow(RangeError)
  })
})
