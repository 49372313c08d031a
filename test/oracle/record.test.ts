// What members say of themselves, against what the array says of them.
import { describe, expect, it } from 'vitest'
import {
  BAY_STATE_SPARE,
  STATUS_BITMAP_CHUNK_SECTORS,
  STATUS_BUSY,
  STATUS_EVENTS_HIGH,
  STATUS_EVENTS_LOW,
  STATUS_LUN_SECTORS_LOW,
} from '../../assembly/abi/status'
import { Drive } from '../../host/hardware/drive'
import { Medium } from '../../host/hardware/medium'
import { IDEAL_DEFAULTS, IdealModel } from '../../host/hardware/timing/idealModel'
import { DATA_OFFSET, FakeRig, LUN_SECTORS, SECTOR_BYTES } from './fakeRig'

const SUPERBLOCK_SECTOR = 8
const BITMAP_SECTOR = 16
const CHUNK_SECTORS = 128
const ROLE_SPARE = 0xffff

interface Said {
  readonly role?: number
  readonly events?: bigint
  readonly features?: number
  readonly sectors?: number
  readonly dataOffset?: number
  readonly chunkSectors?: number
}

/** Writes a superblock and the header of a bitmap; what is not told is as the array of `rigOf` says. */
function say(drive: Drive, device: number, said: Said): void {
  const superblock = new DataView(new ArrayBuffer(4096))
  superblock.setUint32(0, 0xa92b4efc, true)
  superblock.setUint32(8, said.features ?? 1, true)
  superblock.setBigUint64(80, BigInt(said.sectors ?? LUN_SECTORS), true)
  superblock.setInt32(96, BITMAP_SECTOR - SUPERBLOCK_SECTOR, true)
  superblock.setBigUint64(128, BigInt(said.dataOffset ?? DATA_OFFSET), true)
  superblock.setUint32(160, device, true)
  superblock.setBigUint64(200, said.events ?? EVENTS, true)
  superblock.setUint32(220, 3, true)
  superblock.setUint16(256 + 2 * device, said.role ?? device, true)
  drive.medium.write(SUPERBLOCK_SECTOR, new Uint8Array(superblock.buffer))
  const bitmap = new DataView(new ArrayBuffer(512))
  bitmap.setUint32(0, 0x6d746962, true)
  bitmap.setUint32(52, (said.chunkSectors ?? CHUNK_SECTORS) * 512, true)
  drive.medium.write(BITMAP_SECTOR, new Uint8Array(bitmap.buffer))
}

const EVENTS = (1n << 32n) + 7n

/** An array at rest; its second member says something else than the first one. */
function rigOf(said: Said): FakeRig {
  const rig = new FakeRig()
  rig.status[STATUS_EVENTS_LOW] = 7
  rig.status[STATUS_EVENTS_HIGH] = 1
  rig.status[STATUS_LUN_SECTORS_LOW] = LUN_SECTORS
  rig.status[STATUS_BITMAP_CHUNK_SECTORS] = CHUNK_SECTORS
  say(rig.drives[0]!, 0, {})
  say(rig.drives[1]!, 1, said)
  return rig
}

function lawsOf(rig: FakeRig): readonly string[] {
  rig.finish()
  return rig.laws
}

describe('a member in sync, when all is quiet', () => {
  it('says what the array says', () => {
    expect(lawsOf(rigOf({}))).toEqual([])
  })

  it.each<Said>([
    { role: ROLE_SPARE },
    { role: 0 },
    { features: 1 | 2 },
    { events: EVENTS - 1n },
    { events: 7n },
    { sectors: LUN_SECTORS - 8 },
    { dataOffset: DATA_OFFSET + 8 },
    { chunkSectors: CHUNK_SECTORS * 2 },
  ])('that says something else: TRUTH (%o)', (said) => {
    expect(lawsOf(rigOf(said))).toEqual(['TRUTH'])
  })

  it('is not held to that after a fault of its drive', () => {
    const rig = rigOf({ events: EVENTS - 1n })
    rig.filter(1)
    expect(lawsOf(rig)).toEqual([])
  })

  it('is not held to that while the array is at work', () => {
    const rig = rigOf({ events: EVENTS - 1n })
    rig.status[STATUS_BUSY] = 1
    rig.finish()
    expect(rig.laws).toEqual(['LIVE'])
  })

  it('says nothing without a superblock', () => {
    const rig = rigOf({ events: EVENTS - 1n })
    rig.drives[1]!.medium.write(SUPERBLOCK_SECTOR, new Uint8Array(512))
    expect(lawsOf(rig)).toEqual([])
  })
})

function withSpare(said: Said): FakeRig {
  const rig = rigOf({})
  const { arena } = rig.drives[0]!.medium
  const medium = Medium.blank(arena, SECTOR_BYTES, DATA_OFFSET + LUN_SECTORS)
  rig.drives[2] = new Drive(2, 'spare', medium, new IdealModel(IDEAL_DEFAULTS), false)
  say(rig.drives[2], 2, said)
  rig.claim(2, BAY_STATE_SPARE)
  return rig
}

describe('a spare, when all is quiet', () => {
  it('says that it is one: TRUTH', () => {
    expect(lawsOf(withSpare({ role: ROLE_SPARE }))).toEqual([])
    expect(lawsOf(withSpare({ role: 0xfffe }))).toEqual(['TRUTH'])
  })

  it('may know of nothing that every member in sync may have refused to record', () => {
    const old = { role: ROLE_SPARE, events: EVENTS - 1n }
    for (const [filtered, laws] of [
      [[0], ['TRUTH']],
      [[0, 1], []],
    ] as const) {
      const rig = withSpare(old)
      for (const bay of filtered) rig.filter(bay)
      expect(lawsOf(rig)).toEqual(laws)
    }
  })
})
