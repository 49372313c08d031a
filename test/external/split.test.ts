// Split images and the tools that make and check them: split, cat, sha256sum, ewfexport, img_stat.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatOf } from '../../host/formats/formats'
import { rawFormat } from '../../host/formats/raw/rawFormat'
import { splitFormat } from '../../host/formats/split/splitFormat'
import { makeSums } from '../../host/formats/sums/diskSums'
import { sumsPathOf, writeSums } from '../../host/formats/sums/sumsFile'
import { contentOf, noise, text, unread, writeImage, zeros } from '../formats/archives'
import { readAll } from '../formats/imageAccess'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

/** `sha256sum -c` as a user has it: in the folder of the image. */
const check = (folder: string, sums: string) =>
  runTool('sh', ['-c', 'cd "$1" && sha256sum -c "$2"', 'sh', folder, sums])

describe('a split image of ours', () => {
  const pieces = [noise(3000), zeros(20_000), text(7000), unread(512), noise(1000)]

  it('is what it was for cat, and its sums are right for sha256sum', async () => {
    await withTemporaryFolder(async (folder) => {
      await writeImage(join(folder, 'disk.001'), splitFormat, pieces, { options: { part_size: '4KiB' } })
      const all = runToolOk('sh', ['-c', 'cat "$1".0?? | sha256sum', 'sh', join(folder, 'disk')])
      const sums = readFileSync(join(folder, 'disk.001.sums'), 'utf8')
      expect(sums).toContain(`\n# sha256 ${all.slice(0, 64)}\n`)
      const answer = check(folder, 'disk.001.sums')
      expect(answer).toMatchObject({ exitCode: 0, stderr: '' })
      expect(answer.stdout.split('\n').filter((line) => /^disk\.\d{3}: OK$/.test(line))).toHaveLength(8)
    })
  })

  it('with a wrong bit is wrong for sha256sum, in the same part', async () => {
    await withTemporaryFolder(async (folder) => {
      await writeImage(join(folder, 'disk.001'), splitFormat, pieces, { options: { part_size: '4KiB' } })
      const bytes = readFileSync(join(folder, 'disk.007'))
      bytes[100]! ^= 1
      writeFileSync(join(folder, 'disk.007'), bytes)
      const { exitCode, stdout } = check(folder, 'disk.001.sums')
      expect(exitCode).not.toBe(0)
      expect(stdout.split('\n').filter((line) => line.endsWith('FAILED'))).toEqual(['disk.007: FAILED'])
    })
  })

  it('is a disk for the Sleuth Kit', async (ctx) => {
    requireTool(ctx, 'img_stat')
    await withTemporaryFolder(async (folder) => {
      await writeImage(join(folder, 'disk.001'), splitFormat, [noise(9 * 512)], { options: { part_size: '2KiB' } })
      expect(runToolOk('img_stat', [join(folder, 'disk.001')])).toContain(`Size in bytes: ${9 * 512}`)
    })
  })
})

describe('a split image of others', () => {
  const content = contentOf([noise(95 * 512), text(777)])

  it.each([
    ['in numbers', 'disk.00', ['-d', '-a', '2']],
    ['in numbers from 1', 'disk.001', ['--numeric-suffixes=1', '-a', '3']],
    ['in numbers that grow', 'disk.00', ['-d']],
    ['in letters', 'disk.aa', []],
    ['in four letters', 'disk.aaaa', ['-a', '4']],
  ])('of split, %s, is read', async (_, first, args) => {
    await withTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'whole'), content)
      const partBytes = args.length === 1 ? 512 : 700
      runToolOk('split', ['-b', String(partBytes), ...args, join(folder, 'whole'), join(folder, 'disk.')])
      const path = join(folder, first)
      expect(formatOf(path)).toBe(splitFormat)
      const image = await splitFormat.open(path)
      expect(image.files).toHaveLength(Math.ceil(content.length / partBytes))
      expect((await readAll(image)).equals(content)).toBe(true)
      image.close()
    })
  })

  it('of more letters than two have names for is read', async () => {
    await withTemporaryFolder(async (folder) => {
      const long = contentOf([noise(700 * 100)])
      writeFileSync(join(folder, 'whole'), long)
      runToolOk('split', ['-b', '100', join(folder, 'whole'), join(folder, 'disk.')])
      const image = await splitFormat.open(join(folder, 'disk.aa'))
      expect(image.files.at(-1)).toMatch(/disk\.z[a-z]{3}$/)
      expect((await readAll(image)).equals(long)).toBe(true)
      image.close()
    })
  })

  it('of ewfexport is read', async (ctx) => {
    requireTool(ctx, 'ewfacquire')
    await withTemporaryFolder(async (folder) => {
      const large = Buffer.from(noise(3 << 20))
      writeFileSync(join(folder, 'whole'), large)
      runToolOk('ewfacquire', ['-u', '-q', '-t', join(folder, 'e'), join(folder, 'whole')])
      runToolOk('ewfexport', [
        '-u',
        '-q',
        '-f',
        'raw',
        '-S',
        '1048576',
        '-t',
        join(folder, 'out'),
        join(folder, 'e.E01'),
      ])
      const image = await splitFormat.open(join(folder, 'out.raw.000'))
      expect((await readAll(image)).equals(large)).toBe(true)
      image.close()
    })
  })
})

it('sums of any image, with those of its files, are right for sha256sum', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'disk.img')
    writeFileSync(path, noise(100_000))
    const image = await rawFormat.open(path)
    writeSums(sumsPathOf(path), await makeSums(image, { withFiles: true }))
    image.close()
    expect(check(folder, 'disk.img.sums')).toMatchObject({ exitCode: 0, stdout: 'disk.img: OK\n', stderr: '' })
  })
})
