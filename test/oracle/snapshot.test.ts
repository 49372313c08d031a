// What the judge takes from an array that has a snapshot: errors of its reads, and its word that it cannot be read any more.

import { describe, expect, it } from 'vitest'
import { OPERATOR_SNAPSHOT_BASE, OPERATOR_SNAPSHOT_DROP, OPERATOR_SNAPSHOT_IMAGED } from '../../assembly/abi/operator'
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
import { fillStamp } from '../../host/workload/stamp'
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
  it('are as many as there is room for behind the LUNs on every drive, but for a table: PIT', () => {
    // 16 regions of 64 KiB, and as many free behind them.
    const withRoom = (slots: number): FakeRig => {
      const rig = new FakeRig({ lunSectors: 16 * 128 })
      rig.status[STATUS_SNAPSHOT_SLOTS] = slots
      return say(rig, 1, SNAPSHOT_THERE)
    }
    expect(withRoom(13).laws).toEqual([])
    expect(withRoom(12).laws).toEqual(['PIT'])
  })

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

describe('what counts as changed in a snapshot', () => {
  /** A base is taken, and the snapshot of the next image. In between hosts write to region 2, and before both to region 0. */
  function twoImages(words: readonly number[] = [OPERATOR_SNAPSHOT_BASE]): FakeRig {
    const rig = new FakeRig()
    rig.write(8, 8)
    say(rig, 1, SNAPSHOT_THERE)
    for (const word of words) rig.oracle.operatorAsks(word, 0)
    say(rig, 1, SNAPSHOT_NONE)
    rig.write(2 * 128 + 8, 8)
    return say(rig, 2, SNAPSHOT_THERE)
  }

  function changed(rig: FakeRig, lba: number, sectors: number, regionSectors = 128, sinceBase = false): string[] {
    rig.oracle.snapshots!.changed(lba, sectors, regionSectors, sinceBase, ++rig.nowNs)
    return rig.laws
  }

  it('is what hosts wrote to since the last image, region by region: PIT', () => {
    expect(changed(twoImages(), 256, 128)).toEqual([])
    expect(changed(twoImages(), 0, 128)).toEqual(['PIT'])
    expect(changed(twoImages(), 128, 256)).toEqual(['PIT'])
    expect(changed(twoImages(), 256, 128, 128, true)).toEqual([])
    expect(changed(twoImages(), 384, 128, 128, true)).toEqual(['PIT'])
  })

  it('is told in regions of some size, large ones of large arrays', () => {
    expect(changed(twoImages(), 256, 128, 0)).toEqual(['PIT'])
    expect(changed(twoImages(), 0, 512, 512)).toEqual([])
  })

  it('may be anything before there is an image, or where nobody knows how the snapshot was given up', () => {
    const first = new FakeRig()
    expect(changed(say(first, 1, SNAPSHOT_THERE), 0, 1024)).toEqual([])
    for (const words of [[OPERATOR_SNAPSHOT_DROP], [OPERATOR_SNAPSHOT_DROP, OPERATOR_SNAPSHOT_IMAGED]])
      expect(changed(twoImages(words), 0, 1024)).toEqual([])
  })

  it('is since the base what any image after it had', () => {
    const rig = twoImages()
    rig.oracle.operatorAsks(OPERATOR_SNAPSHOT_IMAGED, 0)
    say(rig, 2, SNAPSHOT_NONE)
    say(rig, 3, SNAPSHOT_THERE)
    expect(changed(rig, 256, 128, 128, true)).toEqual([])
    expect(changed(rig, 256, 128)).toEqual(['PIT'])
  })

  it('may have what the last image had, where power failed while its snapshot was given up', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    say(rig, 1, SNAPSHOT_THERE)
    rig.oracle.operatorAsks(OPERATOR_SNAPSHOT_BASE, 0)
    rig.powerCut()
    say(rig, 1, SNAPSHOT_NONE)
    expect(changed(say(rig, 2, SNAPSHOT_THERE), 0, 128)).toEqual([])
  })

  it('is told for what was asked for, one run behind the other: PIT', () => {
    const rig = twoImages()
    rig.oracle.snapshots!.misanswered([0, 1024], [512, 2 ** 31], ++rig.nowNs)
    expect(rig.laws).toEqual(['PIT'])
  })

  it('may be anything after an NVRAM has lost its content', () => {
    const rig = twoImages()
    rig.nvramLosses++
    expect(changed(rig, 0, 1024)).toEqual([])
  })
})

describe('an answer to a read of a snapshot', () => {
  it('names a sector of that read, or none: ERR', () => {
    const rig = taken()
    rig.oracle.snapshots!.readNames([8, 8], UNREAD, 15, ++rig.nowNs)
    rig.oracle.snapshots!.readNames([8, 8], UNREAD, -1, ++rig.nowNs)
    expect(rig.laws).toEqual([])
    rig.oracle.snapshots!.readNames([8, 8], UNREAD, 16, ++rig.nowNs)
    expect(rig.laws).toEqual(['ERR'])
  })

  it('that is good transfers what was asked for: ERR', () => {
    const rig = taken()
    rig.oracle.snapshots!.mistransferred(8, 8192, 4096, ++rig.nowNs)
    expect(rig.laws).toEqual(['ERR'])
  })
})

describe('a sector of which nobody knew what it was when the snapshot was taken', () => {
  /** Power failed before write 2 was answered; the snapshot is taken, and the LUN shows that it is there, or that it is not. */
  function undecided(lunShows: number, meanwhile: (rig: FakeRig) => void = () => {}): FakeRig {
    const rig = new FakeRig()
    rig.write(8, 1)
    rig.submitWrite(8, 1)
    rig.oracle.powerCut(++rig.nowNs, false)
    say(rig, 1, SNAPSHOT_THERE)
    rig.readVersion(8, lunShows)
    meanwhile(rig)
    return rig
  }

  function snapshotShows(rig: FakeRig, version: number): string[] {
    const words = new Uint32Array(SECTOR_BYTES / 4)
    fillStamp(words, 0, 8, 1, SECTOR_BYTES, version)
    const data = { bytes: new Uint8Array(words.buffer), words }
    rig.oracle.snapshots!.judge(8, 1, data, 0, ++rig.nowNs, 'was read as')
    return rig.laws
  }

  it('is what the LUN has shown that it was: PIT', () => {
    for (const [lunShows, version, laws] of [
      [1, 1, []],
      [2, 2, []],
      [1, 2, ['PIT']],
      [2, 1, ['PIT']],
    ] as const) {
      expect(snapshotShows(undecided(lunShows), version)).toEqual(laws)
    }
  })

  it('is what it is when a host has written there since: nobody can tell any more', () => {
    const overwritten = (rig: FakeRig): void => {
      rig.write(8, 1)
    }
    expect(snapshotShows(undecided(1, overwritten), 2)).toEqual([])
  })
})
