// Sectors of CDs, judged by programs that we did not write: vcdimager makes sectors of Mode 2 that our microcode and our encoder must find
// right, and MAME's chdman leaves the parity of a sector away exactly when it could compute the same.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeForm1, encodeForm2, encodeMode1 } from '../../host/hardware/optical/encodeSector'
import { RandomStream } from '../../host/sim/random'
import { randomBytes, scattered, spoiled } from '../copier/optical/damage'
import { SectorCode } from '../copier/optical/sectorCode'
import { makeVideoCd } from './filmCd'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const SECTOR_BYTES = 2352

describe('sectors that vcdimager made', () => {
  it('are good, Form 1 and Form 2, and our encoder makes the same of their user data', async (ctx) => {
    requireTool(ctx, 'vcdimager')
    const code = await SectorCode.load()
    await withTemporaryFolder((folder) => {
      const disc = makeVideoCd(folder)
      const forms = [0, 0]
      for (let lba = 0; lba < disc.length / SECTOR_BYTES; lba++) {
        const sector = new Uint8Array(disc.subarray(lba * SECTOR_BYTES, (lba + 1) * SECTOR_BYTES))
        const { verdict } = code.examine(sector, lba)
        const isForm2 = (sector[18]! & 0x20) !== 0
        const hasEdc = !isForm2 || sector.subarray(2348).some((byte) => byte !== 0)
        expect(verdict).toBe(hasEdc ? 'good' : 'unchecked')
        const data = sector.subarray(24)
        const subheader = [...sector.subarray(16, 20)]
        const ours = isForm2 ? encodeForm2(lba, data, hasEdc, subheader) : encodeForm1(lba, data, subheader)
        expect(Buffer.compare(ours, sector), `sector ${lba}`).toBe(0)
        forms[isForm2 ? 1 : 0]!++
      }
      expect(Math.min(...forms)).toBeGreaterThan(50)
    })
  })

  it('are restored after damage', async (ctx) => {
    requireTool(ctx, 'vcdimager')
    const code = await SectorCode.load()
    const random = RandomStream.fromSeed(1, 'damage')
    await withTemporaryFolder((folder) => {
      const disc = makeVideoCd(folder)
      for (let lba = 150; lba < 450; lba++) {
        const sector = new Uint8Array(disc.subarray(lba * SECTOR_BYTES, (lba + 1) * SECTOR_BYTES))
        if ((sector[18]! & 0x20) !== 0) continue
        const result = code.examine(spoiled(sector, scattered(random, 4), random), lba)
        expect(result.verdict).toBe('corrected')
        expect(Buffer.compare(result.sector, sector)).toBe(0)
      }
    })
  })
})

describe('chdman', () => {
  const SECTORS = 40
  const kinds = [
    ['Mode 1', 'MODE1/2352', encodeMode1],
    ['Mode 2 Form 1', 'MODE2/2352', encodeForm1],
  ] as const

  it.for(kinds)('takes the parity of our sectors of %s for right, and notices each wrong byte', async (kind, ctx) => {
    const [, track, encode] = kind
    requireTool(ctx, 'chdman')
    await withTemporaryFolder((folder) => {
      const sizeWith = (spoiledOffset: number | null): number => {
        const random = RandomStream.fromSeed(5, 'noise')
        const sectors = Array.from({ length: SECTORS }, (_, lba) => {
          const sector = encode(lba, randomBytes(random, 2048))
          if (spoiledOffset !== null) sector[spoiledOffset]! ^= 1
          return sector
        })
        writeFileSync(join(folder, 'disc.bin'), Buffer.concat(sectors))
        writeFileSync(join(folder, 'disc.cue'), `FILE "disc.bin" BINARY\n TRACK 01 ${track}\n  INDEX 01 00:00:00\n`)
        const out = join(folder, 'disc.chd')
        runToolOk('chdman', ['createcd', '-f', '-i', join(folder, 'disc.cue'), '-o', out, '-c', 'cdzl'])
        return statSync(out).size
      }
      // Noise does not compress: what is saved is the parity (276 bytes a sector), or nothing.
      const saved = SECTORS * 250
      const right = sizeWith(null)
      expect(right).toBeLessThan(SECTORS * SECTOR_BYTES - saved)
      for (const offset of [20, 2064, 2076, 2247, 2248, 2351]) {
        expect(sizeWith(offset), `byte ${offset}`).toBeGreaterThan(right + saved)
      }
    })
  })
})
