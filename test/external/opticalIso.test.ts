// ISO 9660 and UDF volumes by genisoimage, xorriso and mkudffs: what we say of them is what they were made with, nothing is wrong with
// them, and what a cut took is told. And the volume that our own tests make by hand is one that isoinfo and xorriso can read.

import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatOf } from '../../host/formats/formats'
import { isoFormat } from '../../host/formats/iso/isoFormat'
import { findingsOf, readAll } from '../formats/imageAccess'
import { withImage } from '../formats/imageTrials'
import { smallIso } from '../formats/smallIso'
import { makeRealIso } from './iso'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

const detailsOf = (path: string): Promise<Record<string, string>> =>
  withImage(isoFormat, path, ({ details }) => Object.fromEntries(details))

const texts = async (path: string): Promise<string[]> =>
  (await withImage(isoFormat, path, findingsOf)).map(({ text }) => text)

async function makeTree(folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'boot', 'deep', 'er'), { recursive: true })
  writeFileSync(join(tree, 'boot', 'loader.bin'), Buffer.alloc(2048, 0x90))
  writeFileSync(join(tree, 'boot', 'deep', 'er', 'a file with a long name.txt'), 'hello')
  for (let number = 0; number < 100; number++) writeFileSync(join(tree, `file${number}`), `content ${number}`)
  return tree
}

const VARIANTS: readonly (readonly [string, readonly string[]])[] = [
  ['plain', []],
  ['Joliet and Rock Ridge', ['-J', '-R']],
  ['with a UDF bridge', ['-udf']],
  ['all of it, and El Torito', ['-J', '-R', '-udf', '-b', 'boot/loader.bin', '-no-emul-boot']],
  ['without padding', ['-no-pad', '-J']],
]

describe('ISO 9660 volumes by genisoimage', () => {
  it.for(VARIANTS)('are read, and found whole: %s', async ([, options], ctx) => {
    requireTool(ctx, 'genisoimage')
    requireTool(ctx, 'isoinfo')
    await withTemporaryFolder(async (folder) => {
      const image = join(folder, 'a.iso')
      runToolOk('genisoimage', ['-quiet', '-V', 'MY_LABEL', ...options, '-o', image, await makeTree(folder)])
      expect(formatOf(image)).toBe(isoFormat)
      expect(await texts(image)).toEqual([])
      const details = await detailsOf(image)
      expect(details.volume).toBe('MY_LABEL')
      expect(details['file system']).toBe(options.includes('-J') ? 'ISO 9660 with Joliet' : 'ISO 9660')
      expect(details.UDF !== undefined).toBe(options.includes('-udf'))
      expect(details['El Torito'] !== undefined).toBe(options.includes('-b'))
      const size = /Volume size is: (\d+)/.exec(runToolOk('isoinfo', ['-d', '-i', image]))![1]
      expect(details['size of the volume']).toContain(`${Number(size) * 2048} bytes`)
      expect((await withImage(isoFormat, image, readAll)).equals(readFileSync(image))).toBe(true)
    })
  })
})

describe('other makers', () => {
  it("xorriso's image is whole, and a cut of one sector is told, with a file that it hit", async (ctx) => {
    requireTool(ctx, 'xorriso')
    await withTemporaryFolder(async (folder) => {
      const image = join(folder, 'a.iso')
      await makeRealIso(image)
      expect(await texts(image)).toEqual([])
      expect((await detailsOf(image)).volume).toBe('PLATTERLAB')
      const whole = readFileSync(image).length
      truncateSync(image, whole - 2048)
      expect(await texts(image)).toEqual([expect.stringContaining('2048 are missing')])
      truncateSync(image, whole / 2 - ((whole / 2) % 2048))
      const told = await texts(image)
      expect(told.filter((text) => text.includes('is not all in the image')).length).toBeGreaterThan(1)
    })
  })

  it("mkudffs's volume has its name and its size, and each byte of its descriptors is guarded", async (ctx) => {
    requireTool(ctx, 'mkudffs')
    await withTemporaryFolder(async (folder) => {
      const image = join(folder, 'a.iso')
      writeFileSync(image, '')
      truncateSync(image, 4 << 20)
      runToolOk('mkudffs', ['--media-type=dvd', '--label=A_UDF_DISC', image])
      expect(formatOf(image)).toBe(isoFormat)
      expect(await texts(image)).toEqual([])
      expect((await detailsOf(image)).UDF).toBe('NSR03, volume A_UDF_DISC')
      const bytes = readFileSync(image)
      const anchor = 256 * 2048
      for (const offset of [anchor, anchor + 4, anchor + 8, anchor + 20, bytes.readUInt32LE(anchor + 20) * 2048 + 30]) {
        bytes[offset]! ^= 4
        writeFileSync(image, bytes)
        expect((await texts(image)).length).toBeGreaterThan(0)
        bytes[offset]! ^= 4
      }
      writeFileSync(image, bytes.subarray(0, 1 << 20))
      expect((await texts(image)).join()).toContain('cut off')
    })
  })
})

describe("the tests' own small volume", () => {
  it('is one to isoinfo and xorriso', async (ctx) => {
    requireTool(ctx, 'isoinfo')
    requireTool(ctx, 'xorriso')
    await withTemporaryFolder(async (folder) => {
      const image = join(folder, 'a.iso')
      writeFileSync(image, smallIso())
      expect(runToolOk('isoinfo', ['-f', '-i', image]).split('\n').filter(Boolean).sort()).toEqual([
        '/FOLDER',
        '/FOLDER/INNER.TXT;1',
        '/OUTER.TXT;1',
      ])
      const { stdout, stderr } = runTool('xorriso', ['-indev', image, '-find', '/', '-type', 'f'])
      expect(stdout + stderr).toMatch(/'\/FOLDER\/INNER.TXT'/)
    })
  })
})
