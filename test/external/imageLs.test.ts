import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Volume } from '../../host/disk/volume'
import { blankImage, blkid, examineFile, partition, sfdiskTable } from './diskTools'
import { requireLoopDevices, withLoopDevice, withMount } from './loopDevice'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const MIB = 1 << 20

/** How to make each: the tool, the size, and its arguments; FILE stands for the image. */
const VOLUMES: [title: string, mib: number, tool: string, ...options: string[]][] = [
  ['ext2', 8, 'mke2fs', '-q', '-t', 'ext2', '-L', 'second', 'FILE'],
  ['ext3', 16, 'mke2fs', '-q', '-t', 'ext3', '-L', 'third one', 'FILE'],
  ['ext4', 32, 'mke2fs', '-q', '-t', 'ext4', '-L', 'fourth', 'FILE'],
  ['ext4', 32, 'mke2fs', '-q', '-t', 'ext4', '-O', '^has_journal', '-b', '4096', 'FILE'],
  ['ext4', 32, 'mke2fs', '-q', '-t', 'ext4', '-O', '^64bit,^metadata_csum', 'FILE'],
  ['FAT12', 1, 'mkfs.fat', '-n', 'FLOPPY', 'FILE'],
  ['FAT16', 16, 'mkfs.fat', '-F', '16', '-n', 'SIXTEEN', 'FILE'],
  ['FAT16', 16, 'mkfs.fat', '-F', '16', '-s', '2', '-r', '112', 'FILE'],
  ['FAT32', 64, 'mkfs.fat', '-F', '32', '-n', 'THIRTYTWO', 'FILE'],
  ['FAT32', 300, 'mkfs.fat', '-F', '32', '-S', '4096', 'FILE'],
  ['FAT32', 64, 'mkfs.fat', '-F', '32', '--mbr=y', 'FILE'],
  ['exFAT', 16, 'env', 'LC_ALL=C.UTF-8', 'mkfs.exfat', '-L', 'für alle', 'FILE'],
  ['NTFS', 16, 'mkntfs', '-q', '-F', '-f', '-L', 'My NTFS', 'FILE'],
  ['NTFS', 16, 'mkntfs', '-q', '-F', '-f', '-s', '4096', '-c', '65536', 'FILE'],
  ['UDF 2.01', 16, 'mkudffs', '--label=disc', 'FILE'],
  ['UDF 2.00', 16, 'mkudffs', '--media-type=dvdram', '--udfrev=0x200', '--label=disc', 'FILE'],
  ['UDF 1.02', 16, 'mkudffs', '--utf8', '--blocksize=4096', '--udfrev=0x102', '--label=большой', 'FILE'],
  ['Linux swap', 4, 'mkswap', '-q', '-L', 'room', 'FILE'],
  ['Linux swap', 4, 'mkswap', '-q', '-p', '65536', 'FILE'],
  ['XFS', 400, 'mkfs.xfs', '-q', '-L', 'fast', 'FILE'],
  ['Btrfs', 128, 'mkfs.btrfs', '-q', '-L', 'tree of leaves', 'FILE'],
]

/** What blkid says, in our terms. */
function expected(path: string): Pick<Volume, 'type' | 'label' | 'uuid'> {
  const found = blkid(path)
  return { type: found.get('TYPE') ?? '', label: found.get('LABEL') ?? null, uuid: found.get('UUID') ?? null }
}

describe('image ls and blkid', () => {
  it.for(VOLUMES)(
    'agree on %s of %i MiB by %s %s %s %s',
    { timeout: 60_000 },
    async ([title, mib, tool, ...args], ctx) => {
      for (const needed of [args.find((arg) => arg.startsWith('mk')) ?? tool, 'blkid']) requireTool(ctx, needed)
      await withTemporaryFolder(async (folder) => {
        const path = join(folder, 'image')
        blankImage(path, mib * MIB)
        runToolOk(
          tool!,
          args.map((arg) => (arg === 'FILE' ? path : arg)),
        )
        const { volumes, table, notes } = await examineFile(path)
        expect(volumes.map(({ title }) => title)).toEqual([title])
        expect(volumes[0]).toMatchObject(expected(path))
        expect(volumes[0]!.notes).toEqual([])
        expect(volumes[0]!.isClean ?? true).toBe(true)
        if (volumes[0]!.sizeBytes !== null) expect(volumes[0]!.sizeBytes).toBeGreaterThan(0.93 * mib * MIB)
        expect(table).toBeNull()
        expect(notes.filter((note) => !note.includes('the first sector belongs to'))).toEqual([])
      })
    },
  )

  it.for(['luks1', 'luks2'])('agree on %s', { timeout: 60_000 }, async (type, ctx) => {
    for (const tool of ['cryptsetup', 'blkid']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, 32 * MIB)
      const quick = type === 'luks2' ? ['--pbkdf', 'pbkdf2', '--label', 'secret'] : []
      runToolOk('cryptsetup', ['luksFormat', '-q', '--type', type, '--iter-time', '1', ...quick, path, '-'], 'word')
      expect((await examineFile(path)).volumes).toMatchObject([expected(path)])
    })
  })

  it("see a label of NTFS in full where two bytes of it, at a sector's end, are kept elsewhere", async (ctx) => {
    for (const tool of ['mkntfs', 'ntfslabel']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, 16 * MIB)
      runToolOk('mkntfs', ['-q', '-F', '-f', '-L', 'A label of 128 characters '.repeat(5).slice(0, 128), path])
      const label = runToolOk('ntfslabel', ['-f', path]).trim()
      expect(label.length).toBe(128)
      expect((await examineFile(path)).volumes).toMatchObject([{ label, notes: [] }])
    })
  })

  it('agree on a physical volume of LVM2, and the group it is in', async (ctx) => {
    for (const tool of ['pvcreate', 'vgcreate', 'blkid']) requireTool(ctx, tool)
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, 20 * MIB)
      const work = (device: string) => {
        runToolOk('pvcreate', ['-q', '-ff', '-y', device])
        runToolOk('vgcreate', ['-q', `platterlab${process.pid}`, device])
      }
      await withLoopDevice(path, work, { writable: true })
      const { volumes } = await examineFile(path)
      expect(volumes).toMatchObject([{ ...expected(path), notes: [] }])
      expect(volumes[0]!.facts).toEqual({ volumeGroup: `platterlab${process.pid}` })
    })
  }, 60_000)

  it('see where an ext4 was mounted last, and that it is not clean while it is', async (ctx) => {
    requireTool(ctx, 'mke2fs')
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const [path, copy] = [join(folder, 'image'), join(folder, 'copy')]
      blankImage(path, 32 * MIB)
      runToolOk('mke2fs', ['-q', '-t', 'ext4', path])
      const mountPoint = join(folder, 'mounted')
      await withLoopDevice(
        path,
        (device) =>
          withMount(device, 'ext4', mountPoint, async () => {
            // Linux notes the place when the first file is opened.
            writeFileSync(join(mountPoint, 'file'), 'content')
            runToolOk('sync', ['-f', mountPoint])
            copyFileSync(path, copy)
          }),
        { writable: true },
      )
      const [during, after] = [(await examineFile(copy)).volumes[0]!, (await examineFile(path)).volumes[0]!]
      expect(during).toMatchObject({ isClean: false, facts: { needsRecovery: true } })
      expect(after).toMatchObject({ isClean: true, facts: { needsRecovery: false, lastMountedOn: mountPoint } })
    })
  })
})

const DOS = `label: dos
label-id: 0x1234abcd
start=2048, size=4096, type=83, bootable
start=8192, size=2048, type=c
start=12288, type=5
start=14336, size=2048, type=82
start=18432, size=4096, type=83
start=24576, size=2048, type=8e
`

const GPT = `label: gpt
label-id: 11111111-2222-3333-4444-555555555555
start=2048, size=4096, type=U, name="EFI", uuid=AAAAAAAA-0000-4000-8000-000000000001
start=8192, size=8192, type=L, name="größer"
start=20480, size=2048, type=S, attrs="LegacyBIOSBootable"
`

/** What sfdisk says of a table, in our terms. */
function sfdiskPartitions(path: string): object[] {
  return sfdiskTable(path).partitions.map(({ node, start, size, type, name, uuid, bootable }) => ({
    number: Number(node.slice(path.length)),
    startSector: start,
    sectors: size,
    type,
    name: name ?? null,
    isBootable: bootable ?? false,
    ...(uuid ? { id: uuid } : {}),
  }))
}

describe('image ls and sfdisk', () => {
  it('agree on an MBR with logical partitions', async (ctx) => {
    requireTool(ctx, 'sfdisk')
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, 16 * MIB)
      partition(path, DOS)
      const { table, notes } = await examineFile(path)
      expect(table).toMatchObject({ kind: 'mbr', id: '1234abcd', sectorBytes: 512, notes: [] })
      expect(table!.partitions).toMatchObject(sfdiskPartitions(path))
      expect(table!.partitions.map(({ number }) => number)).toEqual([1, 2, 3, 5, 6, 7])
      expect(table!.partitions[2]!.isExtended).toBe(true)
      expect(notes).toEqual([])
    })
  })

  async function withGpt(work: (path: string, sane: object[]) => Promise<void>): Promise<void> {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, 16 * MIB)
      partition(path, GPT)
      await work(
        path,
        sfdiskPartitions(path).map((found) => ({ ...found, isBootable: expect.any(Boolean) })),
      )
    })
  }

  it('agree on a GPT, names and identities included', async (ctx) => {
    requireTool(ctx, 'sfdisk')
    await withGpt(async (path, sane) => {
      const { table, notes } = await examineFile(path)
      expect(table).toMatchObject({ kind: 'gpt', id: '11111111-2222-3333-4444-555555555555', notes: [] })
      expect(table!.partitions).toMatchObject(sane)
      expect(table!.partitions.map(({ isBootable }) => isBootable)).toEqual([false, false, true])
      expect(table!.partitions.map(({ typeName }) => typeName)).toEqual([
        'EFI system',
        'Linux filesystem',
        'Linux swap',
      ])
      expect(notes).toEqual([])
    })
  })

  it.for([
    ['the primary header', 512 + 20, 'the primary header has a wrong CRC; the backup one is used'],
    ['an entry of the primary', 1024 + 200, 'the primary header has entries with a wrong CRC; the backup one is used'],
    ['the backup header', 16 * MIB - 512 + 20, 'the backup header has a wrong CRC; the primary one is used'],
    ['the signature of the primary', 512, 'there is no primary header; the backup one is used'],
  ] as const)('finds all partitions after damage to %s, and says so', async ([, at, note], ctx) => {
    requireTool(ctx, 'sfdisk')
    await withGpt(async (path, sane) => {
      const bytes = readFileSync(path)
      bytes[at]! ^= 0x10
      writeFileSync(path, bytes)
      const { table } = await examineFile(path)
      expect(table!.notes).toEqual([note])
      expect(table!.partitions).toMatchObject(sane)
    })
  })

  it('says that neither header is whole, and that a disk has grown or was cut', async (ctx) => {
    requireTool(ctx, 'sfdisk')
    await withGpt(async (path, sane) => {
      truncateSync(path, 20 * MIB)
      const grown = (await examineFile(path)).table!
      expect(grown.notes).toEqual([
        'the backup header is in sector 32767, not in the last one (40959): the disk has grown',
      ])
      expect(grown.partitions).toMatchObject(sane)
      truncateSync(path, 10 * MIB)
      const cut = (await examineFile(path)).table!
      expect(cut.notes).toEqual([
        'there is no backup header; the primary one is used',
        'partition 3 ends at sector 22527, the disk at 20479',
      ])
      expect(cut.partitions).toMatchObject(sane)
      const bytes = readFileSync(path)
      bytes[512 + 60]! ^= 1
      writeFileSync(path, bytes)
      const lost = (await examineFile(path)).table!
      expect(lost.partitions).toEqual([])
      expect(lost.notes).toEqual([
        'neither header of the partition table is whole',
        'the primary header has a wrong CRC',
        'there is no backup header',
      ])
    })
  })

  it('agree on a GPT of a disk with sectors of 4096 bytes', async (ctx) => {
    requireLoopDevices(ctx)
    requireTool(ctx, 'sgdisk')
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image')
      blankImage(path, 16 * MIB)
      const work = (device: string) => {
        runToolOk('losetup', ['--sector-size', '4096', device])
        runToolOk('sgdisk', ['-n', '1:256:511', '-t', '1:8300', '-c', '1:data', '-n', '2:512:1023', device])
      }
      await withLoopDevice(path, work, { writable: true })
      const { table } = await examineFile(path)
      expect(table).toMatchObject({ kind: 'gpt', sectorBytes: 4096, notes: [] })
      expect(table!.partitions).toMatchObject([
        { number: 1, startBytes: MIB, sizeBytes: MIB, name: 'data', typeName: 'Linux filesystem' },
        { number: 2, startBytes: 2 * MIB, sizeBytes: 2 * MIB },
      ])
    })
  })

  it('look into each partition', async (ctx) => {
    for (const tool of ['sfdisk', 'mke2fs', 'mkfs.fat', 'mkswap']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const [path, part] = [join(folder, 'image'), join(folder, 'part')]
      blankImage(path, 16 * MIB)
      partition(path, DOS)
      const makers = [
        [1, ['mke2fs', '-q', '-t', 'ext2', '-L', 'one', part]],
        [2, ['mkfs.fat', '-n', 'TWO', part]],
        [5, ['mkswap', '-q', '-L', 'five', part]],
      ] as const
      for (const [number, [tool, ...args]] of makers) {
        const { startSector, sectors } = (await examineFile(path)).table!.partitions.find((p) => p.number === number)!
        blankImage(part, sectors * 512)
        runToolOk(tool, args)
        const image = readFileSync(path)
        readFileSync(part).copy(image, startSector * 512)
        writeFileSync(path, image)
      }
      const { table, volumes } = await examineFile(path)
      expect(volumes).toEqual([])
      const labels = table!.partitions.map(({ number, volumes }) => [number, volumes.map(({ label }) => label)])
      expect(labels).toEqual([
        [1, ['one']],
        [2, ['TWO']],
        [3, []],
        [5, ['five']],
        [6, []],
        [7, []],
      ])
    })
  })
})
