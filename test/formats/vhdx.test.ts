import { readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../../host/disk/checksums'
import { ImageInputError } from '../../host/formats/imageInputError'
import { vhdxFormat } from '../../host/formats/vhdx/vhdxFormat'
import { at, useDirectory } from '../image/files'
import { readsWhatIsWritten, writesTheSameTwice } from './formatProperties'
import { contentOf, cutFile, diskOf, findingsIn, flipBytes, noise, type Piece, range, writeImage } from './imageHarness'
import { logEntry, putLog, type Write } from './vhdxLog'

useDirectory()

const MIB = 1 << 20
const KIB = 1 << 10
const BAT = 3 * MIB
const SMALL = { block_size: '1M' }
const DISK_BYTES = 3 * MIB + 512
const PIECES: readonly Piece[] = [
  [100_000, noise(5000)],
  [3 * MIB, noise(512, 2)],
]
const DISK = diskOf(DISK_BYTES, PIECES)

const texts = async (name: string): Promise<string> =>
  (await findingsIn(vhdxFormat, at(name))).map(({ text }) => text).join('\n')

async function detail(name: string, what: string): Promise<string | undefined> {
  const image = await vhdxFormat.open(at(name))
  image.close()
  return image.details.find(([title]) => title === what)?.[1]
}

describe('a VHDX', () => {
  it('is read as it was written', async () => {
    const options = [SMALL, { subformat: 'fixed' }, {}]
    await readsWhatIsWritten(vhdxFormat, at, { sectorsMax: 5000, options, runs: 30 })
  })

  it('is the same file when the same is written', async () => {
    await writesTheSameTwice(vhdxFormat, at, 100 * 512)
  })

  it('holds whole sectors, and 64 TiB at most', async () => {
    await expect(writeImage(vhdxFormat, at('odd'), 1000, [])).rejects.toThrow(ImageInputError)
    await expect(writeImage(vhdxFormat, at('big'), 2 ** 46 + 512, [])).rejects.toThrow('at most')
    await expect(writeImage(vhdxFormat, at('big'), 2 ** 46, [], SMALL)).rejects.toThrow('too small')
    const pieces: readonly Piece[] = [[2 ** 46 - 512, noise(512)]]
    await writeImage(vhdxFormat, at('max'), 2 ** 46, pieces)
    const image = await vhdxFormat.open(at('max'))
    const bytes = Buffer.alloc(1024)
    await image.read(2 ** 46 - 1024, bytes)
    image.close()
    expect(Buffer.compare(bytes, Buffer.concat([Buffer.alloc(512), noise(512)]))).toBe(0)
  })

  it('has sectors of 4096 bytes where the disk has them', async () => {
    const writer = await vhdxFormat.create!(at('a.vhdx'), { diskBytes: MIB, sectorBytes: 4096, options: new Map() })
    await writer.write(4096, noise(4096))
    await writer.finish()
    const image = await vhdxFormat.open(at('a.vhdx'))
    expect(image.sectorBytes).toBe(4096)
    image.close()
    expect(Buffer.compare(await contentOf(vhdxFormat, at('a.vhdx')), diskOf(MIB, [[4096, noise(4096)]]))).toBe(0)
  })

  it('has the checksum of iSCSI', () => {
    // RFC 3720, B.4: 32 bytes of zeros, and of ones.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43)
  })
})

describe('damage in a VHDX', () => {
  it('of headers, region tables, metadata and table is found, but for a size that fits as well', async () => {
    await writeImage(vhdxFormat, at('a.vhdx'), DISK_BYTES, PIECES, SMALL)
    const offsets = [
      ...range(0, 8),
      ...[64, 128].flatMap((start) => [
        ...range(start * KIB, start * KIB + 90),
        ...range(start * KIB + 90, start * KIB + 4096, 397),
      ]),
      ...[192, 256].flatMap((start) => [
        ...range(start * KIB, start * KIB + 90),
        ...range(start * KIB + 90, (start + 64) * KIB, 9973),
      ]),
      ...range(2 * MIB, 2 * MIB + 256),
      ...range(2 * MIB + 64 * KIB, 2 * MIB + 64 * KIB + 48),
      ...range(BAT, BAT + 64),
    ]
    const counts = await flipBytes(vhdxFormat, at('a.vhdx'), DISK, offsets)
    // The size of the disk is in it once, behind 8 bytes of file parameters; metadata have no checksum, and the table room for more blocks.
    const size = 2 * MIB + 64 * KIB + 8
    expect(counts.wrong.filter((offset) => offset < size || offset >= size + 5)).toEqual([])
    expect(counts.found).toBeGreaterThan(300)
  }, 300_000)

  it('is found when the file was cut', async () => {
    await writeImage(vhdxFormat, at('a.vhdx'), DISK_BYTES, PIECES, SMALL)
    const bytes = statSync(at('a.vhdx')).size
    const lengths = [...range(0, 320 * KIB, 9973), ...range(320 * KIB, bytes, 99_991), bytes - 1]
    // The last block ends with the disk: what is behind it, and cut, is nothing.
    expect(await cutFile(vhdxFormat, at('a.vhdx'), DISK, lengths)).toEqual([])
  })

  it('of one header or region table does no harm, and is said', async () => {
    await writeImage(vhdxFormat, at('a.vhdx'), DISK_BYTES, PIECES, SMALL)
    for (const offset of [64 * KIB + 100, 128 * KIB + 100, 192 * KIB + 100, 256 * KIB + 100]) {
      const file = readFileSync(at('a.vhdx'))
      file[offset]! ^= 1
      writeFileSync(at('b.vhdx'), file)
      expect(Buffer.compare(await contentOf(vhdxFormat, at('b.vhdx')), DISK)).toBe(0)
      expect(await texts('b.vhdx')).toContain('checksum')
      expect(await detail('b.vhdx', 'damaged')).toContain('checksum')
    }
  })

  it.each([
    ['two blocks at one place', (file: Buffer) => file.copy(file, BAT + 8, BAT, BAT + 8), 'overlaps'],
    ['a block in the log', (file: Buffer) => file.writeBigUInt64LE((1n << 20n) | 6n, BAT), 'overlaps'],
    ['a partial block without a parent', (file: Buffer) => file.writeUInt8(7, BAT), 'cannot be'],
    ['an entry behind the last block', (file: Buffer) => file.writeUInt8(6, BAT + 800), 'behind the last block'],
    ['a block that nobody has', (file: Buffer) => file.writeBigUInt64LE(0n, BAT + 24), 'in no block'],
    ['zeros that are none', (file: Buffer) => file.writeUInt8(2, BAT), 'a block of zeros has data'],
  ] as const)('is said: %s', async (_, change, expected) => {
    await writeImage(vhdxFormat, at('a.vhdx'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vhdx'))
    change(file)
    writeFileSync(at('a.vhdx'), file)
    expect(await texts('a.vhdx')).toContain(expected)
  })
})

describe('the log of a VHDX', () => {
  /** Writes an image, and forgets a page of its table, which only the log has then. */
  async function withoutTable(): Promise<{ readonly table: Buffer; readonly bytes: number }> {
    await writeImage(vhdxFormat, at('a.vhdx'), DISK_BYTES, PIECES, SMALL)
    const file = readFileSync(at('a.vhdx'))
    const table = Buffer.from(file.subarray(BAT, BAT + 4096))
    file.fill(0, BAT, BAT + 4096)
    writeFileSync(at('a.vhdx'), file)
    return { table, bytes: file.length }
  }

  async function expectDisk(disk: Buffer, entries: number): Promise<void> {
    const before = readFileSync(at('a.vhdx'))
    expect(Buffer.compare(await contentOf(vhdxFormat, at('a.vhdx')), disk)).toBe(0)
    expect(await detail('a.vhdx', 'log')).toContain(`${entries} entries`)
    // Nothing is written.
    expect(Buffer.compare(readFileSync(at('a.vhdx')), before)).toBe(0)
  }

  it('is carried out in memory', async () => {
    const { table, bytes } = await withoutTable()
    putLog(at('a.vhdx'), [
      [0, logEntry({ sequence: 7n, tail: 0, writes: [[BAT, table]], flushedBytes: bytes, lastBytes: bytes })],
    ])
    await expectDisk(DISK, 1)
    expect(await texts('a.vhdx')).toBe('')
  })

  it('is carried out in its order, around the end of the ring, and with zeros', async () => {
    const { table, bytes } = await withoutTable()
    const sizes = { flushedBytes: bytes, lastBytes: bytes }
    const start = MIB - 3 * 4096
    const junk: Write = [BAT, Buffer.alloc(4096, 0x77)]
    putLog(at('a.vhdx'), [
      // Old, whole, and of less account.
      [40_960, logEntry({ sequence: 3n, tail: 40_960, writes: [junk], ...sizes })],
      [start, logEntry({ sequence: 0x1_0000_0001n, tail: start, writes: [junk], ...sizes })],
      [
        start + 8192,
        logEntry({
          sequence: 0x1_0000_0002n,
          tail: start,
          writes: [
            [BAT, 8192],
            [4 * MIB + 98_304, 4096],
            [BAT, table],
          ],
          ...sizes,
        }),
      ],
    ])
    // The first block lies at 4 MiB.
    await expectDisk(Buffer.from(DISK).fill(0, 98_304, 102_400), 2)
  })

  it('makes the file as long as it was to be', async () => {
    const { table, bytes } = await withoutTable()
    // The block of the last sector was not yet written: it is zeros.
    const entry = logEntry({
      sequence: 1n,
      tail: 0,
      writes: [[BAT, table]],
      flushedBytes: bytes - MIB,
      lastBytes: bytes,
    })
    putLog(at('a.vhdx'), [[0, entry]], bytes - MIB)
    await expectDisk(Buffer.from(DISK).fill(0, 3 * MIB), 1)
  })

  it('that is damaged is found, whatever byte it is', async () => {
    const { table, bytes } = await withoutTable()
    const entry = logEntry({ sequence: 7n, tail: 0, writes: [[BAT, table]], flushedBytes: bytes, lastBytes: bytes })
    putLog(at('a.vhdx'), [[0, entry]])
    const offsets = [...range(MIB, MIB + 100), ...range(MIB + 100, MIB + entry.length, 43)]
    const counts = await flipBytes(vhdxFormat, at('a.vhdx'), DISK, offsets)
    expect(counts).toEqual({ found: offsets.length, right: 0, wrong: [] })
  })

  it('of a file that was cut afterwards is not carried out', async () => {
    const { table, bytes } = await withoutTable()
    putLog(at('a.vhdx'), [
      [0, logEntry({ sequence: 7n, tail: 0, writes: [[BAT, table]], flushedBytes: bytes, lastBytes: bytes })],
    ])
    truncateSync(at('a.vhdx'), bytes - 512)
    await expect(vhdxFormat.open(at('a.vhdx'))).rejects.toThrow('the file was cut')
  })

  it.each([2 ** 52, 2 ** 60])('that says that the file has %i bytes takes no memory and no time', async (lastBytes) => {
    const { table, bytes } = await withoutTable()
    putLog(at('a.vhdx'), [
      [0, logEntry({ sequence: 7n, tail: 0, writes: [[BAT, table]], flushedBytes: bytes, lastBytes })],
    ])
    const said = await texts('a.vhdx').catch((error: Error) => error.message)
    expect(said).toMatch(/in no block|by its log/)
  })

  it('that is not whole is refused', async () => {
    const { table, bytes } = await withoutTable()
    // Its tail is an entry that is not there.
    putLog(at('a.vhdx'), [
      [0, logEntry({ sequence: 7n, tail: 8192, writes: [[BAT, table]], flushedBytes: bytes, lastBytes: bytes })],
    ])
    await expect(vhdxFormat.open(at('a.vhdx'))).rejects.toThrow('no whole sequence')
  })
})

describe('a differencing VHDX', () => {
  const CHILD_PIECES: readonly Piece[] = [
    [100_000, noise(5000)],
    [MIB, noise(MIB, 4)],
    [2 * MIB + 700, noise(700, 5)],
  ]
  const CHILD = diskOf(DISK_BYTES, CHILD_PIECES)

  async function family(): Promise<void> {
    await writeImage(vhdxFormat, at('base.vhdx'), DISK_BYTES, PIECES, SMALL)
    await writeImage(vhdxFormat, at('child.vhdx'), DISK_BYTES, CHILD_PIECES, { ...SMALL, parent: at('base.vhdx') })
  }

  it('has what it has, and else what its parent has', async () => {
    await family()
    expect(Buffer.compare(await contentOf(vhdxFormat, at('child.vhdx')), CHILD)).toBe(0)
    expect(await texts('child.vhdx')).toBe('')
    // As in the parent; whole; in part; zeros.
    const table = readFileSync(at('child.vhdx')).subarray(BAT)
    expect([0, 1, 2, 3].map((block) => table[block * 8]! & 7)).toEqual([0, 6, 7, 2])
  })

  it('is read in a chain', async () => {
    await family()
    const pieces: readonly Piece[] = [...CHILD_PIECES, [3 * MIB, noise(100, 9)]]
    await writeImage(vhdxFormat, at('grandchild.vhdx'), DISK_BYTES, pieces, { ...SMALL, parent: at('child.vhdx') })
    expect(Buffer.compare(await contentOf(vhdxFormat, at('grandchild.vhdx')), diskOf(DISK_BYTES, pieces))).toBe(0)
  })

  it('does not take another disk for its parent', async () => {
    await family()
    renameSync(at('base.vhdx'), at('elsewhere.vhdx'))
    await expect(vhdxFormat.open(at('child.vhdx'))).rejects.toThrow('looked for')
    await writeImage(vhdxFormat, at('base.vhdx'), DISK_BYTES, [[0, noise(99)]], SMALL)
    await expect(vhdxFormat.open(at('child.vhdx'))).rejects.toThrow('is another disk')
  })

  it('is as large as its parent', async () => {
    await family()
    await expect(writeImage(vhdxFormat, at('x.vhdx'), 512, [], { parent: at('base.vhdx') })).rejects.toThrow(
      'expected the same',
    )
  })
})
