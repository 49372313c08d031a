// Real file systems with flipped bits: whatever was hit, the look ends, throws nothing and reads little.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { examineDisk } from '../../host/disk/examineDisk'
import { listIso } from '../../host/disk/isoTree'
import { memoryDisk } from '../disk/memoryDisk'
import { blankImage } from './diskTools'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

const MIB = 1 << 20

const MAKERS: [mib: number, tool: string, ...options: string[]][] = [
  [4, 'mke2fs', '-q', '-t', 'ext4', 'FILE'],
  [2, 'mkfs.fat', '-n', 'LABEL', 'FILE'],
  [40, 'mkfs.fat', '-F', '32', '-n', 'LABEL', 'FILE'],
  [4, 'mkfs.exfat', '-L', 'label', 'FILE'],
  [4, 'mkntfs', '-q', '-F', '-f', '-L', 'label', 'FILE'],
  [4, 'mkudffs', '-l', 'label', 'FILE'],
  [4, 'mkswap', '-q', '-L', 'label', 'FILE'],
  [0, 'genisoimage', '-quiet', '-R', '-J', '-o', 'FILE', 'TREE'],
  [4, 'sgdisk', '-n', '1:0:+1M', '-n', '2:0:0', 'FILE'],
]

/** Bytes worth a flip: those that are not zero, and some that are. */
function worthwhile(bytes: Buffer): number[] {
  const places: number[] = []
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0 || at % 97 === 0) places.push(at)
  return places
}

describe('image ls of a damaged disk', () => {
  it.for(MAKERS)('of %i MiB by %s', { timeout: 120_000 }, async ([mib, tool, ...options], ctx) => {
    requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const [path, tree] = [join(folder, 'image'), join(folder, 'tree')]
      mkdirSync(join(tree, 'sub', 'deeper'), { recursive: true })
      writeFileSync(join(tree, 'sub', `${'long '.repeat(45)}name`), 'x')
      symlinkSync('sub/deeper', join(tree, 'link'))
      blankImage(path, mib * MIB)
      const names: Readonly<Record<string, string>> = { FILE: path, TREE: tree }
      runToolOk(
        tool,
        options.map((option) => names[option] ?? option),
      )
      const whole = readFileSync(path)
      const places = worthwhile(whole)
      const flip = fc.record({
        at: fc.nat(places.length - 1).map((index) => places[index]!),
        value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 30 }), async (flips) => {
          const kept = flips.map(({ at }) => whole[at]!)
          for (const { at, value } of flips) whole[at] = value
          const image = memoryDisk(whole)
          try {
            await examineDisk(image)
            await listIso(image, 0)
          } finally {
            for (const [index, { at }] of [...flips.entries()].reverse()) whole[at] = kept[index]!
          }
          expect(image.readBytes).toBeLessThan(16 * MIB)
        }),
        { numRuns: 300 },
      )
    })
  })
})
