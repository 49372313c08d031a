import { describe, expect, it } from 'vitest'
import { DRIVE_ABORTED, DRIVE_HARDWARE_ERROR, DRIVE_MEDIUM_ERROR, DRIVE_OK } from '../../assembly/abi/driveSlots'
import { faultFilterOf } from '../../host/faults/faultFilter'
import { LIE_FOREIGN, LIE_ROT, LIE_STALE, LIE_TORN } from '../../host/faults/lies'
import { SeededSurvival } from '../../host/hardware/survival'
import { RandomStream } from '../../host/sim/random'
import { checkStamp, readStamp } from '../../host/workload/stamp'
import { Bench } from './support'

const stream = () => RandomStream.fromSeed(1, 'test')

describe('a drive without an active fault', () => {
  it('does what it is told, and has not lied', () => {
    const bench = new Bench()
    expect(bench.write(8, 8, 5)).toBe(DRIVE_OK)
    expect(bench.read(8, 8)).toBe(DRIVE_OK)
    expect(checkStamp(bench.content(9), 0, 128, 9, 5)).toBe(true)
    expect(bench.filter.lied).toBe(false)
    expect(bench.filter.troubledSince(0)).toBe(false)
    expect(faultFilterOf(bench.drive)).toBe(bench.filter)
  })
})

describe('latent sector error', () => {
  it('fails reads with the first bad sector, leaves the data alone, and ends with the next write', () => {
    const bench = new Bench()
    bench.write(8, 8, 5)
    bench.filter.makeUnreadable(10, 2)
    expect(bench.read(8, 8)).toBe(DRIVE_MEDIUM_ERROR)
    expect(bench.read(8, 2)).toBe(DRIVE_OK)
    expect(bench.drive.firstUnreadable(8, 8)).toBe(10)
    expect(checkStamp(bench.content(10), 0, 128, 10, 5)).toBe(true)
    bench.write(10, 1, 6)
    expect(bench.drive.firstUnreadable(8, 8)).toBe(11)
    expect(bench.filter.lied).toBe(false)
  })
})

describe('transient errors', () => {
  it('abort so many commands of their kind, and store nothing', () => {
    const bench = new Bench()
    bench.filter.failReads(1)
    bench.filter.failWrites(2)
    expect(bench.write(0, 1, 1)).toBe(DRIVE_ABORTED)
    expect(bench.write(0, 1, 2)).toBe(DRIVE_ABORTED)
    expect(readStamp(bench.content(0), 0)).toBe(0)
    expect(bench.write(0, 1, 3)).toBe(DRIVE_OK)
    expect(bench.read(0, 1)).toBe(DRIVE_ABORTED)
    expect(bench.read(0, 1)).toBe(DRIVE_OK)
  })

  it('count as trouble from the time of the last one on', () => {
    const bench = new Bench()
    bench.filter.failReads(1)
    bench.read(0, 1)
    const nowNs = bench.events.nowNs
    expect(bench.filter.troubledSince(0)).toBe(true)
    bench.read(0, 1)
    expect(bench.filter.troubledSince(nowNs + 1)).toBe(false)
  })
})

describe('write error', () => {
  it('refuses writes that touch the range, names its first sector, and stores nothing of them', () => {
    const bench = new Bench()
    bench.write(0, 16, 1)
    bench.filter.refuseWrites(4, 2, 1)
    expect(bench.write(6, 2, 2)).toBe(DRIVE_OK)
    expect(bench.write(0, 8, 3)).toBe(DRIVE_MEDIUM_ERROR)
    expect(readStamp(bench.content(0), 0)).toBe(1)
    expect(bench.write(0, 8, 4)).toBe(DRIVE_OK)
  })
})

describe('hang', () => {
  it('swallows commands until its end', () => {
    const bench = new Bench()
    bench.filter.hang(50)
    expect(bench.read(0, 1)).toBeUndefined()
    expect(bench.filter.hungSince(0)).toBe(true)
    expect(bench.filter.hungSince(51)).toBe(false)
    expect(bench.filter.hungSince(51, 100)).toBe(true)
  })

  it('ends with a power cycle', () => {
    const bench = new Bench()
    bench.filter.hang(Number.POSITIVE_INFINITY)
    expect(bench.write(0, 1, 1)).toBeUndefined()
    bench.drive.powerCut(new SeededSurvival(stream()), null)
    bench.drive.powerUp()
    expect(bench.write(0, 1, 2)).toBe(DRIVE_OK)
  })
})

describe('fail-slow', () => {
  it('multiplies the service time inside its window', () => {
    const bench = new Bench()
    bench.read(0, 1)
    const plainNs = bench.events.nowNs
    bench.filter.slow(10, 2 * plainNs)
    bench.read(0, 1)
    expect(bench.events.nowNs).toBe(11 * plainNs)
    bench.read(0, 1)
    expect(bench.events.nowNs).toBe(12 * plainNs)
  })
})

describe('torn write', () => {
  it('leaves one sector half new and half old, and answers GOOD', () => {
    const bench = new Bench()
    bench.write(0, 8, 1)
    bench.filter.tearWrites(1, stream())
    expect(bench.write(0, 8, 2)).toBe(DRIVE_OK)
    const torn = Array.from({ length: 8 }, (_, lba) => lba).filter(
      (lba) => !checkStamp(bench.content(lba), 0, 128, lba, 2),
    )
    expect(torn).toHaveLength(1)
    const [lba] = torn as [number]
    expect(readStamp(bench.content(lba), 0)).toBe(2)
    expect(checkStamp(bench.content(lba), 0, 128, lba, 2)).toBe(false)
    expect(bench.filter.lies.of(lba, 0)).toBe(LIE_TORN)
    expect(bench.filter.lies.of((lba + 1) % 8, 0)).toBe(0)
  })
})

describe('lost write', () => {
  it('keeps the old content and answers GOOD, also through a volatile cache', () => {
    for (const volatileCache of [false, true]) {
      const bench = new Bench({ volatileCache })
      bench.write(8, 4, 1)
      bench.filter.loseWrites(1)
      expect(bench.write(9, 2, 2)).toBe(DRIVE_OK)
      expect(readStamp(bench.content(9), 0)).toBe(1)
      expect(bench.filter.lies.of(9, 0)).toBe(LIE_STALE)
      expect(bench.filter.lies.of(8, 0)).toBe(0)
      expect(bench.write(9, 2, 3)).toBe(DRIVE_OK)
      expect(readStamp(bench.content(9), 0)).toBe(3)
    }
  })

  it('explains nothing that was written after it', () => {
    const bench = new Bench()
    bench.filter.loseWrites(1)
    bench.write(9, 2, 2)
    expect(bench.filter.lies.of(9, bench.events.nowNs + 1)).toBe(0)
  })
})

describe('misdirected write', () => {
  it('goes elsewhere: its home is stale, its target foreign', () => {
    const bench = new Bench()
    bench.write(0, 32, 1)
    bench.filter.misdirectWrites(1, 10)
    expect(bench.write(3, 2, 2)).toBe(DRIVE_OK)
    expect(readStamp(bench.content(3), 0)).toBe(1)
    expect(checkStamp(bench.content(13), 0, 128, 3, 2)).toBe(true)
    expect(bench.filter.lies.of(3, 0)).toBe(LIE_STALE)
    expect(bench.filter.lies.of(14, 0)).toBe(LIE_FOREIGN)
  })

  it('wraps around both ends of the drive', () => {
    for (const [lba, offset, target] of [
      [1023, 8, 7],
      [2, -8, 1018],
    ] as const) {
      const bench = new Bench()
      bench.filter.misdirectWrites(1, offset)
      bench.write(lba, 1, 2)
      expect(readStamp(bench.content(target), 0)).toBe(2)
    }
  })
})

describe('bit rot', () => {
  it('delivers the same wrong bytes each time, of as many bits as told, until the sector is written', () => {
    const bench = new Bench()
    bench.write(8, 2, 1)
    bench.filter.rot(8, 1, 3, 0)
    const first = bench.content(8)
    expect(checkStamp(first, 0, 128, 8, 1)).toBe(false)
    expect(bench.content(8)).toEqual(first)
    expect(bench.read(8, 1)).toBe(DRIVE_OK)
    expect(checkStamp(bench.content(9), 0, 128, 9, 1)).toBe(true)
    const clean = new Bench()
    clean.write(8, 2, 1)
    const sound = clean.content(8)
    let bits = 0
    for (let i = 0; i < 128; i++) for (let d = first[i]! ^ sound[i]!; d !== 0; d &= d - 1) bits++
    expect(bits).toBe(3)
    expect(bench.filter.lies.of(8, 0)).toBe(LIE_ROT)
    bench.write(8, 1, 2)
    expect(checkStamp(bench.content(8), 0, 128, 8, 2)).toBe(true)
  })

  it('is a function of seed, drive and sector', () => {
    const rotten = (options: { seed?: number; id?: number }) => {
      const bench = new Bench(options)
      bench.filter.rot(8, 1, 1, 0)
      return bench.content(8)
    }
    expect(rotten({})).toEqual(rotten({}))
    expect(rotten({ seed: 2 })).not.toEqual(rotten({}))
    expect(rotten({ id: 8 })).not.toEqual(rotten({}))
  })
})

describe('flush faults', () => {
  it('ignored: the cache stays volatile, FUA too; counts as a lie only once power was lost', () => {
    const bench = new Bench({ volatileCache: true })
    bench.write(0, 1, 1)
    bench.flush()
    bench.filter.ignoreFlushes(Number.POSITIVE_INFINITY)
    bench.write(0, 1, 2)
    bench.write(1, 1, 3, true)
    expect(bench.flush()).toBe(DRIVE_OK)
    const onMedium = (lba: number) => {
      const bytes = new Uint8Array(512)
      bench.drive.medium.read(lba, 1, bytes, 0)
      return readStamp(new Uint32Array(bytes.buffer), 0)
    }
    expect(onMedium(0)).toBe(1)
    expect(onMedium(1)).toBe(0)
    expect(bench.filter.lied).toBe(true)
    expect(bench.filter.lies.of(0, 0)).toBe(0)
    bench.drive.powerCut(new SeededSurvival(stream()), null)
    bench.drive.powerUp()
    expect(bench.filter.lies.of(500, 0)).toBe(LIE_STALE)
    expect(bench.filter.lies.of(500, bench.events.nowNs + 1)).toBe(0)
  })

  it('failing: a hardware error, and nothing is durable', () => {
    const bench = new Bench({ volatileCache: true })
    bench.filter.failFlushes(1)
    bench.write(0, 1, 2)
    expect(bench.flush()).toBe(DRIVE_HARDWARE_ERROR)
    expect(bench.drive.medium.pageOf(0)).toBe(0)
    expect(bench.flush()).toBe(DRIVE_OK)
    expect(bench.drive.medium.pageOf(0)).not.toBe(0)
  })
})
