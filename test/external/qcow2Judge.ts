// qemu-img and qemu-io as judges of qcow2 images: what they read, where they say that data are, and what they find wrong.

import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type TestContext } from 'vitest'
import type { DiskImage, Extent, Finding } from '../../host/formats/format'
import { openImage } from '../../host/formats/formats'
import { qcow2Format } from '../../host/formats/qcow2/qcow2Format'
import { RandomStream } from '../../host/sim/random'
import { requireTool, runTool, runToolOk, withTemporaryFolder } from './tools'

export interface Run {
  readonly kind: Extent['kind']
  readonly startBytes: number
  endBytes: number
}

/** A raw file in which stretches of random bytes, of bytes that compress well, and of zeros follow each other. */
export function makeRaw(path: string, bytes: number, seed = 1, stretchMax = 200_000): Buffer {
  const random = RandomStream.fromSeed(seed, 'raw')
  const content = Buffer.alloc(bytes)
  let at = 0
  while (at < bytes) {
    const end = Math.min(bytes, at + 1 + (random.nextU32() % stretchMax))
    const kind = random.nextU32() % 3
    for (let position = at; position < end && kind < 2; position++) {
      content[position] = kind === 0 ? random.nextU32() | 1 : 1 + ((position >> 9) & 0x3f)
    }
    at = end
  }
  writeFileSync(path, content)
  return content
}

/** A file of 5 GiB and the like: `parts` at their offsets, holes between them. */
export function makeSparse(path: string, bytes: number, parts: readonly (readonly [number, Uint8Array])[]): void {
  const descriptor = openSync(path, 'w')
  ftruncateSync(descriptor, bytes)
  for (const [offset, part] of parts) writeSync(descriptor, part, 0, part.length, offset)
  closeSync(descriptor)
}

export async function readAll(image: DiskImage, chunkBytes = 300_000): Promise<Buffer> {
  const content = Buffer.alloc(image.diskBytes, 0xee)
  for (let at = 0; at < content.length; at += chunkBytes) await image.read(at, content.subarray(at, at + chunkBytes))
  return content
}

export async function findingsOf(path: string): Promise<Finding[]> {
  const image = await openImage(path)
  const findings: Finding[] = []
  await image.check((finding) => findings.push(finding))
  image.close()
  return findings
}

export function extentsOf(image: DiskImage): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < image.diskBytes; ) {
    const { kind, endBytes } = image.extentAt(at)
    expect(endBytes).toBeGreaterThan(at)
    expect(endBytes).toBeLessThanOrEqual(image.diskBytes)
    addRun(runs, kind, at, endBytes)
    at = endBytes
  }
  return runs
}

function addRun(runs: Run[], kind: Run['kind'], startBytes: number, endBytes: number): void {
  const last = runs.at(-1)
  if (last?.kind === kind) last.endBytes = endBytes
  else runs.push({ kind, startBytes, endBytes })
}

/**
 * As `qemu-img map` says. Where it says zero, and yet names a place in the file, the cluster may be one of data over a hole of the file:
 * that depends on the file system, and is not held against us.
 */
export function expectExtentsOfQemu(path: string, runs: readonly Run[]): void {
  const map = JSON.parse(runToolOk('qemu-img', ['map', '--output=json', path])) as {
    start: number
    length: number
    zero: boolean
    offset?: number
  }[]
  for (const { start, length, zero, offset } of map) {
    if (zero && offset !== undefined) continue
    const kinds = runs.filter((run) => run.startBytes < start + length && run.endBytes > start).map((run) => run.kind)
    expect([start, ...new Set(kinds)]).toEqual(length === 0 ? [start] : [start, zero ? 'zero' : 'data'])
  }
}

/** Reads as qemu-img does, has extents where qemu-img has them, and nothing is wrong with it. */
export async function expectSameAsQemu(path: string): Promise<void> {
  const copy = `${path}.qemu.raw`
  runToolOk('qemu-img', ['convert', '-O', 'raw', path, copy])
  const image = await openImage(path)
  try {
    expect(image.format.name).toBe('qcow2')
    const expected = readFileSync(copy)
    expect(image.diskBytes).toBe(expected.length)
    expect((await readAll(image)).equals(expected)).toBe(true)
    const runs = extentsOf(image)
    expectExtentsOfQemu(path, runs)
    for (const { kind, startBytes, endBytes } of runs) {
      if (kind === 'zero') expect(expected.subarray(startBytes, endBytes).every((byte) => byte === 0)).toBe(true)
    }
  } finally {
    image.close()
    rmSync(copy)
  }
  expect(await findingsOf(path)).toEqual([])
}

/** `qemu-img check` finds neither errors nor leaks. */
export function expectQemuCheckClean(path: string): void {
  const { exitCode, stdout, stderr } = runTool('qemu-img', ['check', path])
  expect(`${stdout}${stderr}`).toContain('No errors were found')
  expect(exitCode).toBe(0)
}

export function expectQemuSame(left: string, right: string, leftFormat = 'raw', rightFormat = 'qcow2'): void {
  const { exitCode, stdout, stderr } = runTool('qemu-img', [
    'compare',
    '-f',
    leftFormat,
    '-F',
    rightFormat,
    left,
    right,
  ])
  expect(stderr).toBe('')
  expect(stdout).toBe('Images are identical.\n')
  expect(exitCode).toBe(0)
}

export function qemuIo(path: string, ...commands: readonly string[]): void {
  const output = runToolOk('qemu-io', [...commands.flatMap((command) => ['-c', command]), path])
  expect(output).not.toMatch(/failed|error/i)
}

/** A folder of its own for a test that needs QEMU; `at` names files in it. */
export async function inFolder(
  ctx: Pick<TestContext, 'skip'>,
  work: (at: (name: string) => string) => Promise<void>,
): Promise<void> {
  requireTool(ctx, 'qemu-img')
  await withTemporaryFolder((folder) => work((name) => join(folder, name)))
}

/** Writes `content` as an image, in pieces of `pieceBytes`; without `isSparse` zeros are written, too. */
export async function writeImage(
  path: string,
  content: Buffer,
  options: Readonly<Record<string, string>> = {},
  pieceBytes = 1 << 20,
  isSparse = false,
): Promise<void> {
  const image = { diskBytes: content.length, sectorBytes: 512, options: new Map(Object.entries(options)) }
  const writer = await qcow2Format.create!(path, image)
  const piece = Buffer.alloc(pieceBytes)
  for (let at = 0; at < content.length; at += pieceBytes) {
    const bytes = piece.subarray(0, content.copy(piece, 0, at, at + pieceBytes))
    if (isSparse && bytes.every((byte) => byte === 0)) continue
    await writer.write(at, bytes)
    // The caller's buffer is the caller's again.
    piece.fill(0xee)
  }
  await writer.finish()
}
