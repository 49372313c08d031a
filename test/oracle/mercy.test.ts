// What is not a violation: the judge must not charge an array for what no array could do.
import { describe, expect, it } from 'vitest'
import { DRIVE_FLUSH, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { ASC_WRITE_ERROR, SENSE_MEDIUM_ERROR } from '../../assembly/abi/scsi'
import { ARRAY_DEGRADED, STATUS_ARRAY_STATE, STATUS_DIRTY_REGIONS } from '../../assembly/abi/status'
import { LIE_STALE } from '../../host/faults/lies'
import { senseOf } from '../../host/oracle/sense'
import { RandomStream } from '../../host/sim/random'
import { fillStamp, stampPattern } from '../../host/workload/stamp'
import { DATA_OFFSET, FakeRig, meet, SECTOR_BYTES } from './fakeRig'

const WRITE_ERROR = senseOf(SENSE_MEDIUM_ERROR, ASC_WRITE_ERROR)

/** The first half of a sector of a version. */
function stampedHalf(lba: number, version: number): Uint32Array {
  const words = new Uint32Array(128)
  fillStamp(words, 0, lba, 1, SECTOR_BYTES, version)
  return words.subarray(0, 64)
}

describe('contents', () => {
  it('a write in flight may be seen or not, and a failed one for as long as it is not overwritten', () => {
    const rig = new FakeRig()
    const before = rig.write(8, 8)
    const id = rig.submitWrite(8, 8)
    rig.readVersion(9, before)
    rig.readVersion(9, id)
    for (const bay of [0, 1]) rig.filter(bay).refuseWrites(0, 99999, 1)
    for (const bay of [0, 1]) meet(rig, bay, DRIVE_WRITE)
    rig.failWrite(id, WRITE_ERROR)
    rig.readVersion(10, before)
    rig.readVersion(10, id)
    expect(rig.oracle.violations).toEqual([])
  })

  it('each sector of a write that a power cut interrupted is decided on its own', () => {
    const rig = new FakeRig()
    const before = rig.write(8, 8)
    const open = rig.submitWrite(8, 8)
    rig.powerCut()
    for (let lba = 8; lba < 16; lba++) rig.readVersion(lba, lba % 2 ? before : open)
    for (let lba = 8; lba < 16; lba++) rig.readVersion(lba, lba % 2 ? before : open)
    expect(rig.oracle.violations).toEqual([])
  })

  it('a sector that a tearing power cut left half written, until it is overwritten', () => {
    for (const tears of [true, false]) {
      const rig = new FakeRig()
      const before = rig.write(8, 8)
      const open = rig.submitWrite(8, 8)
      rig.oracle.powerCut(++rig.nowNs, tears)
      const torn = new Uint32Array(128)
      fillStamp(torn, 0, 9, 1, SECTOR_BYTES, open)
      torn.fill(stampPattern(before), 64)
      rig.readWords(9, 1, torn)
      expect(rig.laws).toEqual(tears ? [] : ['INT'])
      expect(rig.oracle.findings).toHaveLength(tears ? 1 : 0)
      if (!tears) continue
      rig.drives[0]!.medium.write(DATA_OFFSET + 9, new Uint8Array(torn.buffer))
      rig.drives[1]!.medium.write(DATA_OFFSET + 9, new Uint8Array(torn.buffer))
      rig.finish()
      expect(rig.laws).toEqual([])
      rig.write(8, 8)
      rig.readWords(9, 1, torn)
      expect(rig.laws).toEqual(['INT'])
    }
  })

  it('a copy that a power cut tore while the first contents of the members were made equal', () => {
    const filled = (byte: number) => (_: number, target: Uint8Array) => void target.fill(byte)
    for (const startImages of [[filled(1), filled(2)], [filled(1)]]) {
      const rig = new FakeRig({ startImages })
      const id = rig.write(8, 8)
      rig.powerCut()
      const torn = new Uint32Array(128).fill(0x01010101)
      torn.set(stampedHalf(9, id))
      rig.readWords(9, 1, torn)
      expect(rig.laws).toEqual(startImages.length > 1 ? [] : ['INT'])
    }
  })

  it('with a volatile cache, a failed write that was seen may be lost again by a power cut', () => {
    const rig = new FakeRig({ view: null, writeCacheEnabled: true })
    const id = rig.submitWrite(8, 8)
    rig.failWrite(id, WRITE_ERROR)
    rig.readVersion(9, id)
    rig.powerCut()
    rig.readVersion(9, 0)
    expect(rig.oracle.violations).toEqual([])
  })

  it('payloads with equal bytes are equal versions', () => {
    const rig = new FakeRig({ view: null })
    const payload = new Uint8Array(512).fill(5)
    for (let i = 0; i < 3; i++) {
      const id = rig.oracle.submitWrite(4, 1, false, payload.slice(), ++rig.nowNs)
      if (i < 2) rig.oracle.writeDone(id, true, 0, ++rig.nowNs)
    }
    rig.readWords(4, 1, new Uint32Array(payload.slice().buffer))
    rig.powerCut()
    rig.readWords(4, 1, new Uint32Array(payload.slice().buffer))
    expect(rig.oracle.violations).toEqual([])
  })

  it('a trim reads as zeros', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    const trim = rig.oracle.submitTrim(8, 4, ++rig.nowNs)
    for (const bay of [0, 1]) rig.drives[bay]!.medium.trim(DATA_OFFSET + 8, 4)
    rig.acknowledge(trim)
    rig.readVersion(9, 0)
    rig.readVersion(13, 1)
    expect(rig.oracle.violations).toEqual([])
    rig.readVersion(9, 1)
    expect(rig.laws).toEqual(['MONO'])
  })

  it('a read in flight across a power cut is forgotten', () => {
    const rig = new FakeRig()
    rig.oracle.submitRead(7, 0, 8, 1)
    rig.powerCut()
    rig.oracle.submitRead(7, 0, 8, 2)
    const words = new Uint32Array(1024)
    rig.oracle.readDone(7, true, 0, new Uint8Array(words.buffer), words, 0, 3)
    expect(rig.oracle.violations).toEqual([])
  })
})

describe('lies of a drive', () => {
  it('excuse exactly the sectors they touched, and an older version only', () => {
    const rig = new FakeRig()
    const before = rig.write(8, 8)
    const id = rig.submitWrite(8, 4)
    rig.filter(1).loseWrites(1)
    meet(rig, 1, DRIVE_WRITE, 8, 4)
    rig.store(0, 8, 4, id)
    rig.acknowledge(id)
    rig.readVersion(9, before)
    rig.readVersion(9, id)
    rig.readVersion(9, before)
    expect(rig.oracle.violations).toEqual([])
    expect(rig.oracle.findings[0]!.text).toContain('drive 1 lost a write to it')
    // Foreign bytes are not explained by a lost write, and other sectors not at all.
    rig.readWords(10, 1, new Uint32Array(SECTOR_BYTES / 4).fill(9))
    rig.readVersion(14, 0)
    expect(rig.laws).toEqual(['INT', 'DUR'])
  })

  it('about the metadata excuse all of it, those about other data do not', () => {
    for (const [lba, laws] of [
      [DATA_OFFSET - 1, []],
      [DATA_OFFSET + 100, ['DUR']],
    ] as const) {
      const rig = new FakeRig()
      const before = rig.write(8, 8)
      rig.write(8, 8)
      rig.filter(1).lies.add(lba, 1, LIE_STALE, ++rig.nowNs)
      rig.readVersion(9, before)
      expect(rig.laws).toEqual(laws)
    }
  })

  it('excuse nothing that was written after them', () => {
    const rig = new FakeRig()
    const before = rig.write(8, 8)
    rig.filter(1).loseWrites(1)
    meet(rig, 1, DRIVE_WRITE)
    rig.write(8, 8)
    rig.readVersion(9, before)
    expect(rig.laws).toEqual(['DUR'])
  })

  it('rot, torn and misdirected writes explain foreign bytes', () => {
    for (const kind of ['rot', 'torn', 'misdirected'] as const) {
      const rig = new FakeRig()
      rig.write(8, 1)
      const filter = rig.filter(0)
      if (kind === 'rot') filter.rot(DATA_OFFSET + 8, 1, 4, rig.nowNs)
      else if (kind === 'torn') filter.tearWrites(1, RandomStream.fromSeed(1, 't'))
      else filter.misdirectWrites(1, 3)
      if (kind !== 'rot') meet(rig, 0, DRIVE_WRITE, kind === 'torn' ? 8 : 5, 1)
      rig.readWords(8, 1, new Uint32Array(SECTOR_BYTES / 4).fill(9))
      expect(rig.laws).toEqual([])
      expect(rig.oracle.findings).toHaveLength(1)
    }
  })

  it('make different replicas a finding', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    rig.filter(1).rot(DATA_OFFSET + 9, 1, 1, rig.nowNs)
    rig.finish()
    expect(rig.oracle.violations).toEqual([])
    expect(rig.oracle.findings).toHaveLength(1)
  })

  it('an ignored flush excuses an acknowledgement that believed it', () => {
    const rig = new FakeRig({ writeCacheEnabled: true })
    rig.filter(1).ignoreFlushes(rig.nowNs + 10_000)
    const id = rig.write(8, 8, [0])
    meet(rig, 1, DRIVE_FLUSH, 0, 0)
    rig.flush()
    expect(rig.laws).toEqual([])
    rig.nowNs += 20_000
    rig.write(8, 8, [0])
    rig.flush()
    expect(rig.laws).toEqual(['DUR'])
    expect(id).toBe(1)
  })

  it('an ignored flush explains older versions after a power cut, and not before', () => {
    const rig = new FakeRig({ writeCacheEnabled: true, checkAcknowledgements: false })
    rig.filter(0).ignoreFlushes(Number.POSITIVE_INFINITY)
    rig.write(8, 8)
    meet(rig, 0, DRIVE_FLUSH, 0, 0)
    rig.flush()
    rig.readVersion(9, 0)
    expect(rig.laws).toEqual(['DUR'])
    rig.powerCut()
    rig.filter(0).powerCycled()
    rig.readVersion(10, 0)
    expect(rig.laws).toEqual(['DUR'])
  })
})

describe('acknowledgements', () => {
  it('a later version on the medium is as good, and one that overlapped', () => {
    const rig = new FakeRig()
    const one = rig.submitWrite(8, 8)
    const two = rig.submitWrite(8, 8)
    for (const bay of [0, 1]) rig.store(bay, 8, 8, two)
    rig.acknowledge(one)
    for (const bay of [0, 1]) rig.store(bay, 8, 8, one)
    rig.acknowledge(two)
    expect(rig.oracle.violations).toEqual([])
  })

  it('bays that are not claimed in sync need not hold anything', () => {
    const rig = new FakeRig()
    rig.fail(1)
    rig.write(8, 8, [0])
    expect(rig.oracle.violations).toEqual([])
  })

  it('with a volatile cache promise nothing of the medium', () => {
    const rig = new FakeRig({ writeCacheEnabled: true })
    rig.write(8, 8, [])
    expect(rig.oracle.violations).toEqual([])
  })
})

describe('at the end', () => {
  it('a degraded array keeps its marks', () => {
    const rig = new FakeRig()
    rig.fail(1)
    rig.status[STATUS_ARRAY_STATE] = ARRAY_DEGRADED
    rig.status[STATUS_DIRTY_REGIONS] = 4
    rig.finish()
    expect(rig.oracle.violations).toEqual([])
  })

  it('a latent error that nothing has read is a finding; unreadable everywhere is equal', () => {
    const rig = new FakeRig()
    rig.write(8, 8)
    rig.filter(1).makeUnreadable(DATA_OFFSET + 9, 1)
    for (const bay of [0, 1]) rig.drives[bay]!.medium.makeUnreadable(DATA_OFFSET + 12, 1)
    rig.finish()
    expect(rig.oracle.violations).toEqual([])
    expect(rig.oracle.findings).toHaveLength(1)
  })

  it('superblocks and bitmap may differ', () => {
    const rig = new FakeRig()
    rig.drives[0]!.medium.write(8, new Uint8Array(SECTOR_BYTES).fill(1))
    rig.finish()
    expect(rig.oracle.violations).toEqual([])
  })
})
