// VDI before QEMU and 7-Zip.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vdiFormat } from '../../host/formats/vdi/vdiFormat'
import { diskOf, writeImage } from '../formats/imageHarness'
import { runImageTool } from './imageTools'
import { EDGES, expectQemuReads, expectWeRead } from './qemuImg'
import { requireTool, withTemporaryFolder } from './tools'

const format = vdiFormat
const qemuName = 'vdi'

describe('a VDI of ours', () => {
  it.for(EDGES)('is what QEMU expects: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      for (const subformat of ['dynamic', 'static']) {
        await expectQemuReads({ format, qemuName, folder, diskBytes, pieces }, { subformat })
      }
    })
  })

  it('is read by 7-Zip', async (ctx) => {
    requireTool(ctx, '7z')
    await withTemporaryFolder(async (folder) => {
      const [diskBytes, pieces] = EDGES[7]!
      for (const subformat of ['dynamic', 'static']) {
        await writeImage(format, join(folder, 'ours.vdi'), diskBytes, pieces, { subformat })
        const content = runImageTool('7z', ['e', '-so', '-tvdi', join(folder, 'ours.vdi')])
        expect(Buffer.compare(content, diskOf(diskBytes, pieces))).toBe(0)
      }
    })
  })
})

describe("a VDI of QEMU's", () => {
  it.for(EDGES)('is read: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      for (const options of [[], ['static=on']]) {
        await expectWeRead({ format, qemuName, folder, diskBytes, pieces }, options)
      }
    })
  })
})
