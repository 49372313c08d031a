import { readFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ImageInputError } from '../../host/formats/imageInputError'
import { geometryOf } from '../../host/formats/vhd/geometry'
import { checksum } from '../../host/formats/vhd/structures'
import { vhdFormat } from '../../host/formats/vhd/vhdFormat'
import { at, useDirectory } from '../image/files'
import { readsWhatIsWritten, writesTheSameTwice } from './formatProperties'
import { contentOf, cutFile, diskOf, findingsIn, flipBytes, noise, type Piece, range, writeImage } from './imageHarness'

useDirectory()

const SMALL = { block_size: '4K' }
const DISK_BYTES = 30_000 - (30_000 % 512)
const PIECES: readonly Piece[] = [
  [0, noise(5000)],
  [20_000, noise(9_000, 2)],
]
const DISK = diskOf(DISK_BYTES, PIECES)

/** Changes a byte, and puts the checksum right. */
function edit(
  name: string,
  structureAt: number,
  bytes: number,
  checksumAt: number,
  change: (view: Buffer) => void,
): void {
  const file = readFileSync(at(name))
  const view = file.subarray(structureAt, structureAt + bytes)
  change(view)
  view.writeUInt32BE(checksum(view, checksumAt), checksumAt)
  writeFileSync(at(name), file)
}

describe('a VHD', () => {
  it('is read as it was written', async () => {
    const options = [SMALL, { block_size: '16K' }, { subformat: 'fixed' }, {}]
    await readsWhatIsWritten(vhdFormat, at, { sectorsMax: 300, options })
  })

  it('is the same file when the same is written', async () => {
    await writesTheSameTwice(vhdFormat, at, 100 * 512)
  })

  it('holds whole sectors, and 2040 GiB at most', async () => {
    await expect(writeImage(vhdFormat, at('odd'), 1000, [])).rejects.toThrow(ImageInputError)
    await expect(writeImage(vhdFormat, at('big'), 2041 * 2 ** 30, [])).rejects.toThrow('at most')
    await writeImage(vhdFormat, at('max'), 2040 * 2 ** 30, [[2040 * 2 ** 30 - 512, noise(512)]])
    expect(statSync(at('max')).blocks * 512).toBeLessThan(8 << 20)
  })

  it('with a damaged footer is read by the copy, and says so', async () => {
    await writeImage(vhdFormat, at('a.vhd'), DISK_BYTES, PIECES, SMALL)
    const whole = readFileSync(at('a.vhd'))
    const tail = whole.length - 512
    for (const damaged of [Buffer.concat([whole.subarray(0, tail), Buffer.alloc(512)]), whole.subarray(0, tail)]) {
      writeFileSync(at('a.vhd'), damaged)
      expect(Buffer.compare(await contentOf(vhdFormat, at('a.vhd')), DISK)).toBe(0)
      expect((await findingsIn(vhdFormat, at('a.vhd'))).map(({ text }) => text)).toContain('no VHD footer')
    }
  })

  it('has 511 bytes of footer when it is very old', async () => {
    await writeImage(vhdFormat, at('old.vhd'), DISK_BYTES, PIECES, { subformat: 'fixed' })
    truncateSync(at('old.vhd'), DISK_BYTES + 511)
    expect(Buffer.compare(await contentOf(vhdFormat, at('old.vhd')), DISK)).toBe(0)
  })

  it('whose sectors were never written has zeros there', async () => {
    await writeImage(vhdFormat, at('a.vhd'), 8192, [[0, noise(8192)]], SMALL)
    const file = readFileSync(at('a.vhd'))
    // The first block: its bitmap behind two structures and a table of one sector, then its data.
    file[2048] = 0xdf
    file.fill(0, 2048 + 512 + 1024, 2048 + 512 + 1536)
    writeFileSync(at('a.vhd'), file)
    const expected = Buffer.from(noise(8192)).fill(0, 1024, 1536)
    expect(Buffer.compare(await contentOf(vhdFormat, at('a.vhd')), expected)).toBe(0)
    expect(await findingsIn(vhdFormat, at('a.vhd'))).toEqual([])
  })

  it('has the geometry of the specification', () => {
    // Sizes and geometries as QEMU 7.2 makes them.
    expect(geometryOf(0)).toEqual({ cylinders: 0, heads: 4, sectors: 17 })
    expect(geometryOf(68)).toEqual({ cylinders: 1, heads: 4, sectors: 17 })
    expect(geometryOf(5 * 2 ** 21)).toEqual({ cylinders: 10402, heads: 16, sectors: 63 })
    expect(geometryOf(2 ** 31)).toEqual({ cylinders: 65535, heads: 16, sectors: 255 })
  })
})

describe('damage in a VHD', () => {
  it.each(['dynamic', 'fixed'])('is found wherever it is: %s', async (subformat) => {
    const options = subformat === 'fixed' ? { subformat } : SMALL
    await writeImage(vhdFormat, at('a.vhd'), DISK_BYTES, PIECES, options)
    const bytes = statSync(at('a.vhd')).size
    const structures = subformat === 'fixed' ? DISK_BYTES : 2048
    // The footer and what is before the blocks; then the blocks, but for their data, which have no checksum.
    const offsets = [...range(bytes - 512, bytes), ...(subformat === 'fixed' ? [] : range(0, structures))]
    const counts = await flipBytes(vhdFormat, at('a.vhd'), DISK, offsets)
    expect(counts.wrong).toEqual([])
    expect(counts.found).toBeGreaterThan(500)
    // The copy of the footer is not read, but held against it.
    if (subformat === 'dynamic') {
      expect((await flipBytes(vhdFormat, at('a.vhd'), DISK, range(0, 511))).right).toBe(0)
    }
    const wrong = await cutFile(vhdFormat, at('a.vhd'), DISK, [
      ...range(0, bytes, 37),
      bytes - 1,
      bytes - 512,
      bytes - 513,
    ])
    expect(wrong).toEqual([])
  })

  it('of a sector bitmap is found, of data is not: they have no checksum', async () => {
    await writeImage(vhdFormat, at('a.vhd'), DISK_BYTES, PIECES, SMALL)
    const bytes = statSync(at('a.vhd')).size
    const span = 4096 + 512
    const isBitmap = (offset: number): boolean => (offset - 2048) % span < 512
    const counts = await flipBytes(vhdFormat, at('a.vhd'), DISK, range(2048, bytes - 512, 3))
    expect(counts.wrong.filter(isBitmap)).toEqual([])
    expect(counts.wrong.length).toBeGreaterThan(0)
    // Six of the eight blocks are stored.
    expect(counts.wrong.length).toBeLessThanOrEqual((6 * 4096) / 3 + 6)
  })

  it('of the table is found also where it has a sense', async () => {
    await writeImage(vhdFormat, at('a.vhd'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vhd'))
    file.copy(file, 1536 + 4, 1536, 1536 + 4)
    writeFileSync(at('a.vhd'), file)
    expect((await findingsIn(vhdFormat, at('a.vhd'))).map(({ text }) => text).join()).toContain('overlaps')
  })

  it.each([
    ['a table that is not in the file', 512, 1024, 36, (view: Buffer) => view.writeUInt32BE(0x7fff_ffff, 20)],
    ['a table of 4 Gi entries', 512, 1024, 36, (view: Buffer) => view.writeUInt32BE(0xffff_ffff, 28)],
    ['blocks of no bytes', 512, 1024, 36, (view: Buffer) => view.writeUInt32BE(0, 32)],
    ['blocks that are too few', 512, 1024, 36, (view: Buffer) => view.writeUInt32BE(1, 28)],
  ] as const)('is refused: %s', async (_, structureAt, bytes, checksumAt, change) => {
    await writeImage(vhdFormat, at('a.vhd'), DISK_BYTES, PIECES, SMALL)
    edit('a.vhd', structureAt, bytes, checksumAt, change)
    await expect(contentOf(vhdFormat, at('a.vhd'))).rejects.toThrow('at byte')
  })
})

describe('a differencing VHD', () => {
  const CHILD_PIECES: readonly Piece[] = [
    [0, noise(5000)],
    [8192, noise(700, 5)],
    // Where the parent has data, zeros.
    [24_576, noise(2000, 6)],
  ]
  const CHILD = diskOf(DISK_BYTES, CHILD_PIECES)

  async function family(): Promise<void> {
    await writeImage(vhdFormat, at('base.vhd'), DISK_BYTES, PIECES, SMALL)
    await writeImage(vhdFormat, at('child.vhd'), DISK_BYTES, CHILD_PIECES, { ...SMALL, parent: at('base.vhd') })
  }

  it('has what it has, and else what its parent has', async () => {
    await family()
    expect(Buffer.compare(await contentOf(vhdFormat, at('child.vhd')), CHILD)).toBe(0)
    expect(await findingsIn(vhdFormat, at('child.vhd'))).toEqual([])
    // The first block is as in the parent, and so not stored.
    expect(readFileSync(at('child.vhd')).readUInt32BE(1536)).toBe(0xffff_ffff)
  })

  it('is read in a chain, and by the relative path when all have moved', async () => {
    await family()
    const pieces: readonly Piece[] = [...CHILD_PIECES, [28_000, noise(100, 9)]]
    await writeImage(vhdFormat, at('grandchild.vhd'), DISK_BYTES, pieces, { ...SMALL, parent: at('child.vhd') })
    expect(Buffer.compare(await contentOf(vhdFormat, at('grandchild.vhd')), diskOf(DISK_BYTES, pieces))).toBe(0)
  })

  it('does not take another disk for its parent', async () => {
    await family()
    renameSync(at('base.vhd'), at('elsewhere.vhd'))
    await expect(vhdFormat.open(at('child.vhd'))).rejects.toThrow('is not there')
    await writeImage(vhdFormat, at('base.vhd'), DISK_BYTES, [[0, noise(99)]], SMALL)
    await expect(vhdFormat.open(at('child.vhd'))).rejects.toThrow('is another disk')
    rmSync(at('base.vhd'))
    renameSync(at('child.vhd'), at('base.vhd'))
    await expect(vhdFormat.open(at('base.vhd'))).rejects.toThrow('is its own ancestor')
  })

  it('says when its parent was changed', async () => {
    await family()
    utimesSync(at('base.vhd'), 2_000_000_000, 2_000_000_000)
    expect((await findingsIn(vhdFormat, at('child.vhd'))).map(({ text }) => text).join()).toContain('has been changed')
  })

  it('is as large as its parent', async () => {
    await family()
    await expect(writeImage(vhdFormat, at('other.vhd'), 512, [], { parent: at('base.vhd') })).rejects.toThrow(
      'expected the same',
    )
  })

  it('that is damaged is found', async () => {
    await family()
    const bytes = statSync(at('child.vhd')).size
    const offsets = [...range(0, 4096), ...range(bytes - 512, bytes)]
    const counts = await flipBytes(vhdFormat, at('child.vhd'), CHILD, offsets)
    // A bit of a sector bitmap says whether the parent counts; nothing holds it against anything.
    expect(counts.wrong.filter((offset) => offset < 3072)).toEqual([])
  })
})
