import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blkid, examineFile, isoinfoFiles, listIsoFile } from './diskTools'
import { makeRealIso } from './iso'
import { requireTool, runToolOk, withTemporaryFolder } from './tools'

/** A tree with all that makes trouble: long names, capitals, empty files and folders, links, deep folders. */
function makeTree(folder: string): string {
  const tree = join(folder, 'tree')
  const deep = join(tree, ...Array.from({ length: 11 }, (_, level) => `level ${level}`))
  mkdirSync(deep, { recursive: true })
  mkdirSync(join(tree, 'empty folder'))
  writeFileSync(join(deep, 'at the bottom.txt'), 'deep')
  writeFileSync(join(tree, 'empty'), '')
  writeFileSync(join(tree, `${'a very long name '.repeat(14)}.end`), 'long')
  writeFileSync(join(tree, 'größer.txt'), 'bytes')
  writeFileSync(join(tree, 'data.bin'), Buffer.alloc(123_457, 7))
  for (let index = 0; index < 150; index++) writeFileSync(join(tree, 'empty folder', `file ${index}`), `${index}`)
  symlinkSync('/etc/level 0/../x', join(tree, 'a link'))
  return tree
}

const sorted = <T extends { path: string }>(files: readonly T[]): T[] =>
  [...files].sort((a, b) => (a.path < b.path ? -1 : 1))

const VARIANTS: readonly (readonly [title: string, names: string, options: string[], isoinfo: string[]])[] = [
  ['ISO 9660 (Rock Ridge, Joliet)', 'Rock Ridge', ['-J', '-joliet-long', '-R', '-D'], ['-R']],
  ['ISO 9660 (Rock Ridge)', 'Rock Ridge', ['-R', '-D'], ['-R']],
  ['ISO 9660 (Joliet)', 'Joliet', ['-J', '-D', '-input-charset', 'utf-8'], ['-J']],
  ['ISO 9660', 'ISO 9660', ['-D'], []],
]

describe('image ls --files and isoinfo', () => {
  it.for(VARIANTS)('agree on the files of %s', async ([title, names, options, isoinfo], ctx) => {
    for (const tool of ['genisoimage', 'isoinfo', 'blkid']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image.iso')
      runToolOk('genisoimage', ['-quiet', '-V', 'A_LABEL', ...options, '-o', path, makeTree(folder)])
      const { volumes, table, notes } = await examineFile(path)
      const found = blkid(path)
      expect(volumes).toMatchObject([
        { type: 'iso9660', title, label: found.get('LABEL'), uuid: found.get('UUID'), notes: [] },
      ])
      expect([table, notes]).toEqual([null, []])
      const listing = (await listIsoFile(path))!
      expect(listing.names).toBe(names)
      expect(listing.notes).toEqual([])
      const ours = sorted(listing.files).map(({ path, sizeBytes }) => ({ path, sizeBytes }))
      expect(ours.length).toBeGreaterThan(160)
      // The names of isoinfo are bytes in a locale; ours are compared where they are ASCII.
      const plain = (files: { path: string }[]) => files.filter(({ path }) => !/[^ -~]/.test(path))
      expect(plain(ours)).toEqual(plain(isoinfoFiles(path, ...isoinfo)))
    })
  })

  it.for([
    ['xorriso', '-as', 'mkisofs', '-J', '-joliet-long'],
    // Folders below the eighth are put elsewhere, and named where they belong.
    ['genisoimage', '-input-charset', 'utf-8'],
  ])('agree with the tree that %s was given: sizes, links, deep folders', async ([tool, ...options], ctx) => {
    requireTool(ctx, tool!)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image.iso')
      const tree = makeTree(folder)
      runToolOk(tool!, [...options, '-quiet', '-R', '-o', path, tree])
      const { files, notes } = (await listIsoFile(path))!
      expect(notes).toEqual([])
      expect(files.length).toBeGreaterThan(160)
      for (const { path, isDirectory, link, sizeBytes } of files) {
        if (!isDirectory && link === null)
          expect([path, readFileSync(join(tree, path)).length]).toEqual([path, sizeBytes])
      }
      expect(files.find(({ path }) => path === 'a link')).toMatchObject({ link: '/etc/level 0/../x' })
      expect(files.filter(({ path }) => path.endsWith('at the bottom.txt')).map(({ path }) => path)).toEqual([
        `${Array.from({ length: 11 }, (_, level) => `level ${level}/`).join('')}at the bottom.txt`,
      ])
      expect(files.map(({ path }) => path)).toContain('größer.txt')
    })
  })

  it('agree on a real tree, and note what boots it', async (ctx) => {
    for (const tool of ['xorriso', 'isoinfo', 'genisoimage']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image.iso')
      await makeRealIso(path)
      const listing = (await listIsoFile(path))!
      expect(sorted(listing.files).map(({ path, sizeBytes }) => ({ path, sizeBytes }))).toEqual(
        isoinfoFiles(path, '-R'),
      )
      const tree = makeTree(folder)
      writeFileSync(join(tree, 'boot.img'), Buffer.alloc(4096, 0x90))
      const boot = ['-b', 'boot.img', '-no-emul-boot', '-c', 'boot.cat']
      runToolOk('genisoimage', ['-quiet', '-R', ...boot, '-o', path, tree])
      const { volumes } = await examineFile(path)
      expect(volumes).toMatchObject([{ title: 'ISO 9660 (Rock Ridge, El Torito)', facts: { boots: 'x86 BIOS' } }])
    })
  })

  it('see both file systems of an image that is ISO 9660 and UDF, and the partitions of a hybrid', async (ctx) => {
    for (const tool of ['xorriso', 'genisoimage']) requireTool(ctx, tool)
    await withTemporaryFolder(async (folder) => {
      const [bridge, hybrid] = [join(folder, 'bridge.iso'), join(folder, 'hybrid.iso')]
      const tree = makeTree(folder)
      runToolOk('genisoimage', ['-quiet', '-udf', '-R', '-V', 'BRIDGE', '-o', bridge, tree])
      const both = (await examineFile(bridge)).volumes
      expect(both.map(({ type, label }) => [type, label])).toEqual([
        ['iso9660', 'BRIDGE'],
        ['udf', 'BRIDGE'],
      ])
      const part = join(folder, 'part.img')
      writeFileSync(part, Buffer.alloc(1 << 20))
      const options = ['-R', '-append_partition', '2', '0xef', part, '-partition_offset', '16']
      runToolOk('xorriso', ['-as', 'mkisofs', '-quiet', ...options, '-o', hybrid, tree])
      const { volumes, table } = await examineFile(hybrid)
      expect(volumes.map(({ type }) => type)).toEqual(['iso9660'])
      expect(table!.partitions.map(({ number, typeName }) => [number, typeName])).toContainEqual([2, 'EFI system'])
    })
  })
})
