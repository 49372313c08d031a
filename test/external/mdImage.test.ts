import { open } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requireLoopDevices } from './loopDevice'
import { mdadmExamine, mdadmExamineBadBlocks, mdadmExamineBitmapOfFile } from './mdadm'
import {
  MD_CLEAN,
  MD_ROLE_FAULTY,
  MD_ROLE_SPARE,
  type MdMember,
  mdBitmapBits,
  SECTOR_BYTES,
  writeMdMember,
} from './mdImage'
import { requireTool, withTemporaryFolder } from './tools'

const SIZE_SECTORS = 32768
const DATA_OFFSET_SECTORS = 2048

function member(changes: Partial<MdMember> = {}): MdMember {
  return {
    arrayUuid: Uint8Array.from({ length: 16 }, (_, index) => index + 1),
    deviceUuid: Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index),
    name: 'platterlab:0',
    createdSeconds: 1_700_000_000,
    updatedSeconds: 1_700_000_100,
    raidDisks: 2,
    sizeSectors: SIZE_SECTORS,
    dataSizeSectors: SIZE_SECTORS,
    dataOffsetSectors: DATA_OFFSET_SECTORS,
    deviceNumber: 0,
    roles: [0, 1],
    events: 42n,
    resyncOffset: MD_CLEAN,
    recoveryOffset: null,
    bitmap: {
      offsetSectors: 8,
      chunkBytes: 65536,
      events: 42n,
      eventsCleared: 40n,
      state: 0,
      dirtyChunks: [0, 3, 255],
    },
    badBlockLog: { offsetSectors: 16, sizeSectors: 8, blocks: [] },
    ...changes,
  }
}

function withMember<T>(changes: Partial<MdMember>, work: (file: string) => T | Promise<T>): Promise<T> {
  return withTemporaryFolder((folder) => {
    const file = join(folder, 'member.img')
    writeMdMember(file, member(changes), DATA_OFFSET_SECTORS + SIZE_SECTORS)
    return work(file)
  })
}

async function overwrite(file: string, offsetBytes: number, bytes: readonly number[]): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(Uint8Array.from(bytes), 0, bytes.length, offsetBytes)
  await handle.close()
}

describe('mdadm --examine', () => {
  it('accepts a clean member and reads every field back', async (ctx) => {
    requireTool(ctx, 'mdadm')
    await withMember({}, (file) => {
      const seen = mdadmExamine(file)
      expect(seen.problems).toEqual([])
      expect(seen).toMatchObject({
        featureMap: 1,
        arrayUuid: '01020304:05060708:090a0b0c:0d0e0f10',
        name: 'platterlab:0',
        raidDevices: 2,
        dataOffsetSectors: DATA_OFFSET_SECTORS,
        availableSectors: SIZE_SECTORS,
        events: 42n,
        clean: true,
        bitmapOffsetSectors: 8,
        recoveryOffsetSectors: null,
        activeDevice: 0,
        arrayState: 'AA',
      })
      expect(seen.fields.get('Version')).toBe('1.2')
      expect(seen.fields.get('Raid Level')).toBe('raid1')
      expect(seen.fields.get('Device UUID')).toBe('a0a1a2a3:a4a5a6a7:a8a9aaab:acadaeaf')
      expect(seen.fields.get('Update Time')).toBe('Tue Nov 14 22:15:00 2023')
      expect(seen.fields.get('Unused Space')).toBe('before=1968 sectors, after=0 sectors')
    })
  })

  it('shows a member under rebuild as active, with its recovery offset', async (ctx) => {
    requireTool(ctx, 'mdadm')
    await withMember({ deviceNumber: 1, recoveryOffset: 4096n }, (file) => {
      const seen = mdadmExamine(file)
      expect(seen.problems).toEqual([])
      expect(seen).toMatchObject({ featureMap: 3, activeDevice: 1, recoveryOffsetSectors: 4096, arrayState: 'AA' })
    })
  })

  it('calls an array active while resync_offset is anything but all ones', async (ctx) => {
    requireTool(ctx, 'mdadm')
    for (const resyncOffset of [0n, 1000n, BigInt(SIZE_SECTORS)]) {
      await withMember({ resyncOffset }, (file) => {
        expect(mdadmExamine(file)).toMatchObject({ clean: false, problems: [] })
      })
    }
  })

  it('derives the array state from the roles, wherever in the table they stand', async (ctx) => {
    requireTool(ctx, 'mdadm')
    const cases: [Partial<MdMember>, number | null, string][] = [
      [{ raidDisks: 1, roles: [0] }, 0, 'A'],
      [{ roles: [0, MD_ROLE_FAULTY] }, 0, 'A.'],
      [{ roles: [0, MD_ROLE_FAULTY, 1] }, 0, 'AA'],
      [{ roles: [0, 1, MD_ROLE_SPARE], deviceNumber: 2 }, null, 'AA'],
      [{ roles: [0, MD_ROLE_FAULTY], deviceNumber: 1 }, null, 'A.'],
      [{ raidDisks: 3, roles: [MD_ROLE_SPARE, 2, 0], deviceNumber: 1 }, 2, 'A.A'],
      [{ raidDisks: 8, roles: [0, 1, 2, 3, 4, 5, 6, 7], deviceNumber: 7 }, 7, 'AAAAAAAA'],
      [{ deviceNumber: 5 }, null, 'AA'],
    ]
    for (const [changes, activeDevice, arrayState] of cases) {
      await withMember(changes, (file) => {
        expect(mdadmExamine(file)).toMatchObject({ activeDevice, arrayState, problems: [] })
      })
    }
  })

  it('is not satisfied by a wrong checksum, a role too many, a short device or a foreign bitmap', async (ctx) => {
    requireTool(ctx, 'mdadm')
    await withMember({}, async (file) => {
      await overwrite(file, 4096 + 200, [43])
      expect(mdadmExamine(file).problems).toEqual([expect.stringMatching(/^Checksum : .* expected /)])
    })
    await withMember({ roles: [0, 0, 0] }, (file) => {
      expect(mdadmExamine(file).problems).toEqual([expect.stringMatching(/^WARNING/)])
    })
    await withMember({ sizeSectors: SIZE_SECTORS + 64, dataSizeSectors: SIZE_SECTORS + 64 }, (file) => {
      expect(mdadmExamine(file).problems).toEqual([expect.stringMatching(/too small/i)])
    })
    await withMember({}, async (file) => {
      await overwrite(file, 4096 + 8 * SECTOR_BYTES + 8, [0xff])
      const seen = mdadmExamine(file)
      expect(seen).toMatchObject({ featureMap: 0, bitmapOffsetSectors: null })
      expect(seen.problems).toEqual([expect.stringMatching(/^Checksum/)])
    })
    await withMember({}, async (file) => {
      await overwrite(file, 4096, [0])
      expect(() => mdadmExamine(file)).toThrow(/No md superblock/)
    })
  })

  it('accepts any numbers that a member can hold', async (ctx) => {
    requireTool(ctx, 'mdadm')
    const arbitrary = fc.record({
      raidDisks: fc.integer({ min: 1, max: 8 }),
      events: fc.bigInt({ min: 0n, max: 2n ** 63n }),
      arrayUuid: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      extraDevices: fc.integer({ min: 0, max: 120 }),
    })
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ raidDisks, events, arrayUuid, extraDevices }) => {
        const roles = Array.from({ length: raidDisks + extraDevices }, (_, i) => (i < raidDisks ? i : MD_ROLE_SPARE))
        await withMember({ raidDisks, events, arrayUuid, roles }, (file) => {
          const arrayState = 'A'.repeat(raidDisks)
          expect(mdadmExamine(file)).toMatchObject({ problems: [], raidDevices: raidDisks, events, arrayState })
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('mdadm --examine-bitmap', () => {
  it('reads state, events and the number of dirty chunks', async (ctx) => {
    requireTool(ctx, 'mdadm')
    requireLoopDevices(ctx)
    await withMember({}, async (file) => {
      expect(await mdadmExamineBitmapOfFile(file)).toMatchObject({
        problems: [],
        uuid: '01020304:05060708:090a0b0c:0d0e0f10',
        events: 42n,
        eventsCleared: 40n,
        state: 'OK',
        chunkBytes: 65536,
        syncKibibytes: SIZE_SECTORS / 2,
        bits: 256,
        dirtyBits: 3,
      })
    })
  })

  it('counts every bit of a bitmap of several pages, and none beyond the last chunk', async (ctx) => {
    requireTool(ctx, 'mdadm')
    requireLoopDevices(ctx)
    const bits = mdBitmapBits(SIZE_SECTORS - 3, 512)
    const dirtyChunks = [0, 7, 8, 4095 * 8, bits - 1, bits, bits + 1].filter((chunk) => chunk < bits + 2)
    const bitmap = { offsetSectors: 8, chunkBytes: 512, events: 1n, eventsCleared: 1n, state: 0, dirtyChunks }
    await withMember({ sizeSectors: SIZE_SECTORS - 3, bitmap, badBlockLog: null }, async (file) => {
      const expected = dirtyChunks.filter((chunk) => chunk < bits).length
      expect(await mdadmExamineBitmapOfFile(file)).toMatchObject({ problems: [], bits, dirtyBits: expected })
    })
  })

  it('is not satisfied by a stale bitmap or by none', async (ctx) => {
    requireTool(ctx, 'mdadm')
    requireLoopDevices(ctx)
    await withMember({ bitmap: { ...member().bitmap!, state: 2 } }, async (file) => {
      expect((await mdadmExamineBitmapOfFile(file)).problems).toEqual(['State : Out of date'])
    })
    await withMember({ bitmap: null }, async (file) => {
      expect((await mdadmExamineBitmapOfFile(file)).problems).not.toEqual([])
    })
  })
})

describe('mdadm --examine-badblocks', () => {
  it('tells no log, an empty log and entries apart', async (ctx) => {
    requireTool(ctx, 'mdadm')
    const log = { offsetSectors: 16, sizeSectors: 8 }
    const blocks = [
      { sector: 100, sectorCount: 8 },
      { sector: 30000, sectorCount: 512 },
    ]
    await withMember({ badBlockLog: null }, (file) => expect(mdadmExamineBadBlocks(file)).toBe(null))
    await withMember({ badBlockLog: { ...log, blocks: [] } }, (file) => expect(mdadmExamineBadBlocks(file)).toEqual([]))
    await withMember({ badBlockLog: { ...log, blocks } }, (file) => {
      expect(mdadmExamineBadBlocks(file)).toEqual(blocks)
      expect(mdadmExamine(file)).toMatchObject({ problems: [], featureMap: 9 })
    })
  })
})
