// Where a sparse file holds data. Everything else are holes: they read as zeros, and need not be read.
//
// Node offers neither SEEK_HOLE nor FIEMAP. GNU tar does, and every Debian has it: with `--hole-detection=seek` it finds the holes
// by lseek, and writes the map of the data in front of them ("PAX format, version 1.0" in its manual). We read the map and end tar
// before it copies anything. Where tar is missing, or is another one, nothing is known, and the file is read as a whole.
//
//   | ustar block 'x' | PAX records: GNU.sparse.major=1 ... | ustar block of the file | map: "3\n0\n4096\n..." padded to 512 | data |

import type { ChildProcess } from 'node:child_process'
import { existsSync, statfsSync } from 'node:fs'
import { basename, dirname } from 'node:path'

const BLOCK_BYTES = 512
/** A map longer than this is not worth having: some 3 million pieces. */
const MAP_BYTES_MAX = 64 << 20

/** statfs(2): f_type of ext2/3/4, XFS, Btrfs, tmpfs, F2FS, overlayfs. */
const TRUSTED_TYPES: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010, 0x794c7630])

export class HoleMap {
  /** Ascending, apart from each other: starts and ends of the pieces that may hold data, in bytes. */
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  /** Where the last search ended: questions come in ascending order. */
  #hint = 0

  constructor(extents: readonly (readonly [startBytes: number, endBytes: number])[]) {
    this.#starts = Float64Array.from(extents, ([start]) => start)
    this.#ends = Float64Array.from(extents, ([, end]) => end)
  }

  get dataBytes(): number {
    return this.#ends.reduce((sum, end, index) => sum + end - this.#starts[index]!, 0)
  }

  isHole(offsetBytes: number, bytes: number): boolean {
    const index = this.#extentAfter(offsetBytes)
    return index === this.#starts.length || this.#starts[index]! >= offsetBytes + bytes
  }

  /** The first byte at or after `offsetBytes` that may hold data, and the first hole after it; Infinity where there is none. */
  dataAfter(offsetBytes: number): { readonly startBytes: number; readonly endBytes: number } {
    const index = this.#extentAfter(offsetBytes)
    if (index === this.#starts.length) return { startBytes: Infinity, endBytes: Infinity }
    return { startBytes: Math.max(offsetBytes, this.#starts[index]!), endBytes: this.#ends[index]! }
  }

  /** The first extent that ends behind `offsetBytes`. */
  #extentAfter(offsetBytes: number): number {
    let index = this.#hint
    if (index > 0 && this.#ends[index - 1]! > offsetBytes) index = 0
    while (index < this.#ends.length && this.#ends[index]! <= offsetBytes) index++
    this.#hint = index
    return index
  }
}

/**
 * Whether the file system under `path` is one that tells holes from data. Others may report files with data as taking no room at all
 * (FUSE, for one), and tar then believes that they are empty.
 */
export function knowsHoles(path: string): boolean {
  return TRUSTED_TYPES.has(statfsSync(path).type)
}

/** Asks GNU tar for the map of a file; null when it cannot be had, or not be trusted. */
export async function readHoleMap(path: string): Promise<HoleMap | null> {
  if (!existsSync(path) || !knowsHoles(path)) return null
  const { spawn } = await import('node:child_process')
  const tar = spawn(
    'tar',
    [
      '--create',
      '--file=-',
      '--sparse',
      '--hole-detection=seek',
      '--sparse-version=1.0',
      '--format=pax',
      `--directory=${dirname(path)}`,
      `./${basename(path)}`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, LC_ALL: 'C' } },
  )
  try {
    return await readMap(tar)
  } catch {
    return null
  } finally {
    tar.stdout?.destroy()
    tar.kill('SIGKILL')
  }
}

async function readMap(tar: ChildProcess): Promise<HoleMap | null> {
  // Without an executable there is no output, only an event that somebody must listen to.
  tar.on('error', () => {})
  let head: Buffer = Buffer.alloc(0)
  for await (const chunk of tar.stdout!) {
    head = Buffer.concat([head, chunk as Buffer])
    const map = parseMap(head)
    if (map !== 'incomplete') return map
    if (head.length > MAP_BYTES_MAX) return null
  }
  return null
}

/** The map in the first bytes of an archive; null when the archive has none, which says that nothing is known. */
export function parseMap(head: Buffer): HoleMap | null | 'incomplete' {
  if (head.length < BLOCK_BYTES) return 'incomplete'
  if (typeOf(head, 0) !== 'x') return null
  const recordsBytes = octal(head, 124, 12)
  const fileBlock = BLOCK_BYTES + Math.ceil(recordsBytes / BLOCK_BYTES) * BLOCK_BYTES
  if (head.length < fileBlock + BLOCK_BYTES) return 'incomplete'
  const records = head.toString('latin1', BLOCK_BYTES, BLOCK_BYTES + recordsBytes)
  if (!records.includes('GNU.sparse.major=1\n')) return null
  return parseExtents(head.toString('latin1', fileBlock + BLOCK_BYTES))
}

function parseExtents(text: string): HoleMap | null | 'incomplete' {
  const firstEnd = text.indexOf('\n')
  if (firstEnd < 0) return 'incomplete'
  const count = Number(text.slice(0, firstEnd))
  const numbers = text.split('\n', 2 * count + 2)
  // The last piece is a number only when the line end after it has arrived.
  if (numbers.length < 2 * count + 2) return 'incomplete'
  const extents: [number, number][] = []
  for (let index = 0; index < count; index++) {
    const start = Number(numbers[1 + 2 * index])
    const bytes = Number(numbers[2 + 2 * index])
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(bytes)) return null
    if (bytes > 0) extents.push([start, start + bytes])
  }
  return new HoleMap(extents)
}

function typeOf(head: Buffer, block: number): string {
  return String.fromCharCode(head[block + 156]!)
}

function octal(head: Buffer, at: number, bytes: number): number {
  return Number.parseInt(head.toString('latin1', at, at + bytes), 8)
}
