// VHDX before QEMU and 7-Zip.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vhdxFormat } from '../../host/formats/vhdx/vhdxFormat'
import { contentOf, diskOf, noise, type Piece, writeImage } from '../formats/imageHarness'
import { logEntry, putLog } from '../formats/vhdxLog'
import { runImageTool } from './imageTools'
import { EDGES, expectQemuReads, expectWeRead } from './qemuImg'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

const format = vhdxFormat
const qemuName = 'vhdx'
const MIB = 1 << 20
const BAT = 3 * MIB

describe('a VHDX of ours', () => {
  // QEMU 7.2 makes one of 0 bytes, with a table that would do for 64 TiB, and takes no other.
  it.for(EDGES.slice(1))('is what QEMU expects: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      for (const options of [{}, { block_size: '1M' }, { block_size: '8M' }, { subformat: 'fixed' }]) {
        await expectQemuReads({ format, qemuName, folder, diskBytes, pieces }, options)
      }
    })
  })

  it('is read by 7-Zip, also with a parent', async (ctx) => {
    requireTool(ctx, '7z')
    await withTemporaryFolder(async (folder) => {
      // 7-Zip wants whole sectors of 4096 bytes, also of QEMU's images.
      const diskBytes = 5 * MIB
      const [, pieces] = EDGES[7]!
      const base = join(folder, 'base.vhdx')
      for (const subformat of ['fixed', 'dynamic']) {
        await writeImage(format, base, diskBytes, pieces, { subformat })
        expect(Buffer.compare(runImageTool('7z', ['e', '-so', '-tvhdx', base]), diskOf(diskBytes, pieces))).toBe(0)
      }
      const changes: Piece[] = [
        [0, noise(777, 3)],
        [1_500_000, noise(10_000, 4)],
        [5_000_000, noise(3000, 5)],
      ]
      const child = join(folder, 'child.avhdx')
      await writeImage(format, child, diskBytes, changes, { parent: base, block_size: '1M' })
      expect(Buffer.compare(runImageTool('7z', ['e', '-so', '-tvhdx', child]), diskOf(diskBytes, changes))).toBe(0)
    })
  })

  it('with a log in use is read as QEMU does when it has carried the log out', async (ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      const [diskBytes, pieces] = EDGES[7]!
      const path = join(folder, 'a.vhdx')
      await writeImage(format, path, diskBytes, pieces)
      const file = readFileSync(path)
      const table = Buffer.from(file.subarray(BAT, BAT + 4096))
      file.fill(0, BAT, BAT + 4096)
      writeFileSync(path, file)
      const sizes = { flushedBytes: file.length, lastBytes: file.length }
      const other = Buffer.from(table).fill(0, 0, 8)
      putLog(path, [
        [0, logEntry({ sequence: 1n, tail: 0, writes: [[BAT, other]], ...sizes })],
        [
          8192,
          logEntry({
            sequence: 2n,
            tail: 0,
            writes: [
              [BAT + 4096, 4096],
              [BAT, table],
            ],
            ...sizes,
          }),
        ],
      ])
      expect(Buffer.compare(await contentOf(format, path), diskOf(diskBytes, pieces))).toBe(0)
      runTool('qemu-img', ['check', '-r', 'all', '-f', 'vhdx', path])
      const raw = join(folder, 'a.raw')
      runToolOk('qemu-img', ['convert', '-f', 'vhdx', '-O', 'raw', path, raw])
      expect(Buffer.compare(readFileSync(raw), diskOf(diskBytes, pieces))).toBe(0)
      expect(Buffer.compare(await contentOf(format, path), diskOf(diskBytes, pieces))).toBe(0)
    })
  })
})

describe("a VHDX of QEMU's", () => {
  it.for(EDGES)('is read: %i bytes', async ([diskBytes, pieces], ctx) => {
    requireTool(ctx, 'qemu-img')
    await withTemporaryFolder(async (folder) => {
      for (const options of [[], ['subformat=fixed'], ['block_size=1M'], ['block_state_zero=off', 'subformat=fixed']]) {
        // QEMU 7.2 makes the file too short for its last block then, and refuses it itself.
        if (options.length > 1 && diskBytes > 2 ** 32) continue
        await expectWeRead({ format, qemuName, folder, diskBytes, pieces }, options)
      }
    })
  })
})
