import { copyFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ISO_SECTOR_BYTES, isoCompare, makeRealIso } from './iso'
import { requireTool, withTemporaryFolder } from './tools'

describe('the judge of ISO images', () => {
  it('finds a copy equal, and names the byte and the file of one flipped bit', async (ctx) => {
    requireTool(ctx, 'xorriso')
    await withTemporaryFolder(async (folder) => {
      const [original, copy] = [join(folder, 'original.iso'), join(folder, 'copy.iso')]
      await makeRealIso(original)
      const sizeBytes = statSync(original).size
      expect(sizeBytes % ISO_SECTOR_BYTES).toBe(0)
      expect(sizeBytes).toBeGreaterThan(4 * 1024 * 1024)
      expect(sizeBytes).toBeLessThan(16 * 1024 * 1024)
      copyFileSync(original, copy)
      const same = await isoCompare(original, copy)
      expect(same).toMatchObject({ firstDifferenceBytes: null, differingFiles: [] })
      expect(same.fileCount).toBeGreaterThan(20)

      const middleBytes = Math.floor(sizeBytes / 2)
      const file = await open(copy, 'r+')
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, middleBytes)
      buffer[0]! ^= 0x10
      await file.write(buffer, 0, 1, middleBytes)
      await file.truncate(sizeBytes)
      await file.close()
      const flipped = await isoCompare(original, copy)
      expect(flipped.firstDifferenceBytes).toBe(middleBytes)
      expect(flipped.differingFiles.length).toBe(1)
    })
  })
})
