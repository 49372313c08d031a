// VMDK before QEMU, 7-Zip and libvmdk.

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vmdkFormat } from '../../host/formats/vmdk/vmdkFormat'
import { contentOf, diskOf, findingsIn, writeImage } from '../formats/imageHarness'
import { runImageTool } from './imageTools'
import { EDGES, expectQemuReads, expectWeRead } from './qemuImg'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const format = vmdkFormat
const qemuName = 'vmdk'

// QEMU 7.2 cannot open a VMDK of 0 bytes, also when it is its own.

describe('a VMDK of ours', () => {
  it.for(EDGES.slice(1))('is what QEMU expects: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      for (const options of [{}, { subformat: 'streamOptimized' }]) {
        await expectQemuReads({ format, qemuName, folder, diskBytes, pieces }, options)
      }
    })
  })

  it('is read by 7-Zip, and described by libvmdk', async (ctx) => {
    requireTool(ctx, '7z')
    requireTool(ctx, 'vmdkinfo')
    await withTemporaryFolder(async (folder) => {
      const [diskBytes, pieces] = EDGES[7]!
      for (const subformat of ['monolithicSparse', 'streamOptimized']) {
        const path = join(folder, 'ours.vmdk')
        await writeImage(format, path, diskBytes, pieces, { subformat })
        const content = runImageTool('7z', ['e', '-so', '-tvmdk', path])
        expect(Buffer.compare(content, diskOf(diskBytes, pieces))).toBe(0)
        const info = runToolOk('vmdkinfo', [path])
        expect(info).toContain(`(${diskBytes} bytes)`)
        expect(info).toMatch(subformat === 'monolithicSparse' ? /Monolithic sparse/i : /Stream optimized/i)
      }
    })
  })
})

describe("a VMDK of QEMU's", () => {
  const SUBFORMATS = [
    'monolithicSparse',
    'streamOptimized',
    'monolithicFlat',
    'twoGbMaxExtentSparse',
    'twoGbMaxExtentFlat',
    'monolithicSparse,zeroed_grain=on',
  ]

  it.for(EDGES.slice(1))('is read: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    for (const subformat of SUBFORMATS) {
      await withTemporaryFolder(async (folder) => {
        await expectWeRead({ format, qemuName, folder, diskBytes, pieces }, [`subformat=${subformat}`])
      })
    }
  })

  it('is read with its parent', async (ctx) => {
    requireTool(ctx, 'qemu-img')
    requireTool(ctx, 'qemu-io')
    await withTemporaryFolder(async (folder) => {
      const [diskBytes, pieces] = EDGES[7]!
      const base = await expectWeRead({ format, qemuName, folder, diskBytes, pieces }, [])
      const child = join(folder, 'child.vmdk')
      runToolOk('qemu-img', ['create', '-f', 'vmdk', '-b', base, '-F', 'vmdk', child])
      runToolOk('qemu-io', ['-f', 'vmdk', '-c', 'write -P 0x5a 100000 200000', '-c', 'write -P 0 4600000 60000', child])
      const expected = diskOf(diskBytes, pieces).fill(0x5a, 100_000, 300_000).fill(0, 4_600_000, 4_660_000)
      expect(Buffer.compare(await contentOf(format, child), expected)).toBe(0)
      expect(await findingsIn(format, child)).toEqual([])
      // A base that has been changed is no base.
      runToolOk('qemu-io', ['-f', 'vmdk', '-c', 'write -P 1 0 512', base])
      await expect(format.open(child)).rejects.toThrow('another disk')
      renameSync(base, join(folder, 'gone.vmdk'))
      await expect(format.open(child)).rejects.toThrow('is not there')
    })
  })
})
