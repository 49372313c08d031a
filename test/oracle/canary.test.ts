// The judge must be able to fail: one wrong answer of each kind, each charged under its law. If the judge goes blind, this is red.
import { describe, expect, it } from 'vitest'
import { DRIVE_OK, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import {
  ASC_INTERNAL_TARGET_FAILURE,
  ASC_UNRECOVERED_READ_ERROR,
  ASC_WRITE_ERROR,
  SENSE_HARDWARE_ERROR,
  SENSE_MEDIUM_ERROR,
  SENSE_NOT_READY,
} from '../../assembly/abi/scsi'
import {
  ARRAY_DEGRADED,
  ARRAY_FAILED,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_FAULTY,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
  STATUS_ARRAY_STATE,
  STATUS_BUSY,
  STATUS_DIRTY_REGIONS,
  STATUS_UNDECIDED_REGIONS,
} from '../../assembly/abi/status'
import { senseOf } from '../../host/oracle/sense'
import { fillStamp } from '../../host/workload/stamp'
import { DATA_OFFSET, FakeRig, meet, SECTOR_BYTES } from './fakeRig'

const UNREADABLE = senseOf(SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ_ERROR)
const WRITE_ERROR = senseOf(SENSE_MEDIUM_ERROR, ASC_WRITE_ERROR)
const HARDWARE = senseOf(SENSE_HARDWARE_ERROR, ASC_INTERNAL_TARGET_FAILURE)
const NOT_READY = senseOf(SENSE_NOT_READY, 0x0401)

function stamped(lba: number, version: number): Uint32Array {
  const words = new Uint32Array(SECTOR_BYTES / 4)
  fillStamp(words, 0, lba, 1, SECTOR_BYTES, version)
  return words
}

describe('contents', () => {
  it('what was written is right', () => {
    const rig = new FakeRig()
    const id = rig.write(8, 8)
    rig.readVersion(9, id)
    rig.readVersion(100, 0)
    rig.finish()
    expect(rig.oracle.violations).toEqual([])
    expect(rig.oracle.sectorsJudged).toBe(10)
  })

  it('an older version than the acknowledged one: DUR', () => {
    const rig = new FakeRig()
    const first = rig.write(8, 8)
    rig.write(8, 8)
    rig.readVersion(9, first)
    expect(rig.laws).toEqual(['DUR'])
  })

  it('zeros instead of what was written: DUR', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    rig.readVersion(9, 0)
    expect(rig.laws).toEqual(['DUR'])
  })

  it('an older version after a newer one was read: MONO, also across a power cut', () => {
    for (const cut of [false, true]) {
      const rig = new FakeRig()
      const first = rig.write(8, 8)
      rig.readVersion(9, rig.write(8, 8))
      if (cut) rig.powerCut()
      rig.readVersion(9, first)
      expect(rig.laws).toEqual(['MONO'])
    }
  })

  it('a write that a power cut left open, seen once and gone, or gone once and seen: MONO', () => {
    for (const order of [0, 1]) {
      const rig = new FakeRig()
      const before = rig.write(8, 8)
      const open = rig.submitWrite(8, 8)
      rig.powerCut()
      const [one, other] = order === 0 ? [before, open] : [open, before]
      rig.readVersion(9, one!)
      expect(rig.laws).toEqual([])
      rig.readVersion(9, other!)
      expect(rig.laws).toEqual(['MONO'])
    }
  })

  it('an older version after a write in flight was seen: MONO, unless told otherwise', () => {
    for (const inFlightReadsDecide of [true, false]) {
      const rig = new FakeRig({ inFlightReadsDecide })
      const before = rig.write(8, 8)
      rig.readVersion(9, rig.submitWrite(8, 8))
      rig.readVersion(9, before)
      expect(rig.laws).toEqual(inFlightReadsDecide ? ['MONO'] : [])
    }
  })

  it('a failed write that comes back after a later failed one was seen: MONO', () => {
    const rig = new FakeRig({ view: null })
    const one = rig.submitWrite(8, 8)
    rig.failWrite(one, WRITE_ERROR)
    const two = rig.submitWrite(8, 8)
    rig.failWrite(two, WRITE_ERROR)
    rig.readVersion(9, two)
    expect(rig.laws).toEqual([])
    rig.readVersion(9, one)
    expect(rig.laws).toEqual(['MONO'])
  })

  it('a flipped bit, a torn sector, a misplaced sector, unknown bytes: INT', () => {
    const flipped = stamped(9, 2)
    flipped[50] = flipped[50]! ^ 8
    const torn = stamped(9, 2)
    torn.set(stamped(9, 1).subarray(64), 64)
    const samples = [flipped, torn, stamped(10, 2), new Uint32Array(128).fill(7)]
    const found = samples.map((words) => {
      const rig = new FakeRig()
      rig.write(8, 8)
      rig.write(8, 8)
      rig.readWords(9, 1, words)
      expect(rig.laws).toEqual(['INT'])
      return rig.oracle.violations[0]!.found
    })
    expect(found[0]).toContain('200 bytes of version 2 and then other bytes')
    expect(found[1]).toContain('256 bytes of version 2 and then bytes of version 1')
    expect(found[2]).toContain('the content that write 2 gave to LBA 10')
    expect(found[3]).toContain('unknown bytes')
  })

  it('a payload of a trace, changed in its last byte: INT', () => {
    const rig = new FakeRig({ view: null })
    const payload = new Uint8Array(1024).map((_, i) => i & 255)
    const id = rig.oracle.submitWrite(4, 2, false, payload, 1)
    rig.oracle.writeDone(id, true, 0, 2)
    const bytes = payload.slice()
    rig.readWords(4, 2, new Uint32Array(bytes.buffer))
    expect(rig.laws).toEqual([])
    bytes[1023] = 0
    rig.readWords(4, 2, new Uint32Array(bytes.buffer))
    expect(rig.laws).toEqual(['INT'])
    expect(rig.oracle.violations[0]!.lba).toBe(5)
  })

  it('a start image that is not there any more: INT or DUR', () => {
    const rig = new FakeRig({ view: null, startImages: [(lba: number, target: Uint8Array) => void target.fill(lba)] })
    rig.readWords(3, 1, new Uint32Array(new Uint8Array(512).fill(3).buffer))
    expect(rig.laws).toEqual([])
    rig.readWords(4, 1, new Uint32Array(new Uint8Array(512).fill(3).buffer))
    expect(rig.laws).toEqual(['INT'])
  })

  it('with a volatile cache: what was flushed, or sent with FUA, is lost by a power cut: DUR', () => {
    for (const how of ['flush', 'fua', 'neither'] as const) {
      const rig = new FakeRig({ writeCacheEnabled: true })
      rig.write(8, 8, [0, 1], how === 'fua')
      if (how === 'flush') rig.flush()
      rig.powerCut()
      rig.readVersion(9, 0)
      expect(rig.laws).toEqual(how === 'neither' ? [] : ['DUR'])
    }
  })
})

describe('acknowledgements', () => {
  it('before the write is on every medium in sync: DUR, without any power cut', () => {
    const rig = new FakeRig()
    rig.write(8, 8, [0])
    expect(rig.laws).toEqual(['DUR'])
    expect(rig.oracle.violations[0]!.found).toContain('before it was durable in bay 1')
  })

  it('when only the last sector is missing on one medium: DUR', () => {
    const rig = new FakeRig()
    const id = rig.submitWrite(8, 8)
    rig.store(0, 8, 8, id)
    rig.store(1, 8, 7, id)
    rig.acknowledge(id)
    expect(rig.laws).toEqual(['DUR'])
    expect(rig.oracle.violations[0]!.lba).toBe(15)
  })

  it('of a flush that did not reach one medium: DUR', () => {
    const rig = new FakeRig({ writeCacheEnabled: true })
    rig.write(8, 8, [0])
    expect(rig.laws).toEqual([])
    rig.flush()
    expect(rig.laws).toEqual(['DUR'])
  })

  it('of a write that every member in sync refused: ERR', () => {
    const rig = new FakeRig()
    rig.drives[1] = null
    rig.filter(0).refuseWrites(0, 9999, 1)
    const id = rig.submitWrite(8, 8)
    refuse(rig)
    rig.acknowledge(id)
    expect(rig.laws).toEqual(['ERR'])
  })
})

/** The drive in bay 0 meets a write. */
function refuse(rig: FakeRig): void {
  expect(meet(rig, 0, DRIVE_WRITE, 0).effect.status).not.toBe(DRIVE_OK)
}

describe('errors', () => {
  it('of a read that a member could answer: AVAIL', () => {
    const rig = new FakeRig()
    rig.filter(0).makeUnreadable(DATA_OFFSET + 9, 1)
    rig.failRead(8, 8, UNREADABLE)
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it('of a read whose sectors are bad on one member here, on the other there: AVAIL', () => {
    const rig = new FakeRig()
    rig.filter(0).makeUnreadable(DATA_OFFSET + 9, 1)
    rig.filter(1).makeUnreadable(DATA_OFFSET + 10, 1)
    rig.failRead(8, 8, UNREADABLE)
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it('of a write that a member could take, and of a flush: AVAIL', () => {
    const rig = new FakeRig()
    rig.failWrite(rig.submitWrite(8, 8), WRITE_ERROR)
    rig.flush(false, HARDWARE)
    expect(rig.laws).toEqual(['AVAIL', 'AVAIL'])
  })

  it('without sense data, or with the wrong ones: ERR', () => {
    const rig = new FakeRig()
    for (const bay of [0, 1]) rig.filter(bay).makeUnreadable(DATA_OFFSET + 9, 8)
    rig.failRead(9, 1, 0)
    rig.failRead(10, 1, HARDWARE)
    rig.failRead(11, 1, UNREADABLE)
    expect(rig.laws).toEqual(['ERR', 'ERR'])
  })

  it('NOT READY while it claims to serve and can: AVAIL', () => {
    const rig = new FakeRig()
    rig.failRead(8, 1, NOT_READY)
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it('NOT READY of an array that calls itself failed with a member in sync: AVAIL', () => {
    const rig = new FakeRig()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.failRead(8, 1, NOT_READY)
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it('the last good member given up: AVAIL', () => {
    const rig = new FakeRig()
    rig.fail(0)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    rig.oracle.claimsChanged(++rig.nowNs)
    expect(rig.laws).toEqual([])
    rig.fail(1)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    rig.failRead(8, 1, NOT_READY)
    expect(rig.laws).toEqual(['AVAIL'])
  })

  it.each([BAY_STATE_IN_SYNC, BAY_STATE_REBUILDING, BAY_STATE_CATCHING_UP, BAY_STATE_SPARE])(
    'a drive in state %i that never had any fault given up: AVAIL',
    (state) => {
      const rig = new FakeRig()
      rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
      rig.filter(1)
      rig.claim(1, state)
      rig.oracle.claimsChanged(++rig.nowNs)
      rig.drives[1]!.filters.length = 0
      rig.claim(1, BAY_STATE_FAULTY)
      rig.oracle.claimsChanged(++rig.nowNs)
      expect(rig.laws).toEqual(['AVAIL'])
    },
  )

  it('no answer in time: LIVE', () => {
    const rig = new FakeRig()
    rig.oracle.commandOverdue('write', 8, 0, 60_000_000_000)
    expect(rig.laws).toEqual(['LIVE'])
  })
})

describe('at the end', () => {
  it('replicas that differ: CONV', () => {
    const rig = new FakeRig()
    const id = rig.write(8, 8)
    rig.write(8, 8)
    rig.store(1, 12, 1, id)
    rig.finish()
    expect(rig.laws).toEqual(['CONV'])
    expect(rig.oracle.violations[0]!.lba).toBe(12)
  })

  it('a sector unreadable on one member without a fault: CONV, and AVAIL, since nobody had a reason to make it so', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    rig.drives[1]!.medium.makeUnreadable(DATA_OFFSET + 8, 1)
    rig.finish()
    expect(rig.laws.toSorted()).toEqual(['AVAIL', 'CONV'])
  })

  it('members in sync that agree on an old version, or on nothing at all: TRUTH', () => {
    for (const version of [1, 0]) {
      const rig = new FakeRig()
      rig.write(8, 8)
      rig.write(8, 8)
      for (const bay of [0, 1]) rig.store(bay, 8, 8, version)
      if (version === 0) for (const bay of [0, 1]) rig.drives[bay]!.medium.trim(DATA_OFFSET, 64)
      rig.finish()
      expect(rig.laws[0]).toBe('TRUTH')
    }
  })

  it('in sync without a drive, or optimal with a slot missing: TRUTH', () => {
    const rig = new FakeRig()
    rig.drives[1] = null
    rig.finish()
    expect(rig.laws).toEqual(['TRUTH', 'TRUTH'])
    const other = new FakeRig()
    other.fail(1)
    other.finish()
    expect(other.laws).toEqual(['TRUTH'])
  })

  it('work that does not end: LIVE', () => {
    const marks = [STATUS_BUSY, STATUS_DIRTY_REGIONS, STATUS_UNDECIDED_REGIONS]
    for (const word of marks) {
      const rig = new FakeRig()
      rig.status[word] = 3
      rig.finish({ atRest: false })
      expect(rig.laws).toEqual([])
      rig.finish()
      expect(rig.laws).toEqual(['LIVE'])
    }
    for (const state of [BAY_STATE_REBUILDING, BAY_STATE_SPARE]) {
      const rig = new FakeRig()
      rig.filter(1)
      rig.claim(1, state)
      rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
      rig.finish()
      expect(rig.laws).toEqual(['LIVE'])
    }
  })

  it('an array that does not come back although all its members do: AVAIL', () => {
    const rig = new FakeRig()
    rig.powerCut()
    rig.status[STATUS_ARRAY_STATE] = ARRAY_FAILED
    for (const bay of [0, 1]) rig.fail(bay)
    rig.finish()
    expect(rig.laws).toEqual(['AVAIL'])
  })
})

describe('in a focused replay', () => {
  it('a copy of an old version over a new one: DIR, with the whole story', () => {
    const rig = new FakeRig({ focusLba: 9 })
    const old = rig.write(8, 8)
    const touch = () =>
      rig.oracle.focus!.driveDone(1, rig.drives[1]!, DRIVE_WRITE, DATA_OFFSET + 8, 8, DRIVE_OK, ++rig.nowNs)
    touch()
    const id = rig.submitWrite(8, 8)
    for (const bay of [0, 1]) rig.store(bay, 8, 8, id)
    touch()
    rig.acknowledge(id)
    rig.store(1, 8, 8, old)
    touch()
    expect(rig.laws).toEqual(['DIR'])
    expect(rig.oracle.violations[0]!.history.map(({ text }) => text)).toEqual([
      'write 1 (LBA 8 to 15) submitted',
      'write 1 acknowledged',
      'write to the drive in bay 1: now holds version 1',
      'write 2 (LBA 8 to 15) submitted',
      'write to the drive in bay 1: now holds version 2',
      'write 2 acknowledged',
      'write to the drive in bay 1: now holds version 1',
      'in bay 1 version 2 was overwritten by version 1',
    ])
  })
})
