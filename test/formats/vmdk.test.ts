import { readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ImageInputError } from '../../host/formats/imageInputError'
import { vmdkFormat } from '../../host/formats/vmdk/vmdkFormat'
import { at, useDirectory } from '../image/files'
import { readsWhatIsWritten, writesTheSameTwice } from './formatProperties'
import { contentOf, cutFile, diskOf, findingsIn, flipBytes, noise, type Piece, range, writeImage } from './imageHarness'

useDirectory()

const SMALL = { grain_size: '4K' }
const STREAM = { ...SMALL, subformat: 'streamOptimized' }
const DISK_BYTES = 59 * 512
const PIECES: readonly Piece[] = [
  [0, noise(5000)],
  [20_000, noise(9_000, 2)],
]
const DISK = diskOf(DISK_BYTES, PIECES)
/** Behind header, descriptor, and both copies of one directory and one table. */
const TABLES_END = (1 + 20 + 2 * 5) * 512

const texts = async (name: string): Promise<string> =>
  (await findingsIn(vmdkFormat, at(name))).map(({ text }) => text).join('\n')

describe('a VMDK', () => {
  it('is read as it was written', async () => {
    const options = [SMALL, STREAM, {}, { subformat: 'streamOptimized' }]
    await readsWhatIsWritten(vmdkFormat, at, { sectorsMin: 1, sectorsMax: 300, options })
  })

  it('has more than one table', async () => {
    const diskBytes = 3 * 512 * 4096 + 512
    const pieces: Piece[] = [0, 1, 2, 3].map((table) => [
      table * 512 * 4096 - (table > 0 ? 100 : 0),
      noise(612, table + 1),
    ])
    for (const options of [SMALL, STREAM]) {
      await writeImage(vmdkFormat, at('a.vmdk'), diskBytes, pieces, options)
      expect(Buffer.compare(await contentOf(vmdkFormat, at('a.vmdk')), diskOf(diskBytes, pieces))).toBe(0)
      expect(await texts('a.vmdk')).toBe('')
    }
  })

  it('is the same file when the same is written', async () => {
    await writesTheSameTwice(vmdkFormat, at, 100 * 512)
  })

  it('holds whole sectors, at least one, and 2 TiB at most when it is not compressed', async () => {
    await expect(writeImage(vmdkFormat, at('odd'), 1000, [])).rejects.toThrow(ImageInputError)
    await expect(writeImage(vmdkFormat, at('none'), 0, [])).rejects.toThrow(ImageInputError)
    await expect(writeImage(vmdkFormat, at('big'), 2 ** 41, [])).rejects.toThrow('at most')
    const size = 5 * 2 ** 40
    await writeImage(vmdkFormat, at('big'), size, [[size - 512, noise(512)]], { subformat: 'streamOptimized' })
    expect(statSync(at('big')).size).toBeLessThan(1 << 20)
  })

  it('has no extents outside the folder of its descriptor', async () => {
    writeFileSync(at('secret'), noise(512))
    for (const name of ['../secret', at('secret/../../x'), '']) {
      const text = `# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 1 FLAT "${name}" 0\n`
      writeFileSync(at('a.vmdk'), text)
      await expect(vmdkFormat.open(at('a.vmdk'))).rejects.toThrow('is not in the folder')
    }
  })

  it('consists of extents in several files', async () => {
    await writeImage(vmdkFormat, at('one.vmdk'), 8 * 512, [[0, noise(8 * 512)]], SMALL)
    writeFileSync(at('two.bin'), noise(6 * 512, 2))
    const text = [
      '# Disk DescriptorFile',
      'CID=12345678',
      'createType="custom"',
      'RW 8 SPARSE "one.vmdk"',
      'RW 5 ZERO',
      'RW 4 FLAT "two.bin" 1',
      'RW 2 VMFS "two.bin" 4',
    ].join('\r\n')
    writeFileSync(at('all.vmdk'), text)
    const two = noise(6 * 512, 2)
    const expected = Buffer.concat([
      noise(8 * 512),
      Buffer.alloc(5 * 512),
      two.subarray(512, 5 * 512),
      two.subarray(2048),
    ])
    expect(Buffer.compare(await contentOf(vmdkFormat, at('all.vmdk')), expected)).toBe(0)
    truncateSync(at('two.bin'), 5 * 512)
    await expect(vmdkFormat.open(at('all.vmdk'))).rejects.toThrow('ends before its extent')
    renameSync(at('one.vmdk'), at('three.vmdk'))
    await expect(vmdkFormat.open(at('all.vmdk'))).rejects.toThrow('does not exist')
  })
})

describe('damage in a VMDK', () => {
  it('of header, descriptor and tables is found', async () => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, SMALL)
    const counts = await flipBytes(vmdkFormat, at('a.vmdk'), DISK, range(0, TABLES_END))
    expect(counts.wrong).toEqual([])
    // Both directories, and both tables: 4 + 2048 bytes.
    expect(counts.found).toBeGreaterThan(2 * 2052)
  })

  it('of data is not found when they are not compressed', async () => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, SMALL)
    const bytes = statSync(at('a.vmdk')).size
    const counts = await flipBytes(vmdkFormat, at('a.vmdk'), DISK, range(Math.ceil(TABLES_END / 4096) * 4096, bytes, 7))
    expect(counts.wrong.length).toBeGreaterThan(0)
    expect(counts.found).toBe(0)
  })

  it('of any byte of a stream is found', async () => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, STREAM)
    const bytes = statSync(at('a.vmdk')).size
    const counts = await flipBytes(vmdkFormat, at('a.vmdk'), DISK, [
      ...range(0, 512),
      ...range(128 * 512, bytes - 4096, 3),
      ...range(bytes - 4096, bytes),
    ])
    expect(counts.wrong).toEqual([])
    expect(counts.found).toBeGreaterThan(4_000)
  })

  it.each([SMALL, STREAM])('is found when the file was cut: %o', async (options) => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, options)
    const bytes = statSync(at('a.vmdk')).size
    expect(await cutFile(vmdkFormat, at('a.vmdk'), DISK, [...range(0, bytes, 61), bytes - 1, bytes - 512])).toEqual([])
  })

  it.each([
    ['tables that differ', (file: Buffer) => file.writeUInt32LE(0, (1 + 20 + 1) * 512), 'differ'],
    ['two grains at one place', overlap, 'overlaps'],
    ['it was not closed', (file: Buffer) => file.writeUInt8(1, 72), 'was not closed'],
    ['a capacity that is not the one of the descriptor', (file: Buffer) => file.writeUInt8(58, 12), 'names 59 sectors'],
    // The last grains are not stored.
    ['space that nobody has', (file: Buffer) => clearEntry(file, 6), 'in no grain'],
  ] as const)('is said: %s', async (_, change, expected) => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vmdk'))
    change(file)
    writeFileSync(at('a.vmdk'), file)
    expect(await texts('a.vmdk')).toContain(expected)
  })

  it('in a stream is seen when a table is not where the directory says, before zeros are read', async () => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, STREAM)
    const file = readFileSync(at('a.vmdk'))
    file.writeUInt32LE(100, file.length - (1 + 2 + 1) * 512)
    writeFileSync(at('a.vmdk'), file)
    await expect(contentOf(vmdkFormat, at('a.vmdk'))).rejects.toThrow('expected a marker')
  })

  it('in a stream is said also when a grain is in no table', async () => {
    await writeImage(vmdkFormat, at('a.vmdk'), DISK_BYTES, PIECES, STREAM)
    const file = readFileSync(at('a.vmdk'))
    // | table marker, table | directory marker, directory | footer marker, footer | end |
    file.writeUInt32LE(0, file.length - (1 + 2 + 2 + 4) * 512)
    writeFileSync(at('a.vmdk'), file)
    expect(await texts('a.vmdk')).toContain('is in no table')
  })
})

function overlap(file: Buffer): void {
  for (const table of [22, 27]) file.copy(file, table * 512 + 4, table * 512, table * 512 + 4)
}

function clearEntry(file: Buffer, entry: number): void {
  for (const table of [22, 27]) file.writeUInt32LE(0, table * 512 + entry * 4)
}
