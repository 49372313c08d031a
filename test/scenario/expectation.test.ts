import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../host/oracle/verdict'
import { unmetExpectations } from '../../host/scenario/expectation'
import type { RunOutcome } from '../../host/scenario/runTypes'
import type { Expectation } from '../../host/scenario/scenario'
import { failed, passed, unknown } from '../report/samples'

const PASS: Expectation = { verdict: 'pass', laws: [], arrayState: null, bays: {}, events: {}, faultsStruckMin: 0 }

function outcome(verdict: Verdict): RunOutcome {
  return {
    verdict,
    arrayState: 'degraded',
    bayStates: ['in-sync', 'faulty'],
    events: new Map([['microcode:rebuild-done', 2]]),
  }
}

describe('an expectation', () => {
  it('of a pass is met by a pass alone', () => {
    expect(unmetExpectations(PASS, outcome(passed()))).toEqual([])
    expect(unmetExpectations(PASS, outcome(failed()))).toEqual(['the verdict is fail (DUR, CONV), expected pass'])
    expect(unmetExpectations(PASS, outcome(unknown()))).toHaveLength(1)
  })

  it('of a failure wants every law that it names among the broken ones', () => {
    const fail: Expectation = { ...PASS, verdict: 'fail' }
    expect(unmetExpectations(fail, outcome(failed()))).toEqual([])
    expect(unmetExpectations({ ...fail, laws: ['DUR'] }, outcome(failed()))).toEqual([])
    expect(unmetExpectations({ ...fail, laws: ['MONO'] }, outcome(failed()))).toEqual([
      'MONO is not broken, expected that it is',
    ])
    expect(unmetExpectations(fail, outcome(passed()))).toEqual(['the verdict is pass, expected fail'])
  })

  it('speaks of the end state, of events and of faults too', () => {
    const all: Expectation = {
      ...PASS,
      arrayState: 'optimal',
      bays: { 0: 'in-sync', 1: 'in-sync', 7: 'spare' },
      events: { 'microcode:rebuild-done': 3, 'host-ack': 1 },
      faultsStruckMin: 99,
    }
    expect(unmetExpectations(all, outcome(passed()))).toEqual([
      'the array says degraded at the end, expected optimal',
      'bay 1 is faulty at the end, expected in-sync',
      'bay 7 is empty at the end, expected spare',
      'microcode:rebuild-done happened 2 times, expected at least 3',
      'host-ack happened 0 times, expected at least 1',
      '1 fault struck, expected at least 99',
    ])
  })
})
