import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ArrayStateName, BayStateName } from '../../host/scenario/scenario'
import { requireLoopDevices } from './loopDevice'
import { MD_CLEAN, MD_ROLE_FAULTY, MD_ROLE_SPARE, type MdMember, writeMdMember } from './mdImage'
import { disagreements } from './memberAgreement'
import type { RunImages } from './runForImages'
import { requireTool, withTemporaryFolder } from './tools'

const SIZE_SECTORS = 8192
const DATA_OFFSET_SECTORS = 256

function member(deviceNumber: number, changes: Partial<MdMember> = {}): MdMember {
  return {
    arrayUuid: new Uint8Array(16).fill(7),
    deviceUuid: new Uint8Array(16).fill(deviceNumber),
    name: 'lab',
    createdSeconds: 1,
    updatedSeconds: 2,
    raidDisks: 2,
    sizeSectors: SIZE_SECTORS,
    dataSizeSectors: SIZE_SECTORS,
    dataOffsetSectors: DATA_OFFSET_SECTORS,
    deviceNumber,
    roles: [0, 1],
    events: 9n,
    resyncOffset: MD_CLEAN,
    recoveryOffset: null,
    bitmap: { offsetSectors: 8, chunkBytes: 65536, events: 9n, eventsCleared: 9n, state: 0, dirtyChunks: [] },
    badBlockLog: null,
    ...changes,
  }
}

function judge(
  members: readonly (MdMember | null)[],
  array: ArrayStateName,
  bays: readonly BayStateName[],
  spoil: (run: RunImages) => Promise<void> | void = () => undefined,
): Promise<string[]> {
  return withTemporaryFolder(async (folder) => {
    const lunImage = join(folder, 'lun.img')
    writeFileSync(lunImage, Buffer.alloc(SIZE_SECTORS * 512))
    const memberImages = members.map((description, bay) => {
      if (description === null) return null
      const image = join(folder, `bay${bay}.img`)
      writeMdMember(image, description, DATA_OFFSET_SECTORS + SIZE_SECTORS)
      return image
    })
    const run = { lunImage, memberImages, status: { array, bays } } as unknown as RunImages
    await spoil(run)
    return disagreements(run)
  })
}

describe('the members of a run against the array that claims them', () => {
  it('agree: optimal, degraded, with a spare, in a rebuild', async (ctx) => {
    requireTool(ctx, 'mdadm')
    requireLoopDevices(ctx)
    const degraded = { roles: [0, MD_ROLE_FAULTY] }
    const withSpare = { roles: [0, 1, MD_ROLE_SPARE] }
    const rebuild = { roles: [0, MD_ROLE_FAULTY, 1] }
    expect(await judge([member(0), member(1)], 'optimal', ['in-sync', 'in-sync'])).toEqual([])
    expect(await judge([member(0, degraded), null], 'degraded', ['in-sync', 'empty'])).toEqual([])
    expect(
      await judge(
        [0, 1, 2].map((device) => member(device, withSpare)),
        'optimal',
        ['in-sync', 'in-sync', 'spare'],
      ),
    ).toEqual([])
    expect(
      await judge([member(0, rebuild), null, member(2, { ...rebuild, recoveryOffset: 1024n })], 'degraded', [
        'in-sync',
        'empty',
        'rebuilding',
      ]),
    ).toEqual([])
  })

  it('disagree: each lie is named with its bay', async (ctx) => {
    requireTool(ctx, 'mdadm')
    requireLoopDevices(ctx)
    const both: BayStateName[] = ['in-sync', 'in-sync']
    const says = async (second: Partial<MdMember>, array: ArrayStateName = 'optimal', bays = both) =>
      (await judge([member(0), member(1, second)], array, bays)).join('\n')
    const bitmap = member(0).bitmap!
    expect(await says({ events: 8n })).toMatch(/event count: 9, 8/)
    expect(await says({ arrayUuid: new Uint8Array(16) })).toMatch(/array UUID/)
    expect(await says({ roles: [0, MD_ROLE_SPARE] })).toMatch(/bay 1: Device Role : spare/)
    expect(await says({ recoveryOffset: 8n })).toMatch(/bay 1: Recovery Offset in a bay that is in-sync/)
    expect(await says({}, 'optimal', ['in-sync', 'rebuilding'])).toMatch(/bay 1: no Recovery Offset/)
    expect(await says({}, 'degraded')).toMatch(/bay 0: Array State AA of an array that claims to be degraded/)
    expect(await says({ bitmap: { ...bitmap, dirtyChunks: [3] } })).toMatch(/bay 1: 1 dirty chunks/)
    expect(await says({ bitmap: { ...bitmap, state: 2 } })).toMatch(/bay 1: State : Out of date/)
    expect(await says({ bitmap: { ...bitmap, eventsCleared: 10n } })).toMatch(/bay 1: bitmap cleared/)
  })

  it('disagree where a data area is not the LUN', async (ctx) => {
    requireTool(ctx, 'mdadm')
    requireLoopDevices(ctx)
    const at = 1_500_000
    const spoil = async (run: RunImages) => {
      const file = await open(run.memberImages[1]!, 'r+')
      await file.write(Uint8Array.of(1), 0, 1, DATA_OFFSET_SECTORS * 512 + at)
      await file.close()
    }
    const says = await judge([member(0), member(1)], 'optimal', ['in-sync', 'in-sync'], spoil)
    expect(says).toEqual([`bay 1: differs from the LUN at byte ${at}`])
  })
})
