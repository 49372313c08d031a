// What the judge takes from an array that has a snapshot: errors of its reads, and its word that it cannot be read any more.

import { describe, expect, it } from 'vitest'
import {
  BAY_STATE_EMPTY,
  SNAPSHOT_BROKEN,
  SNAPSHOT_NONE,
  SNAPSHOT_OVERFLOWED,
  SNAPSHOT_THERE,
  STATUS_SNAPSHOT,
  STATUS_SNAPSHOT_SLOTS,
  STATUS_SNAPSHOT_SLOTS_USED,
  STATUS_SNAPSHOT_STATE,
} from '../../assembly/abi/status'
import { Drive } from '../../host/hardware/drive'
import { Medium, sectorsPerPage } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import { IDEAL_DEFAULTS, IdealModel } from '../../host/hardware/timing/idealModel'
import { FakeRig, SECTOR_BYTES } from './fakeRig'

const HARDWARE = 0x044400
const UNREAD = 0x031100
const NO_MEDIUM = 0x023a00

function say(rig: FakeRig, number: number, state: number): FakeRig {
  rig.status[STATUS_SNAPSHOT] = number
  rig.status[STATUS_SNAPSHOT_STATE] = state
  rig.oracle.claimsChanged(++rig.nowNs)
  return rig
}

const taken = (): FakeRig => say(new FakeRig(), 1, SNAPSHOT_THERE)

/** A read of the snapshot that was sent at `submitNs`. */
function fail(rig: FakeRig, sense: number, submitNs = ++rig.nowNs): string[] {
  rig.oracle.snapshots!.readFailed(8, sense, submitNs, ++rig.nowNs)
  return rig.laws
}

function pull(rig: FakeRig, bay: number): FakeRig {
  rig.drives[bay] = null
  rig.claim(bay, BAY_STATE_EMPTY)
  rig.oracle.claimsChanged(++rig.nowNs)
  return rig
}

describe('a read of a snapshot', () => {
  it('fails only where no sound member is in sync: AVAIL', () => {
    expect(fail(taken(), HARDWARE)).toEqual(['AVAIL'])
    expect(fail(pull(taken(), 0), HARDWARE)).toEqual(['AVAIL'])
    expect(fail(pull(pull(taken(), 0), 1), HARDWARE)).toEqual([])
  })

  it('may fail while every member has sectors that cannot be read', () => {
    const rig = taken()
    rig.drives[0]!.medium.makeUnreadable(2000, 1)
    expect(fail(rig, UNREAD)).toEqual(['AVAIL'])
    const both = taken()
    for (const bay of [0, 1]) both.drives[bay]!.medium.makeUnreadable(2000, 1)
    expect(fail(both, UNREAD)).toEqual([])
  })

  it('finds no medium only when the snapshot that it began with is gone', () => {
    expect(fail(taken(), NO_MEDIUM)).toEqual(['AVAIL'])
    const rig = taken()
    const beforeNs = rig.nowNs
    rig.oracle.operatorAsks(11, 0)
    say(rig, 2, SNAPSHOT_THERE)
    expect(fail(rig, NO_MEDIUM, beforeNs)).toEqual([])
    expect(fail(rig, NO_MEDIUM)).toEqual(['AVAIL'])
  })
})

describe('a snapshot that is said to be broken', () => {
  it('breaks PIT where no drive has had a fault', () => {
    expect(say(taken(), 1, SNAPSHOT_BROKEN).laws).toEqual(['PIT'])
  })

  it('may be so where a drive has come that is smaller than the members', () => {
    const rig = taken()
    const arena = new PageArena(sectorsPerPage(SECTOR_BYTES) * SECTOR_BYTES)
    const medium = Medium.blank(arena, SECTOR_BYTES, 4096)
    rig.drives[2] = new Drive(2, 'fake', medium, new IdealModel(IDEAL_DEFAULTS), false)
    say(rig, 1, SNAPSHOT_THERE)
    rig.drives[2] = null
    expect(say(rig, 1, SNAPSHOT_BROKEN).laws).toEqual([])
  })
})

describe('a snapshot whose NVRAM has lost its content', () => {
  it('may be gone, but not once the array has served with it', () => {
    const rig = taken()
    rig.nvramLosses++
    expect(say(rig, 0, SNAPSHOT_NONE).laws).toEqual([])
    const kept = taken()
    kept.nvramLosses++
    say(kept, 1, SNAPSHOT_THERE)
    expect(say(kept, 0, SNAPSHOT_NONE).laws).toEqual(['PIT'])
  })
})

describe('the slots of a snapshot', () => {
  function keeps(rig: FakeRig, used: number, state = SNAPSHOT_THERE): readonly string[] {
    rig.status[STATUS_SNAPSHOT_SLOTS] = 4
    rig.status[STATUS_SNAPSHOT_SLOTS_USED] = used
    return say(rig, 1, state).laws
  }

  it('are not more than the regions of 64 KiB that hosts wrote to since it was taken: PIT', () => {
    const rig = taken()
    for (const lba of [8, 16, 8]) rig.write(lba, 8)
    expect(keeps(rig, 1)).toEqual([])
    rig.submitWrite(2 * 128 - 8, 16)
    expect(keeps(rig, 3)).toEqual([])
    expect(keeps(rig, 4)).toEqual(['PIT'])
  })

  it('also count what was under way then, and nothing before it', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    rig.submitWrite(512, 8)
    say(rig, 1, SNAPSHOT_THERE)
    expect(keeps(rig, 1)).toEqual([])
    expect(keeps(rig, 2)).toEqual(['PIT'])
  })

  it('are not full of one region', () => {
    const rig = taken()
    rig.write(8, 8)
    expect(keeps(rig, 4, SNAPSHOT_OVERFLOWED)).toEqual(['PIT'])
  })
})
