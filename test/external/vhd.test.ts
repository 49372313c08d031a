// VHD before QEMU, 7-Zip and libvhdi.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vhdFormat } from '../../host/formats/vhd/vhdFormat'
import { diskOf, noise, type Piece, writeImage } from '../formats/imageHarness'
import { runImageTool } from './imageTools'
import { EDGES, expectQemuReads, expectWeRead } from './qemuImg'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const format = vhdFormat
const qemuName = 'vpc'

describe('a VHD of ours', () => {
  it.for(EDGES)('is what QEMU expects: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      for (const options of [{}, { block_size: '512K' }, { subformat: 'fixed' }]) {
        if (diskBytes === 0 && 'subformat' in options) continue
        await expectQemuReads({ format, qemuName, folder, diskBytes, pieces }, options)
      }
    })
  })

  it('is read by 7-Zip', async (ctx) => {
    requireTool(ctx, '7z')
    await withTemporaryFolder(async (folder) => {
      const [diskBytes, pieces] = EDGES[7]!
      for (const options of [{}, { subformat: 'fixed' }]) {
        await writeImage(format, join(folder, 'ours.vhd'), diskBytes, pieces, options)
        const content = runImageTool('7z', ['e', '-so', '-tvhd', join(folder, 'ours.vhd')])
        expect(Buffer.compare(content, diskOf(diskBytes, pieces))).toBe(0)
      }
    })
  })

  it('with a parent is read by 7-Zip, and libvhdi sees whose child it is', async (ctx) => {
    requireTool(ctx, '7z')
    requireTool(ctx, 'vhdiinfo')
    await withTemporaryFolder(async (folder) => {
      const [diskBytes, pieces] = EDGES[7]!
      const changes: Piece[] = [
        [0, noise(777, 3)],
        [1_500_000, noise(10_000, 4)],
        // Behind a stretch of zeros where the parent has data.
        [5_000_000, noise(3000, 5)],
      ]
      await writeImage(format, join(folder, 'base.vhd'), diskBytes, pieces)
      await writeImage(format, join(folder, 'child.vhd'), diskBytes, changes, { parent: join(folder, 'base.vhd') })
      const content = runImageTool('7z', ['e', '-so', '-tvhd', join(folder, 'child.vhd')])
      expect(Buffer.compare(content, diskOf(diskBytes, changes))).toBe(0)
      const id = /\tIdentifier\s*: (\S+)/.exec(runToolOk('vhdiinfo', [join(folder, 'base.vhd')]))?.[1]
      const info = runToolOk('vhdiinfo', [join(folder, 'child.vhd')])
      expect(info).toMatch(/Disk type\s*: Differential/)
      expect(/Parent identifier\s*: (\S+)/.exec(info)?.[1]).toBe(id)
      expect(info).toContain('base.vhd')
    })
  })
})

describe("a VHD of QEMU's", () => {
  it.for(EDGES)('is read: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      const one = { format, qemuName, folder, diskBytes, pieces }
      // A fixed disk of 0 bytes is a footer alone. QEMU 7.2 takes it for the beginning of a dynamic one, also when it is its own.
      const subformats = diskBytes === 0 ? ['dynamic'] : ['dynamic', 'fixed']
      for (const options of [['force_size=on'], []]) {
        for (const subformat of subformats) {
          const theirs = await expectWeRead(one, [`subformat=${subformat}`, ...options])
          if (options.length > 0 && subformat === 'fixed') expect(statSync(theirs).size).toBe(diskBytes + 512)
        }
      }
    })
  })
})
