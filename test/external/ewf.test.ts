// E01 images and libewf's tools: they verify, describe and export what we write, and we read what they write. Sleuth Kit looks at ours, too.
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ewfFormat } from '../../host/formats/ewf/ewfFormat'
import type { DiskImage } from '../../host/formats/format'
import {
  contentOf,
  extentsOf,
  noise,
  type Piece,
  text,
  unread,
  type Written,
  writeImage,
  zeros,
} from '../formats/archives'
import { findingsOf, readAll } from '../formats/imageAccess'
import { requireLoopDevices, withLoopDevice } from './loopDevice'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

const SECTOR = 512
const CHUNK = 32 << 10
const MIXED: readonly Piece[] = [
  text(3 * CHUNK),
  zeros(2 * CHUNK),
  noise(CHUNK + 5 * SECTOR),
  zeros(SECTOR),
  text(2 * SECTOR),
]

beforeEach((ctx) => {
  for (const tool of ['ewfacquire', 'ewfverify', 'img_stat']) requireTool(ctx, tool)
})

/** An unattended run says where it failed on the output. */
function acquire(folder: string, source: string, args: readonly string[]): void {
  runToolOk('ewfacquire', ['-u', '-q', '-t', join(folder, 'theirs'), ...args, source])
}

async function opened<T>(path: string, work: (image: DiskImage) => Promise<T>): Promise<T> {
  const image = await ewfFormat.open(path)
  try {
    return await work(image)
  } finally {
    image.close()
  }
}

async function expectSame(path: string, content: Buffer): Promise<void> {
  await opened(path, async (image) => {
    expect((await readAll(image)).equals(content)).toBe(true)
    expect(await findingsOf(image)).toEqual([])
  })
}

describe('an E01 of ours', () => {
  const cases: [string, readonly Piece[], Written][] = [
    ['of one sector', [noise(SECTOR)], {}],
    ['of 63 sectors', [text(63 * SECTOR)], {}],
    ['of 64 sectors', [noise(64 * SECTOR)], {}],
    ['of 65 sectors', [noise(65 * SECTOR)], {}],
    ['of zeros', [zeros(5 * CHUNK + SECTOR)], {}],
    ['not compressed', MIXED, { options: { compression: 'none' } }],
    ['compressed fast', MIXED, { options: { compression: 'fast' } }],
    ['compressed best', MIXED, { options: { compression: 'best' } }],
    ['in files of 1 MiB', [noise(2 << 20), ...MIXED, noise(SECTOR)], { options: { segment_size: '1MiB' } }],
    ['of sectors of 2048 bytes', [text(40 * 2048), noise(2048)], { sectorBytes: 2048 }],
    ['of sectors of 2352 bytes', [text(40 * 2352), noise(2352)], { sectorBytes: 2352 }],
    ['of sectors of 4096 bytes', [text(40 * 4096), noise(4096)], { sectorBytes: 4096 }],
  ]

  it.each(cases)(
    '%s is whole for ewfverify, and ewfexport and img_cat give its sectors',
    async (_, pieces, written) => {
      await withTemporaryFolder(async (folder) => {
        const path = join(folder, 'ours.E01')
        await writeImage(path, ewfFormat, pieces, written)
        expect(runToolOk('ewfverify', ['-d', 'sha1', path])).toMatch(
          /MD5 hash stored in file[\s\S]*SHA1 hash stored[\s\S]*SUCCESS/,
        )
        const content = contentOf(pieces)
        runToolOk('ewfexport', ['-u', '-q', '-f', 'raw', '-t', join(folder, 'out'), path])
        expect(readFileSync(join(folder, 'out.raw')).equals(content)).toBe(true)
        runToolOk('sh', ['-c', 'img_cat "$1" > "$2"', 'sh', path, join(folder, 'cat')])
        expect(readFileSync(join(folder, 'cat')).equals(content)).toBe(true)
        expect(runToolOk('img_stat', [path])).toContain(`Size of data in bytes:\t${content.length}`)
      })
    },
  )

  it('of more chunks than one table holds is whole for ewfverify', async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'ours.E01')
      await writeImage(path, ewfFormat, [noise(SECTOR), zeros(16380 * CHUNK), noise(SECTOR)])
      expect(runToolOk('ewfverify', ['-q', path])).toContain('SUCCESS')
      await opened(path, async (image) => expect(await findingsOf(image)).toEqual([]))
    })
  })

  it('has a name for each file: .E99 and .EAA', async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'ours.E01')
      const pieces = Array.from({ length: 101 }, () => noise(1 << 20))
      await writeImage(path, ewfFormat, pieces, { options: { segment_size: '1MiB', compression: 'none' } })
      expect(statSync(join(folder, 'ours.EAA')).size).toBeLessThanOrEqual(1 << 20)
      expect(runToolOk('ewfverify', ['-q', path])).toContain('SUCCESS')
      await expectSame(path, contentOf(pieces))
    })
  })

  it('tells ewfinfo what was said about the case, and which sectors were unread', async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'ours.E01')
      const options = {
        case_number: '7/2026',
        evidence_number: 'E-3',
        examiner: 'J. Doe',
        description: 'a disk of the lab',
        notes: 'left of the door',
        acquired: '2026-01-31T12:00:00Z',
      }
      const pieces = [text(CHUNK), unread(3 * SECTOR), text(CHUNK), unread(SECTOR)]
      await writeImage(path, ewfFormat, pieces, { options })
      const said = runToolOk('ewfinfo', [path])
      for (const value of Object.values({ ...options, acquired: 'Sat Jan 31 12:00:00 2026' }))
        expect(said).toContain(value)
      expect(said).toMatch(/File format:\s+EnCase 6/)
      expect(said).toMatch(
        /total number: 2\n\s+at sector\(s\): 64 - 66 number: 3\n\s+at sector\(s\): 131 - 131 number: 1/,
      )
      expect(runToolOk('ewfverify', ['-q', path])).toContain('SUCCESS')
    })
  })

  it('that is damaged is damaged for ewfverify too', async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'ours.E01')
      await writeImage(path, ewfFormat, [noise(4 * CHUNK)])
      const bytes = readFileSync(path)
      bytes[2000 + CHUNK]! ^= 1
      writeFileSync(path, bytes)
      expect(runTool('ewfverify', ['-q', path]).exitCode).not.toBe(0)
      await opened(path, async (image) => {
        const [finding] = await findingsOf(image)
        expect(finding!.disk).toEqual({ startBytes: CHUNK, endBytes: 2 * CHUNK })
      })
    })
  })
})

describe('an E01 of ewfacquire', () => {
  const content = contentOf([...MIXED, noise(1 << 20), text(1 << 20)])

  it.each([
    ...['encase2', 'encase3', 'encase4', 'encase5', 'encase6', 'encase7', 'linen5', 'linen6', 'linen7', 'ftk'],
    ...['ewfx', 'ewf', 'smart'],
  ])('in the format %s is read', async (format) => {
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'disk')
      writeFileSync(source, content)
      acquire(folder, source, ['-f', format, '-c', 'fast', '-S', '1MiB', '-d', 'sha1'])
      const ending = format === 'smart' ? 's01' : format.startsWith('ewf') ? 'e01' : 'E01'
      await expectSame(join(folder, `theirs.${ending}`), content)
    })
  })

  it.each([
    ['not compressed', ['-c', 'none']],
    ['with compressed zeros', ['-c', 'empty-block']],
    ['compressed fast', ['-c', 'fast']],
    ['compressed best', ['-c', 'best']],
    ['in chunks of 16 sectors', ['-c', 'fast', '-b', '16']],
    ['in chunks of 1024 sectors', ['-c', 'fast', '-b', '1024']],
    ['in chunks of 32768 sectors', ['-c', 'none', '-b', '32768']],
    ['of sectors of 4096 bytes', ['-c', 'fast', '-P', '4096', '-m', 'optical']],
  ])('%s is read', async (_, args) => {
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'disk')
      const whole = content.subarray(0, content.length - (content.length % 4096))
      writeFileSync(source, whole)
      acquire(folder, source, [...args, '-C', 'case 9', '-e', 'J. Doe'])
      await expectSame(join(folder, 'theirs.E01'), Buffer.from(whole))
      await opened(join(folder, 'theirs.E01'), async ({ details }) => {
        expect(details).toEqual(
          expect.arrayContaining([
            ['case number', 'case 9'],
            ['examiner', 'J. Doe'],
          ]),
        )
      })
    })
  })

  it('of an optical disc is read, with its sessions', async () => {
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'disc.iso')
      const disc = Buffer.from(noise(1200 * 2048))
      writeFileSync(source, disc)
      const track = 'TRACK 01 MODE1/2048\nINDEX 01 00:00:00\n'
      writeFileSync(join(folder, 'disc.cue'), `FILE "disc.iso" BINARY\n${track}`)
      acquire(folder, source, ['-m', 'optical', '-P', '2048', '-T', join(folder, 'disc.cue')])
      await expectSame(join(folder, 'theirs.E01'), disc)
      await opened(join(folder, 'theirs.E01'), async ({ details, sectorBytes }) => {
        expect(sectorBytes).toBe(2048)
        expect(Object.fromEntries(details)).toMatchObject({ media: 'optical', sessions: '1' })
      })
    })
  })

  it('in a hundred files and more is read', async () => {
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'disk')
      const large = Buffer.from(noise(101 << 20))
      writeFileSync(source, large)
      acquire(folder, source, ['-c', 'none', '-S', '1MiB'])
      await opened(join(folder, 'theirs.E01'), async (image) => {
        expect(image.files.at(-1)).toMatch(/EA[A-Z]$/)
        expect((await readAll(image)).equals(large)).toBe(true)
      })
    })
  })

  it('from a device with bad sectors lists them, and they are unread', async (ctx) => {
    requireLoopDevices(ctx)
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'disk')
      const disk = Buffer.from(text(40 * CHUNK))
      writeFileSync(source, disk)
      const good = disk.length - 2 * CHUNK - 4096
      await withLoopDevice(source, (device) => {
        // Behind the end of its file a loop device has errors.
        truncateSync(source, good)
        acquire(folder, device, ['-c', 'fast', '-g', '1', '-r', '0'])
      })
      await opened(join(folder, 'theirs.E01'), async (image) => {
        expect(image.diskBytes).toBe(disk.length)
        const bad = extentsOf(image).find(({ kind }) => kind === 'data')!.endBytes
        expect(runToolOk('ewfinfo', ['-e', join(folder, 'theirs.E01')])).toContain(`at sector(s): ${bad / SECTOR} - `)
        expect(image.extentAt(bad)).toEqual({ kind: 'unread', endBytes: image.diskBytes })
        expect(bad).toBeLessThanOrEqual(good)
        const whole = Buffer.alloc(bad)
        await image.read(0, whole)
        expect(whole.equals(disk.subarray(0, bad))).toBe(true)
        expect(await findingsOf(image)).toEqual([])
      })
    })
  })
})
