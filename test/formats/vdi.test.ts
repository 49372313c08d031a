import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ImageInputError } from '../../host/formats/imageInputError'
import { vdiFormat } from '../../host/formats/vdi/vdiFormat'
import { at, useDirectory } from '../image/files'
import { readsWhatIsWritten, writesTheSameTwice } from './formatProperties'
import { contentOf, cutFile, diskOf, findingsIn, flipBytes, noise, type Piece, range, writeImage } from './imageHarness'

useDirectory()

const SMALL = { block_size: '4K' }
const DISK_BYTES = 59 * 512
const PIECES: readonly Piece[] = [
  [0, noise(5000)],
  [20_000, noise(9_000, 2)],
]
const DISK = diskOf(DISK_BYTES, PIECES)

describe('a VDI', () => {
  it('is read as it was written', async () => {
    const options = [SMALL, { ...SMALL, subformat: 'static' }, { block_size: '16K' }, {}]
    await readsWhatIsWritten(vdiFormat, at, { sectorsMax: 300, options })
  })

  it('is the same file when the same is written', async () => {
    await writesTheSameTwice(vdiFormat, at, 100 * 512)
  })

  it('holds whole sectors, and 8 TiB at most', async () => {
    await expect(writeImage(vdiFormat, at('odd'), 1000, [])).rejects.toThrow(ImageInputError)
    await expect(writeImage(vdiFormat, at('big'), 2 ** 44, [])).rejects.toThrow('at most')
    await expect(writeImage(vdiFormat, at('big'), 512, [], { subformat: 'sparse' })).rejects.toThrow('dynamic, static')
    await expect(writeImage(vdiFormat, at('big'), 512, [], { block_size: '3M' })).rejects.toThrow('a power of two')
    await writeImage(vdiFormat, at('max'), 2 ** 43, [[2 ** 43 - 512, noise(512)]])
    expect(statSync(at('max')).size).toBeLessThan(40 << 20)
  })

  it('has zeros in a block that was discarded', async () => {
    await writeImage(vdiFormat, at('a.vdi'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vdi'))
    // Of the last block: it is the last one in the file, too, which is then too long.
    file.writeUInt32LE(0xffff_fffe, 512 + 7 * 4)
    file.writeUInt32LE(5, 0x184)
    writeFileSync(at('a.vdi'), file)
    expect(Buffer.compare(await contentOf(vdiFormat, at('a.vdi')), Buffer.from(DISK).fill(0, 7 * 4096))).toBe(0)
    expect((await findingsIn(vdiFormat, at('a.vdi'))).map(({ kind }) => kind)).toEqual(['leak'])
  })

  it('that is the child of another is refused, since it does not say whose', async () => {
    await writeImage(vdiFormat, at('a.vdi'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vdi'))
    file.writeUInt32LE(4, 0x4c)
    writeFileSync(at('a.vdi'), file)
    await expect(vdiFormat.open(at('a.vdi'))).rejects.toThrow('type differencing')
  })
})

describe('damage in a VDI', () => {
  it.each(['dynamic', 'static'])(
    'of its structures is found, but for a size that fits as well: %s',
    async (subformat) => {
      await writeImage(vdiFormat, at('a.vdi'), DISK_BYTES, PIECES, { ...SMALL, subformat })
      const counts = await flipBytes(vdiFormat, at('a.vdi'), DISK, range(0, 1024))
      // No checksum, and the size is in it once. All that holds it is the number of blocks: the low bits are free.
      expect(counts.wrong.filter((offset) => offset < 0x170 || offset >= 0x172)).toEqual([])
      expect(counts.found).toBeGreaterThan(60)
    },
  )

  it.each(['dynamic', 'static'])('is found when the file was cut: %s', async (subformat) => {
    await writeImage(vdiFormat, at('a.vdi'), DISK_BYTES, PIECES, { ...SMALL, subformat })
    expect(await cutFile(vdiFormat, at('a.vdi'), DISK, range(0, statSync(at('a.vdi')).size, 37))).toEqual([])
  })

  it.each([
    ['two blocks at one place', 512 + 4, 0, "another block's"],
    ['a number of blocks that is wrong', 0x184, 5, '6 blocks are stored'],
    ['a block behind the end', 512, 99, 'cannot be at'],
  ])('is said: %s', async (_, offset, value, expected) => {
    await writeImage(vdiFormat, at('a.vdi'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vdi'))
    file.writeUInt32LE(value, offset)
    writeFileSync(at('a.vdi'), file)
    expect((await findingsIn(vdiFormat, at('a.vdi'))).map(({ text }) => text).join()).toContain(expected)
  })

  it.each([
    ['a map that is not in the file', 0x154, 0x7fff_fe00],
    ['a map of 4 Gi entries', 0x180, 0xffff_ffff],
    ['blocks of no bytes', 0x178, 0],
    ['blocks inside the map', 0x158, 512],
  ])('is refused: %s', async (_, offset, value) => {
    await writeImage(vdiFormat, at('a.vdi'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vdi'))
    file.writeUInt32LE(value, offset)
    writeFileSync(at('a.vdi'), file)
    await expect(contentOf(vdiFormat, at('a.vdi'))).rejects.toThrow('at byte')
  })
})
