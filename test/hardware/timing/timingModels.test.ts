import { describe, expect, it } from 'vitest'
import { DRIVE_FLUSH, DRIVE_READ, DRIVE_TRIM, DRIVE_VERIFY, DRIVE_WRITE } from '../../../assembly/abi/driveSlots'
import {
  createTimingModel,
  TIMING_MODEL_NAMES,
  type TimingModelName,
  TimingParameterError,
  timingParameterNames,
} from '../../../host/hardware/timing/timingModels'

const SECTORS = 32_768

describe('the ideal model', () => {
  it('takes a fixed time a command and a sector', () => {
    const model = createTimingModel(
      'ideal',
      'readNs=10, writeNs=20,flushNs=30,trimNs=40,otherNs=50,readSectorNs=1,writeSectorNs=2,channels=7',
      SECTORS,
      512,
    )
    const times = [DRIVE_READ, DRIVE_WRITE, DRIVE_FLUSH, DRIVE_TRIM, DRIVE_VERIFY].map((op) =>
      model.serve(op, 9, 4, 100),
    )
    expect(times).toEqual([114, 128, 130, 140, 154])
    expect(model.channels).toBe(7)
    expect(model.positioningNs(DRIVE_READ, 5, 0)).toBe(0)
    expect(model.clone().serve(DRIVE_READ, 0, 1, 0)).toBe(11)
  })

  it.each([
    ['readNs=1.5', 'readNs=1.5'],
    ['speed=3', 'speed=3'],
    ['readNs=3,fast', 'fast'],
    ['channels=0', 'channels=0'],
    ['readNs=99999999999999999999', 'readNs=99999999999999999999'],
    ['toString=3', 'toString=3'],
  ])('refuses %s, and says what it understands', (text, found) => {
    expect(() => createTimingModel('ideal', text, SECTORS, 512)).toThrow(TimingParameterError)
    expect(() => createTimingModel('ideal', text, SECTORS, 512)).toThrow(`found '${found}'`)
  })
})

describe('timing models by name', () => {
  it.each(['hdd', 'ssd'] as const)('lists the parameter sets of %s when it does not know one', (name) => {
    const create = () => createTimingModel(name, 'floppy', SECTORS, 512)
    expect(create).toThrow(TimingParameterError)
    for (const known of timingParameterNames(name)) expect(create).toThrow(known)
  })

  it('lists the models when it does not know one', () => {
    expect(() => createTimingModel('tape' as TimingModelName, undefined, SECTORS, 512)).toThrow('ideal, hdd, ssd')
  })

  it('takes the first parameter set when none is named', () => {
    for (const name of ['hdd', 'ssd'] as const) {
      const byDefault = createTimingModel(name, undefined, SECTORS, 512)
      const named = createTimingModel(name, timingParameterNames(name)[0], SECTORS, 512)
      expect(byDefault.serve(DRIVE_WRITE, 777, 8, 5e9)).toBe(named.serve(DRIVE_WRITE, 777, 8, 5e9))
    }
    expect([timingParameterNames('hdd')[0], timingParameterNames('ssd')[0]]).toEqual(['cheetah9lp', 'nvme'])
  })

  it('makes a working drive of every set, for every sector size', () => {
    for (const name of TIMING_MODEL_NAMES) {
      const sets = name === 'ideal' ? [undefined] : timingParameterNames(name)
      for (const set of sets) {
        for (const sectorBytes of [512, 520, 2048, 2352, 4096]) {
          const model = createTimingModel(name, set, SECTORS, sectorBytes)
          let nowNs = 1e15
          for (const op of [DRIVE_WRITE, DRIVE_READ, DRIVE_TRIM, DRIVE_READ, DRIVE_VERIFY, DRIVE_FLUSH]) {
            const endNs = model.serve(op, SECTORS - 3, 3, nowNs)
            expect(Number.isSafeInteger(endNs)).toBe(true)
            expect(endNs).toBeGreaterThanOrEqual(nowNs)
            nowNs = endNs
          }
        }
      }
    }
  })
})
