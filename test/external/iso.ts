// ISO 9660 images by xorriso: made from real files, compared byte by byte and file by file.
//
// The image holds times of day, so that two of them differ; nothing here needs them equal.

import { closeSync, cpSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToolOk, withTemporaryFolder } from './tools'

/** ECMA-119: a logical sector. */
export const ISO_SECTOR_BYTES = 2048

/** Writes an image with Joliet and Rock Ridge; each source is a file or a folder, and gets its name in the root. */
export function makeIso(
  image: string,
  sources: readonly { readonly path: string; readonly name: string }[],
): Promise<void> {
  return withTemporaryFolder((folder) => {
    const tree = join(folder, 'tree')
    for (const { path, name } of sources) cpSync(path, join(tree, name), { recursive: true, dereference: true })
    runToolOk('xorriso', ['-as', 'mkisofs', '-quiet', '-J', '-R', '-V', 'PLATTERLAB', '-o', image, tree])
  })
}

/** An image of 6 to 9 MiB of real files that every checkout has: one large file, a folder of many small ones, the sources. */
export function makeRealIso(image: string): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const sources = ['assembly', 'node_modules/yaml', 'node_modules/typescript/lib/_tsc.js']
  return makeIso(
    image,
    sources.map((source) => ({ path: join(root, source), name: basename(source) })),
  )
}

/** Offset of the first byte that differs (where one file ends first, that); null = equal. */
export function firstDifference(fileA: string, fileB: string): number | null {
  const files = [openSync(fileA, 'r'), openSync(fileB, 'r')] as const
  const blocks = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)] as const
  try {
    for (let at = 0; ; ) {
      const lengthA = readSync(files[0], blocks[0], 0, blocks[0].length, at)
      const lengthB = readSync(files[1], blocks[1], 0, blocks[1].length, at)
      const common = Math.min(lengthA, lengthB)
      const partA = blocks[0].subarray(0, common)
      const partB = blocks[1].subarray(0, common)
      if (!partA.equals(partB)) return at + partA.findIndex((byte, index) => byte !== partB[index])
      if (lengthA !== lengthB) return at + common
      if (common === 0) return null
      at += common
    }
  } finally {
    files.forEach(closeSync)
  }
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => statSync(join(folder, name)).isFile()).sort()
}

export interface IsoComparison {
  readonly firstDifferenceBytes: number | null
  /** Files that xorriso takes out of both and that differ, or are in one only. */
  readonly differingFiles: readonly string[]
  readonly fileCount: number
}

/** Compares two images as bytes, and by the files that xorriso reads out of each. */
export function isoCompare(original: string, copy: string): Promise<IsoComparison> {
  return withTemporaryFolder((folder) => {
    const trees = [original, copy].map((image, index) => {
      const tree = join(folder, String(index))
      runToolOk('xorriso', ['-osirrox', 'on', '-report_about', 'SORRY', '-indev', image, '-extract', '/', tree])
      return tree
    }) as [string, string]
    const [names, namesOfCopy] = [filesBelow(trees[0]), filesBelow(trees[1])]
    const differs = (name: string) =>
      !namesOfCopy.includes(name) || !readFileSync(join(trees[0], name)).equals(readFileSync(join(trees[1], name)))
    const extra = namesOfCopy.filter((name) => !names.includes(name))
    return {
      firstDifferenceBytes: firstDifference(original, copy),
      differingFiles: [...names.filter(differs), ...extra],
      fileCount: names.length,
    }
  })
}
