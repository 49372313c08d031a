// One source onto several targets, with judges that know nothing of us: cmp and qemu-img compare on files and devices, and a disk that is full.

import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { RandomStream } from '../../host/sim/random'
import { image } from '../image/imageCli'
import { blankImage } from './diskTools'
import { requireLoopDevices, withLoopDevice, withMount } from './loopDevice'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const MIB = 1 << 20

/** Half noise, half zeros. */
function sourceIn(folder: string, bytes: number): string {
  const random = RandomStream.fromSeed(1, 'source')
  const words = new Uint32Array(bytes / 4)
  for (let word = 0; word < words.length; word++) if ((word >> 14) % 2 === 0) words[word] = random.nextU32()
  const path = join(folder, 'source')
  writeFileSync(path, words)
  return path
}

it('cmp and qemu-img find new images, an old file and a device equal to the source', async (ctx) => {
  requireTool(ctx, 'cmp')
  requireTool(ctx, 'qemu-img')
  requireLoopDevices(ctx)
  await withTemporaryFolder(async (folder) => {
    const source = sourceIn(folder, 24 * MIB)
    const [fresh, old, behind] = ['fresh.img', 'old.img', 'behind'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(old, Buffer.alloc(30 * MIB, 'what was there before'))
    writeFileSync(behind, Buffer.alloc(25 * MIB, 'what was there before'))
    await withLoopDevice(
      behind,
      async (device) => {
        const names = ['--overwrite', 'old.img', '--overwrite', basename(device)]
        const { code, out } = await image('clone', source, fresh, old, device, '--sync', '--read-back', ...names)
        expect([code, out.split('\n')[0]]).toEqual([0, `${source} -> 3 targets: complete`])
        runToolOk('cmp', ['-n', String(24 * MIB), source, device])
      },
      { writable: true },
    )
    runToolOk('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', source, fresh])
    runToolOk('cmp', [source, fresh])
    runToolOk('cmp', ['-n', String(24 * MIB), source, old])
    // What lies behind the source's end is as it was.
    expect(
      readFileSync(old)
        .subarray(24 * MIB)
        .equals(Buffer.alloc(30 * MIB, 'what was there before').subarray(24 * MIB)),
    ).toBe(true)
    truncateSync(behind, 24 * MIB)
    runToolOk('cmp', [source, behind])
  })
})

it.for([true, false])(
  'completes one image while the disk of the other one is full (the first one: %s)',
  async (isFirst, ctx) => {
    requireTool(ctx, 'cmp')
    requireTool(ctx, 'mke2fs')
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const source = sourceIn(folder, 24 * MIB)
      const small = join(folder, 'small')
      blankImage(small, 8 * MIB)
      runToolOk('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', small])
      await withLoopDevice(
        small,
        (device) =>
          withMount(device, 'ext4', join(folder, 'full'), async (mounted) => {
            const [full, roomy] = [join(mounted, 'a.img'), join(folder, 'b.img')]
            const targets = isFirst ? [full, roomy] : [roomy, full]
            const { code, out } = await image('create', source, ...targets, '--sync')
            expect(code).toBe(1)
            expect(out).toContain(`${source} -> 2 targets: complete on 1 of 2 targets`)
            expect(out).toContain(`${full}: no copy: the target takes no more`)
            expect(out).toContain('ENOSPC')
            expect(out).toContain(`${roomy}: complete`)
            runToolOk('cmp', [source, roomy])
            expect(readdirSync(mounted)).toEqual(['lost+found'])
          }),
        { writable: true },
      )
    })
  },
)
