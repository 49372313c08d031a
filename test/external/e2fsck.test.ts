import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { e2fsckJudge, e2fsckRepair, linesBeyondRecovery, readFiles } from './e2fsck'
import {
  type Ext4Fixture,
  type Ext4Milestone,
  flushLines,
  imageAfter,
  keepsPromise,
  milestonesBy,
  readExt4Fixture,
} from './ext4Fixture'
import { requireLoopDevices, withLoopDevice, withMount } from './loopDevice'
import { requireTool, toolsAreRequired, withTemporaryFolder } from './tools'

const fixture = readExt4Fixture()
const LAST_LINE = fixture.operations.at(-1)!.line

function withImage<T>(image: Uint8Array, work: (file: string) => T | Promise<T>): Promise<T> {
  return withTemporaryFolder((folder) => {
    const file = join(folder, 'ext4.img')
    writeFileSync(file, image)
    return work(file)
  })
}

async function brokenPromises(file: string, milestones: readonly Ext4Milestone[]): Promise<string[]> {
  const paths = milestones.map((milestone) => milestone.path)
  const contents = await readFiles(file, paths)
  return paths.filter((_, index) => !keepsPromise(milestones[index]!, contents[index]!))
}

/** A spread of the flushes, denser where the tools have to be there; every one of them was tried when the recording was made. */
function crashLines(recording: Ext4Fixture): number[] {
  const stride = toolsAreRequired() ? 4 : 12
  return flushLines(recording).filter((_, index) => index % stride === 0)
}

describe('the recording of ext4', () => {
  it('holds real work: hundreds of writes, flushes between them, promises of the file system', () => {
    expect(fixture.startImage.length).toBe(24 * 1024 * 1024)
    expect(fixture.operations.filter((operation) => operation.kind === 'write').length).toBeGreaterThan(500)
    expect(flushLines(fixture).length).toBeGreaterThan(300)
    expect(fixture.milestones.length).toBeGreaterThan(100)
    expect(fixture.operations.at(-1)!.kind).toBe('flush')
    for (const { kind, offsetBytes, payload } of fixture.operations) {
      expect(offsetBytes % 512).toBe(0)
      expect(payload.length % 512).toBe(0)
      expect(payload.length > 0).toBe(kind === 'write')
    }
  })

  it('begins and ends with a file system that e2fsck calls clean', async (ctx) => {
    requireTool(ctx, 'e2fsck')
    requireTool(ctx, 'debugfs')
    await withImage(fixture.startImage, async (file) => expect((await e2fsckJudge(file)).clean).toBe(true))
    await withImage(imageAfter(fixture, LAST_LINE), async (file) => {
      const judgement = await e2fsckJudge(file)
      expect(judgement).toMatchObject({ clean: true, journalRecoveryOnly: true, journalReplayed: false, damage: [] })
      expect(await brokenPromises(file, milestonesBy(fixture, LAST_LINE))).toEqual([])
    })
  })

  it('cut after a flush needs journal recovery only, and then keeps every promise made before', async (ctx) => {
    requireTool(ctx, 'e2fsck')
    requireTool(ctx, 'debugfs')
    let replays = 0
    for (const line of crashLines(fixture)) {
      await withImage(imageAfter(fixture, line), async (file) => {
        const judgement = await e2fsckJudge(file)
        expect({ line, damage: judgement.damage }).toEqual({ line, damage: [] })
        if (judgement.journalReplayed) replays++
        e2fsckRepair(file)
        expect(await brokenPromises(file, milestonesBy(fixture, line))).toEqual([])
      })
    }
    expect(replays).toBeGreaterThan(20)
  })

  it("cut in the middle is recovered by the kernel's own ext4, too", async (ctx) => {
    requireTool(ctx, 'e2fsck')
    requireTool(ctx, 'mount')
    requireLoopDevices(ctx)
    const lines = flushLines(fixture)
    for (const line of [lines[40]!, lines[200]!, lines.at(-20)!]) {
      await withImage(imageAfter(fixture, line), async (file) => {
        expect((await e2fsckJudge(file)).clean).toBe(false)
        await withLoopDevice(file, (device) => withMount(device, 'ext4', `${file}.mnt`, () => undefined), {
          writable: true,
        })
        const judgement = await e2fsckJudge(file)
        expect(judgement).toMatchObject({ clean: true, journalReplayed: false })
      })
    }
  })
})

describe('the judge of ext4', () => {
  /** Journal commits between a flush and the next that never reached the medium: what a mirror that loses writes does. */
  function withoutSomeWrites(lastLine: number, isLost: (index: number) => boolean): Uint8Array {
    const operations = fixture.operations.filter((operation, index) => operation.kind === 'flush' || !isLost(index))
    return imageAfter({ ...fixture, operations }, lastLine)
  }

  it('sees a lost write', async (ctx) => {
    requireTool(ctx, 'e2fsck')
    await withImage(
      withoutSomeWrites(LAST_LINE, (index) => index % 7 === 0),
      async (file) => {
        const judgement = await e2fsckJudge(file)
        expect(judgement.clean).toBe(false)
        expect(judgement.journalRecoveryOnly).toBe(false)
        expect(judgement.damage).not.toEqual([])
      },
    )
  })

  it('sees a promise that was broken by writes that came after the cut', async (ctx) => {
    requireTool(ctx, 'e2fsck')
    requireTool(ctx, 'debugfs')
    const lines = flushLines(fixture)
    const [promised, reached] = [lines[300]!, lines[200]!]
    await withImage(imageAfter(fixture, reached), async (file) => {
      e2fsckRepair(file)
      expect(await brokenPromises(file, milestonesBy(fixture, promised))).toContain('ledger.log')
    })
  })

  it('takes no unknown line for recovery', () => {
    const recovery = 'platterlab: recovering journal\nFree blocks count wrong (4629, counted=4563).\nFix? yes\n'
    expect(linesBeyondRecovery(recovery)).toEqual([])
    for (const line of [
      'Free blocks count wrong for group #0 (10, counted=9).',
      'Pass 1B: Rescanning for multiply-claimed blocks',
      'Block bitmap differences:  -421',
      'Inode 12 has an invalid extent node (blk 5, lblk 0)',
      'Superblock has an invalid journal (inode 8).',
    ]) {
      expect(linesBeyondRecovery(recovery + line)).toEqual([line])
    }
  })

  it('leaves the image that it judges as it was', async (ctx) => {
    requireTool(ctx, 'e2fsck')
    const image = imageAfter(fixture, flushLines(fixture)[100]!)
    await withImage(image, async (file) => {
      await e2fsckJudge(file)
      expect(readFileSync(file).equals(image)).toBe(true)
    })
  })
})
