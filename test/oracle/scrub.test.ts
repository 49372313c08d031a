// What the judge asks of a scrub that ran to its end in peace.

import { describe, expect, it } from 'vitest'
import { BAY_STATE_EMPTY, STATUS_SCRUB_MISMATCHES, STATUS_SCRUBBING } from '../../assembly/abi/status'
import { scrubNotBegun } from '../../host/oracle/scrubJudge'
import { DATA_OFFSET, FakeRig } from './fakeRig'

/** Bay 1 delivers flipped bits at one sector. */
function rotten(): FakeRig {
  const rig = new FakeRig()
  rig.write(8, 8)
  rig.filter(1).rot(DATA_OFFSET + 8, 1, 1, ++rig.nowNs)
  return rig
}

describe('after a scrub', () => {
  it('the count of differing sectors is what it is: else TRUTH', () => {
    for (const [told, laws] of [
      [0, ['TRUTH']],
      [1, []],
      [2, ['TRUTH']],
    ] as const) {
      const rig = rotten()
      rig.status[STATUS_SCRUB_MISMATCHES] = told
      rig.finish({ scrubbed: true })
      expect(rig.laws).toEqual(laws)
    }
  })

  it('rot where nothing was ever written counts, too', () => {
    const rig = new FakeRig()
    rig.filter(1).rot(DATA_OFFSET + 2000, 3, 1, ++rig.nowNs)
    rig.status[STATUS_SCRUB_MISMATCHES] = 3
    rig.finish({ scrubbed: true })
    expect(rig.laws).toEqual([])
  })

  it('no sector is unreadable on one member and readable on another: else CONV', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    rig.filter(1).makeUnreadable(DATA_OFFSET + 8, 1)
    rig.finish({ scrubbed: true })
    expect(rig.laws).toEqual(['CONV'])
  })

  it("a sector that no member can read is nobody's fault", () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    for (const bay of [0, 1]) rig.filter(bay).makeUnreadable(DATA_OFFSET + 8, 1)
    rig.finish({ scrubbed: true })
    expect(rig.laws).toEqual([])
  })

  it('the array says that none is running: else TRUTH', () => {
    const rig = new FakeRig()
    rig.status[STATUS_SCRUBBING] = 1
    rig.finish({ scrubbed: true })
    expect(rig.laws).toEqual(['TRUTH'])
  })

  it('nothing is asked without one', () => {
    const rig = rotten()
    rig.filter(1).makeUnreadable(DATA_OFFSET + 9, 1)
    rig.finish()
    expect(rig.laws).toEqual([])
  })
})

describe('when a scrub was asked for', () => {
  it('the array says that it is running, if there is something to compare', () => {
    const rig = new FakeRig()
    expect(scrubNotBegun(rig)).toContain('word 11 of the status is 0')
    rig.status[STATUS_SCRUBBING] = 1
    expect(scrubNotBegun(rig)).toBeNull()
    rig.status[STATUS_SCRUBBING] = 0
    rig.claim(1, BAY_STATE_EMPTY)
    expect(scrubNotBegun(rig)).toBeNull()
  })
})

describe('what was only in the caches of drives that are all gone', () => {
  it('may be lost', () => {
    const rig = new FakeRig({ writeCacheEnabled: true })
    rig.write(8, 1, [])
    for (const bay of [0, 1]) {
      const drive = rig.drives[bay]!
      rig.drives[bay] = null
      rig.oracle.claimsChanged(++rig.nowNs)
      if (bay === 1) rig.drives[bay] = drive
    }
    rig.flush()
    rig.readVersion(8, 0)
    expect(rig.laws).toEqual([])
  })

  it('may not be lost as long as one of them stays: DUR', () => {
    const rig = new FakeRig({ writeCacheEnabled: true })
    rig.write(8, 1, [])
    rig.drives[0] = null
    rig.oracle.claimsChanged(++rig.nowNs)
    rig.flush()
    expect(rig.laws).toEqual(['DUR'])
  })
})
