// What the judge allows an array to do because an operator asked for it, and no longer than that.

import { describe, expect, it } from 'vitest'
import { OPERATOR_ATTACH, OPERATOR_DETACH, OPERATOR_SCRUB, OPERATOR_STOP } from '../../assembly/abi/operator'
import {
  ARRAY_DEGRADED,
  ARRAY_FAILED,
  ARRAY_STOPPED,
  BAY_STATE_EMPTY,
  BAY_STATE_FAULTY,
  STATUS_ARRAY_STATE,
} from '../../assembly/abi/status'
import { FakeRig } from './fakeRig'

/** NOT READY, INITIALIZING COMMAND REQUIRED. */
const STOPPED = 0x020402

function stopped(rig: FakeRig): FakeRig {
  rig.status[STATUS_ARRAY_STATE] = ARRAY_STOPPED
  return rig
}

describe('an array that an operator stops', () => {
  it('may refuse commands from then on, and give up its members', () => {
    const rig = new FakeRig()
    rig.oracle.operatorAsks(OPERATOR_STOP, 0)
    rig.failRead(8, 1, STOPPED)
    for (const bay of [0, 1]) stopped(rig).claim(bay, BAY_STATE_EMPTY)
    rig.failRead(8, 1, STOPPED)
    rig.finish()
    expect(rig.laws).toEqual([])
  })

  it('must have equal members when nothing was left to do', () => {
    const rig = new FakeRig()
    const id = rig.write(8, 8)
    rig.write(8, 8)
    rig.store(1, 12, 1, id)
    rig.oracle.operatorAsks(OPERATOR_STOP, 0)
    stopped(rig).finish()
    expect(rig.laws).toEqual(['CONV'])
  })

  it('may not refuse commands after the next boot', () => {
    const rig = new FakeRig()
    rig.oracle.operatorAsks(OPERATOR_STOP, 0)
    rig.powerCut()
    rig.failRead(8, 1, STOPPED)
    expect(rig.laws).toEqual(['AVAIL'])
  })
})

describe('an array whose members are gone when it is asked to stop', () => {
  it('need not stop when they are back: it had nothing to stop', () => {
    const rig = new FakeRig()
    const drives = [...rig.drives]
    rig.drives.fill(null)
    rig.oracle.operatorAsks(OPERATOR_STOP, 0)
    rig.drives.splice(0, drives.length, ...drives)
    rig.finish()
    expect(rig.laws).toEqual([])
  })
})

describe('an array that stops unasked', () => {
  it('is asked why, for every command and at the end', () => {
    const rig = stopped(new FakeRig())
    rig.failRead(8, 1, STOPPED)
    expect(rig.laws).toEqual(['AVAIL'])
    const idle = stopped(new FakeRig())
    idle.oracle.operatorAsks(OPERATOR_SCRUB, 0)
    idle.finish()
    expect(idle.laws).toEqual(['AVAIL'])
  })
})

describe('a member that an operator detaches', () => {
  it('may be given up together with one that was pulled', () => {
    const rig = new FakeRig()
    rig.oracle.operatorAsks(OPERATOR_DETACH, 1)
    rig.drives[0] = null
    rig.claim(0, BAY_STATE_EMPTY)
    rig.fail(1)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.oracle.claimsChanged(++rig.nowNs)
    expect(rig.laws).toEqual([])
  })

  it('need not come back when the last other one is pulled at that instant, though it is there and sound', () => {
    const rig = new FakeRig()
    rig.oracle.operatorAsks(OPERATOR_DETACH, 1)
    rig.drives[0] = null
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.claim(1, BAY_STATE_FAULTY)
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.claim(0, BAY_STATE_EMPTY)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.finish()
    expect(rig.laws).toEqual([])
  })

  it('may not be given up when it is the last: AVAIL', () => {
    const rig = new FakeRig()
    rig.fail(1)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.oracle.operatorAsks(OPERATOR_DETACH, 0)
    rig.fail(0)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.oracle.claimsChanged(++rig.nowNs)
    expect(rig.laws).toEqual(['AVAIL'])
  })
})

describe('a request that nothing stands against is carried out: LIVE', () => {
  const ignored: [string, number, (rig: FakeRig) => void][] = [
    ['a stop', OPERATOR_STOP, () => undefined],
    ['a detach', OPERATOR_DETACH, () => undefined],
    [
      'an attach',
      OPERATOR_ATTACH,
      (rig) => {
        rig.oracle.operatorAsks(OPERATOR_DETACH, 1)
        rig.claim(1, BAY_STATE_FAULTY)
      },
    ],
  ]

  it.each(ignored)('%s that is ignored', (_, request, prepare) => {
    const rig = new FakeRig()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    prepare(rig)
    rig.oracle.operatorAsks(request, 1)
    rig.finish()
    expect(rig.laws).toEqual(['LIVE'])
  })

  it('not after the drive was pulled, or power failed', () => {
    const pulled = new FakeRig()
    pulled.oracle.operatorAsks(OPERATOR_DETACH, 1)
    const [, drive] = pulled.drives
    pulled.drives[1] = null
    pulled.oracle.claimsChanged(++pulled.nowNs)
    pulled.drives[1] = drive!
    pulled.finish()
    expect(pulled.laws).toEqual([])
    const cut = new FakeRig()
    cut.oracle.operatorAsks(OPERATOR_DETACH, 1)
    cut.powerCut()
    cut.finish()
    expect(cut.laws).toEqual([])
  })

  it('not when the member became the last one', () => {
    const rig = new FakeRig()
    rig.oracle.operatorAsks(OPERATOR_DETACH, 1)
    rig.fail(0)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    rig.finish()
    expect(rig.laws).toEqual([])
  })
})
