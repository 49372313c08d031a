// QEMU as the judge of a format, in both directions, over the sizes at which formats go wrong. QEMU knows nothing of our code.

import { closeSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { DiskImage, Finding, ImageFormat } from '../../host/formats/format'
import { noise, type Piece, writeImage } from '../formats/imageHarness'
import { runTool, runToolOk } from './tools'

const MIB = 1 << 20

/** Sizes of disks, and what is where on them. */
export const EDGES: readonly (readonly [diskBytes: number, pieces: readonly Piece[]])[] = [
  [0, []],
  [512, [[0, noise(512)]]],
  [1536, [[512, noise(1024)]]],
  [34_816, []],
  [
    65_536 + 512,
    [
      [0, noise(700)],
      [65_536, noise(512)],
    ],
  ],
  [MIB, [[0, noise(MIB)]]],
  [2 * MIB + 512, [[2 * MIB, noise(512)]]],
  [
    5 * MIB - 512,
    [
      [1_000_000, noise(1_500_000)],
      [4 * MIB, noise(MIB - 512)],
    ],
  ],
  [
    5 * 1024 * MIB + 512,
    [
      [0, noise(100_000)],
      [2 ** 32 - 1000, noise(2000)],
      [5 * 1024 * MIB - 512, noise(1024)],
    ],
  ],
]

/** A sparse raw file. */
export function rawFile(path: string, diskBytes: number, pieces: readonly Piece[]): void {
  const descriptor = openSync(path, 'w')
  ftruncateSync(descriptor, diskBytes)
  for (const [offset, bytes] of pieces) writeSync(descriptor, bytes, 0, bytes.length, offset)
  closeSync(descriptor)
}

export function virtualSize(path: string, format: string): number {
  return JSON.parse(runToolOk('qemu-img', ['info', '--output=json', '-f', format, path]))['virtual-size']
}

/** Every byte, but zeros only where the image does not say that there are some. */
export async function expectContent(image: DiskImage, pieces: readonly Piece[]): Promise<void> {
  for (let at = 0; at < image.diskBytes; ) {
    const { kind, endBytes } = image.extentAt(at)
    const end = kind === 'zero' ? endBytes : Math.min(endBytes, at + 4 * MIB)
    const expected = kind === 'zero' ? null : Buffer.alloc(end - at)
    for (const [offset, bytes] of pieces) {
      const [from, to] = [Math.max(at, offset), Math.min(end, offset + bytes.length)]
      if (from >= to) continue
      expect(kind, `the extent at ${at}`).toBe('data')
      expected?.set(bytes.subarray(from - offset, to - offset), from - at)
    }
    if (expected) {
      const got = Buffer.alloc(end - at, 0xdd)
      await image.read(at, got)
      expect(Buffer.compare(got, expected), `the bytes at ${at}`).toBe(0)
    }
    at = end
  }
}

/** Opens an image of QEMU's, or whose ever, and expects that it is whole and has these pieces, and zeros. */
export async function expectImage(format: ImageFormat, path: string, diskBytes: number, pieces: readonly Piece[]) {
  const image = await format.open(path)
  try {
    expect(image.diskBytes).toBe(diskBytes)
    await expectContent(image, pieces)
    const findings: Finding[] = []
    await image.check((finding) => findings.push(finding))
    expect(findings).toEqual([])
  } finally {
    image.close()
  }
}

interface Case {
  readonly format: ImageFormat
  /** QEMU's name of it. */
  readonly qemuName: string
  readonly folder: string
  readonly diskBytes: number
  readonly pieces: readonly Piece[]
}

/** What we write: QEMU finds the size and each byte, and, where it has a check, nothing to complain of. */
export async function expectQemuReads(one: Case, options: Readonly<Record<string, string>>): Promise<string> {
  const { format, qemuName, folder, diskBytes, pieces } = one
  const raw = join(folder, 'expected.raw')
  const ours = join(folder, `ours.${format.extensions[0]}`)
  rawFile(raw, diskBytes, pieces)
  await writeImage(format, ours, diskBytes, pieces, options)
  expect(virtualSize(ours, qemuName)).toBe(diskBytes)
  expect(runToolOk('qemu-img', ['compare', '-f', 'raw', '-F', qemuName, raw, ours])).toContain('identical')
  const check = runTool('qemu-img', ['check', '-f', qemuName, ours])
  // 63: the format has no check.
  expect([0, 63], check.stdout + check.stderr).toContain(check.exitCode)
  expect(statSync(ours).blocks * 512).toBeLessThan(64 * MIB)
  return ours
}

/** What QEMU writes: we find each byte, and nothing to complain of. */
export async function expectWeRead(one: Case, qemuOptions: readonly string[]): Promise<string> {
  const { format, qemuName, folder, diskBytes, pieces } = one
  const raw = join(folder, 'source.raw')
  const theirs = join(folder, `theirs.${format.extensions[0]}`)
  rawFile(raw, diskBytes, pieces)
  const options = qemuOptions.length > 0 ? ['-o', qemuOptions.join(',')] : []
  runToolOk('qemu-img', ['convert', '-f', 'raw', '-O', qemuName, ...options, raw, theirs])
  await expectImage(format, theirs, virtualSize(theirs, qemuName), pieces)
  return theirs
}
