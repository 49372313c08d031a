import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../../host/disk/checksums'
import { examineDisk } from '../../host/disk/examineDisk'
import { listIso } from '../../host/disk/isoTree'
import { type IsoRecord, isoImage, isoRecord, type MbrEntry, mbrSector, memoryDisk, vastDisk } from './memoryDisk'

const MIB = 1 << 20

/** A disk of 1 MiB with these sectors. */
function disk(sectors: Readonly<Record<number, Buffer>>, bytes = MIB): ReturnType<typeof memoryDisk> {
  const image = Buffer.alloc(bytes)
  for (const [sector, content] of Object.entries(sectors)) content.copy(image, Number(sector) * 512)
  return memoryDisk(image)
}

describe('a chain of logical partitions', () => {
  const extended: MbrEntry = { type: 5, start: 100, sectors: 1000 }
  const link = (own: MbrEntry, next?: number): Buffer =>
    mbrSector(next === undefined ? [own] : [own, { type: 5, start: next, sectors: 10 }])
  const own: MbrEntry = { type: 0x83, start: 1, sectors: 9 }

  it('is followed to its end', async () => {
    const { table } = await examineDisk(disk({ 0: mbrSector([extended]), 100: link(own, 50), 150: link(own) }))
    expect(table!.notes).toEqual([])
    expect(table!.partitions.map(({ number, startSector }) => [number, startSector])).toEqual([
      [1, 100],
      [5, 101],
      [6, 151],
    ])
  })

  it('that comes back to itself ends, with what is known and a note', async () => {
    const { table } = await examineDisk(disk({ 0: mbrSector([extended]), 100: link(own, 50), 150: link(own, 50) }))
    expect(table!.partitions.map(({ number }) => number)).toEqual([1, 5, 6])
    expect(table!.notes).toEqual(['the chain of logical partitions comes back to sector 150'])
  })

  it('that breaks off, or leaves the extended partition, is noted', async () => {
    const broken = await examineDisk(disk({ 0: mbrSector([extended]), 100: link(own, 50) }))
    expect(broken.table!.notes).toEqual(['the chain of logical partitions breaks off: there is no link at sector 150'])
    const leaves = await examineDisk(disk({ 0: mbrSector([extended]), 100: link(own, 1500) }))
    expect(leaves.table!.notes[0]).toBe(
      'the chain of logical partitions leaves the extended partition, for sector 1600',
    )
  })

  it('of very many links ends', async () => {
    const sectors: Record<number, Buffer> = { 0: mbrSector([{ type: 5, start: 1, sectors: 3000 }]) }
    for (let at = 1; at < 2000; at++) sectors[at] = link({ type: 0x83, start: 1, sectors: 1 }, at)
    const { table, notes } = await examineDisk(disk(sectors, 2 * MIB))
    expect(table!.partitions.length).toBe(1025)
    expect(table!.notes).toContain('more than 1024 logical partitions')
    expect(notes).toContain('only 256 partitions are looked into')
  })
})

describe('a partition table', () => {
  it('notes partitions that overlap or lie beyond the disk', async () => {
    const entries = [
      { type: 0x83, start: 100, sectors: 100 },
      { type: 0x83, start: 150, sectors: 100 },
      { type: 0x83, start: 2000, sectors: 0xffffffff },
    ]
    const { table } = await examineDisk(disk({ 0: mbrSector(entries) }))
    expect(table!.notes).toEqual([
      'partition 3 ends at sector 4294969294, the disk at 2047',
      'partitions 1 and 2 overlap',
    ])
  })

  it('is not seen where only its last two bytes are', async () => {
    expect((await examineDisk(disk({ 0: mbrSector([]) }))).table).toBeNull()
    const odd = [{ type: 0x83, start: 1, sectors: 10, status: 0x13 }]
    expect((await examineDisk(disk({ 0: mbrSector(odd) }))).table).toBeNull()
  })

  it('says that a GPT is missing where the MBR promises one', async () => {
    const { table, notes } = await examineDisk(disk({ 0: mbrSector([{ type: 0xee, start: 1, sectors: 0xffffffff }]) }))
    expect(table!.kind).toBe('mbr')
    expect(notes).toEqual(['the MBR says that the disk has a GPT; there is none'])
  })

  function gptHeader(count: number, entryBytes: number, entriesLba: bigint): Buffer {
    const header = Buffer.alloc(512)
    header.write('EFI PART')
    header.writeUInt32LE(0x10000, 8)
    header.writeUInt32LE(92, 12)
    header.writeBigUInt64LE(1n, 24)
    header.writeBigUInt64LE(2047n, 32)
    header.writeBigUInt64LE(entriesLba, 72)
    header.writeUInt32LE(count, 80)
    header.writeUInt32LE(entryBytes, 84)
    header.writeUInt32LE(crc32(header.subarray(0, 92)), 16)
    return header
  }

  it.each([
    [0xffffffff, 128, 2n, 'has 4294967295 entries of 128 bytes'],
    [128, 0, 2n, 'has 128 entries of 0 bytes'],
    [128, 100, 2n, 'has 128 entries of 100 bytes'],
    [128, 128, 0xffff_ffff_ffff_ffffn, 'has its entries beyond the end of the disk'],
  ])('with %i entries of %i bytes at %i is refused', async (count, entryBytes, entriesLba, fault) => {
    const { table } = await examineDisk(disk({ 1: gptHeader(count, entryBytes, entriesLba) }))
    expect(table!.partitions).toEqual([])
    expect(table!.notes).toContain(`the primary header ${fault}`)
  })
})

describe('the files of an ISO 9660', () => {
  const root = (...records: IsoRecord[]): Map<number, IsoRecord[]> => new Map([[20, records]])
  const folder = (name: string, block: number): IsoRecord => ({ name, block, length: 2048, isDirectory: true })

  it('are listed with their sizes, the extents of one file together', async () => {
    const directories = root(
      { name: 'A.;1', block: 30, length: 2048, goesOn: true },
      { name: 'A.;1', block: 31, length: 7 },
    )
    const { files, notes } = (await listIso(memoryDisk(isoImage(40, directories)), 0))!
    expect(files).toEqual([
      { path: 'A', isDirectory: false, sizeBytes: 2055, link: null, modified: '2026-11-28T12:30:05.000Z' },
    ])
    expect(notes).toEqual([])
  })

  it('end where a directory contains itself or one above it', async () => {
    const directories = new Map([
      [20, [folder('SUB', 21), folder('SAME', 20)]],
      [21, [folder('UP', 20), folder('SELF', 21), { name: 'FILE', block: 22, length: 5 }]],
    ])
    const { files, notes } = (await listIso(memoryDisk(isoImage(40, directories)), 0))!
    expect(files.map(({ path }) => path)).toEqual(['SUB/', 'SAME/', 'SUB/UP/', 'SUB/SELF/', 'SUB/FILE'])
    expect(notes).toEqual([
      'SAME/ is a directory that was read already',
      'SUB/UP/ is a directory that was read already',
      'SUB/SELF/ is a directory that was read already',
    ])
  })

  it('end where a directory has an impossible length or place', async () => {
    const directories = root({ ...folder('LONG', 21), length: 0xffffffff }, folder('FAR', 0xffffffff))
    const { files, notes } = (await listIso(memoryDisk(isoImage(40, directories)), 0))!
    expect(files.length).toBe(2)
    expect(notes).toEqual(['LONG/ has an impossible length, 4294967295 bytes', 'FAR/ lies beyond the end of the disk'])
  })

  it('end at a depth, where each directory holds the next one', async () => {
    const directories = new Map(Array.from({ length: 300 }, (_, level) => [20 + level, [folder('D', 21 + level)]]))
    const { files, notes } = (await listIso(memoryDisk(isoImage(400, directories)), 0))!
    expect(files.length).toBe(129)
    expect(notes[0]).toContain('lies deeper than 128 directories')
  })

  it('end after a limit of reads, where directories are long and many', async () => {
    // Directories of 60 MiB each, all of them empty: 600 of them would be 36 GB.
    const records = Array.from({ length: 600 }, (_, index) =>
      isoRecord({ ...folder(`D${index}`, 100 + index), length: 60 * MIB }),
    )
    const image = isoImage(40, new Map())
    image.writeUInt32LE(40 * 2048, 16 * 2048 + 156 + 10)
    let at = 20 * 2048
    for (const record of records) {
      if ((at % 2048) + record.length > 2048) at = (Math.floor(at / 2048) + 1) * 2048
      at += record.copy(image, at)
    }
    const pieces = new Map([[0, image]])
    const { files, notes } = (await listIso(vastDisk(2 ** 40, pieces), 0))!
    expect(files.length).toBe(600)
    expect(notes).toContain('the disk has more to look at than is looked at')
  }, 60_000)
})

describe('whatever the bytes are', () => {
  it('what cannot be read is noted, and the rest is found', async () => {
    const bytes = Buffer.alloc(MIB)
    mbrSector([{ type: 0x83, start: 100, sectors: 1000 }]).copy(bytes)
    const { table, notes } = await examineDisk(memoryDisk(bytes, [100 * 512 + 5000]))
    expect(table!.partitions.length).toBe(1)
    expect(notes).toEqual(['cannot be read at byte 53248: EIO: i/o error, read'])
  })

  it('a disk of any size, also of none, is looked at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), fc.integer(), async (size, seed) => {
        const bytes = Buffer.alloc(size, seed & 0xff)
        const contents = await examineDisk(memoryDisk(bytes))
        expect(contents.diskBytes).toBe(size)
      }),
      { numRuns: 50 },
    )
  })

  /** The magic texts of everything, with garbage around them: recognisers are entered, not passed by. */
  const MAGICS: readonly (readonly [number, string])[] = [
    [510, '\x55\xaa'],
    [512, 'EFI PART'],
    [0, '\xeb\x3c\x90'],
    [3, 'EXFAT   '],
    [3, 'NTFS    '],
    [1024 + 0x38, '\x53\xef'],
    [0, 'LUKS\xba\xbe\0\x02'],
    [0, 'XFSB'],
    [512, 'LABELONE\x01\0\0\0\0\0\0\0'],
    [512 + 24, 'LVM2 001'],
    [4096, '\xfc\x4e\x2b\xa9\x01'],
    [4086, 'SWAPSPACE2'],
    [65536 + 64, '_BHRfS_M'],
    [32768, '\x01CD001'],
    [34816, '\x02CD001'],
    [36864, '\0CD001\x01EL TORITO SPECIFICATION'],
    [38912, '\0NSR02'],
    [256 * 512, '\x02\0'],
    [256 * 2048, '\x02\0'],
  ]

  it('garbage with the magic texts of everything in it throws nothing, and few bytes are read of it', async () => {
    const garbage = fc.uint8Array({ minLength: 64, maxLength: 4096 })
    await fc.assert(
      fc.asyncProperty(garbage, fc.subarray([...MAGICS]), fc.boolean(), async (pattern, magics, isSparse) => {
        const bytes = Buffer.alloc(600_000 + pattern.length)
        for (let at = 0; at < bytes.length; at += isSparse ? pattern.length * 3 : pattern.length)
          bytes.set(pattern, at % 600_000)
        for (const [at, text] of magics) bytes.write(text, at, 'latin1')
        const image = memoryDisk(bytes)
        const contents = await examineDisk(image)
        for (const { startBytes, volumes } of [
          { startBytes: 0, volumes: contents.volumes },
          ...(contents.table?.partitions ?? []),
        ]) {
          if (volumes.some(({ type }) => type === 'iso9660')) await listIso(image, startBytes)
        }
        expect(image.readBytes).toBeLessThan(64 * MIB)
        JSON.stringify(contents)
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('flipped bits in a table and a volume throw nothing', async () => {
    const whole = isoImage(
      60,
      new Map([
        [
          20,
          [
            { name: 'SUB', block: 21, length: 2048, isDirectory: true },
            { name: 'A', block: 22, length: 5 },
          ],
        ],
      ]),
    )
    mbrSector([
      { type: 5, start: 100, sectors: 100 },
      { type: 0x83, start: 64, sectors: 30 },
    ]).copy(whole)
    mbrSector([
      { type: 0x83, start: 1, sectors: 9 },
      { type: 5, start: 50, sectors: 10 },
    ]).copy(whole, 100 * 512)
    mbrSector([{ type: 0x83, start: 1, sectors: 9 }]).copy(whole, 150 * 512)
    const places = [...Array(66).keys()].map((at) => 446 + at).concat([...Array(200).keys()].map((at) => 32768 + at))
    const flip = fc.record({ at: fc.oneof(fc.constantFrom(...places), fc.nat(whole.length - 1)), bit: fc.nat(7) })
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 8 }), async (flips) => {
        const bytes = Buffer.from(whole)
        for (const { at, bit } of flips) bytes[at]! ^= 1 << bit
        const image = memoryDisk(bytes)
        await examineDisk(image)
        await listIso(image, 0)
        expect(image.readBytes).toBeLessThan(16 * MIB)
      }),
      { numRuns: 500 },
    )
  }, 60_000)
})
