// Real devices as targets: what is mounted, is swap, or is the source by another name is refused, whatever name it is called.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, type TestContext } from 'vitest'
import { image } from '../image/imageCli'
import { blankImage, partition } from './diskTools'
import { requireLoopDevices, withLoopDevice, withMount } from './loopDevice'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

const MIB = 1 << 20

interface Disk {
  readonly folder: string
  readonly source: string
  /** A file with an ext2 labelled INSIDE, as a device. */
  readonly file: string
  readonly device: string
}

async function withDisk(ctx: Pick<TestContext, 'skip'>, work: (disk: Disk) => Promise<void>): Promise<void> {
  requireTool(ctx, 'mke2fs')
  requireLoopDevices(ctx)
  await withTemporaryFolder(async (folder) => {
    const [source, file] = [join(folder, 'source'), join(folder, 'file')]
    writeFileSync(source, Buffer.alloc(MIB, 'platterlab'))
    blankImage(file, 8 * MIB)
    runToolOk('mke2fs', ['-q', '-t', 'ext2', '-L', 'INSIDE', file])
    await withLoopDevice(file, (device) => work({ folder, source, file, device }), { writable: true })
  })
}

async function refused(source: string, target: string, words: string): Promise<void> {
  const before = statSync(target).isFile() ? readFileSync(target) : null
  const { code, err } = await image('clone', source, target, '--overwrite', basename(target))
  expect(err).toContain(words)
  expect(code).toBe(2)
  if (before) expect(readFileSync(target).equals(before)).toBe(true)
}

describe('a device as a target', () => {
  it('is named by the label of what is on it', async (ctx) => {
    await withDisk(ctx, async ({ source, device, file }) => {
      const { code, err } = await image('restore', source, device)
      expect(code).toBe(2)
      expect(err).toContain('  ext2 "INSIDE" ')
      expect(err).toContain(`its names: ${basename(device)} INSIDE `)
      expect((await image('restore', source, device, '--overwrite', 'INSIDE')).code).toBe(0)
      runToolOk('sync', [device])
      expect(readFileSync(file).subarray(0, MIB).equals(readFileSync(source))).toBe(true)
    })
  })

  it('is refused while it is mounted, and so is the file behind it', async (ctx) => {
    await withDisk(ctx, async ({ folder, source, device, file }) => {
      const mountPoint = join(folder, 'mount point')
      await withMount(device, 'ext2', mountPoint, async () => {
        await refused(source, device, `is in use: ${device} is mounted on ${mountPoint}`)
        await refused(source, file, `is in use: ${device} is mounted on ${mountPoint}`)
      })
      expect((await image('clone', source, file, '--overwrite', 'INSIDE')).code).toBe(0)
    })
  })

  it('is refused where it is the source, or the file behind it, or another device of that file', async (ctx) => {
    await withDisk(ctx, async ({ device, file }) => {
      await refused(device, device, 'are the same file')
      await refused(file, device, 'share storage')
      await refused(device, file, 'share storage')
      await withLoopDevice(file, (other) => refused(device, other, 'share storage'), { writable: true })
    })
  })

  it('is refused while it is used as swap, and so is a file', async (ctx) => {
    for (const tool of ['mkswap', 'swapon']) requireTool(ctx, tool)
    await withDisk(ctx, async ({ folder, source, device }) => {
      runToolOk('mkswap', ['-q', '-f', device])
      const file = join(folder, 'swap file')
      writeFileSync(file, Buffer.alloc(4 * MIB), { mode: 0o600 })
      runToolOk('mkswap', ['-q', file])
      for (const target of [device, file]) {
        if (runTool('swapon', [target]).exitCode !== 0) return void ctx.skip('this system takes no swap here')
        try {
          await refused(source, target, `is in use: ${target} is used as swap`)
        } finally {
          runToolOk('swapoff', [target])
        }
      }
    })
  })

  it('is refused while one of its partitions is mounted; another partition is not', async (ctx) => {
    for (const tool of ['sfdisk', 'partx']) requireTool(ctx, tool)
    await withDisk(ctx, async ({ folder, source, file, device }) => {
      partition(file, 'label: dos\nstart=2048, size=4096\nstart=8192, size=4096\n')
      runToolOk('losetup', ['--detach', device])
      const whole = runToolOk('losetup', ['--find', '--show', '--partscan', file]).trim()
      try {
        const [first, second] = [`${whole}p1`, `${whole}p2`]
        // Some kernels look for partitions themselves; then there is nothing to add.
        runTool('partx', ['--add', whole])
        for (let tries = 0; tries < 100 && !isThere(second); tries++) await sleep(20)
        if (!isThere(second)) return void ctx.skip('this kernel makes no partitions of loop devices')
        runToolOk('mke2fs', ['-q', '-t', 'ext2', '-L', 'FIRST', first])
        await withMount(first, 'ext2', join(folder, 'mounted'), async () => {
          for (const target of [first, whole, file]) await refused(source, target, `${first} is mounted on`)
          const { code, err } = await image('clone', source, second)
          expect([code, err]).toEqual([0, `${second}: blank (looked at all of it)\n`])
        })
        await refused(first, whole, 'share storage')
        await refused(whole, second, 'share storage')
      } finally {
        runToolOk('losetup', ['--detach', whole])
        // What withDisk detaches at its end.
        runToolOk('losetup', [device, file])
      }
    })
  })
})

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
