// What holds for every format whatever is written: shared by the tests of each.

import fc from 'fast-check'
import { expect } from 'vitest'
import type { ImageFormat } from '../../host/formats/format'
import { readAll } from './imageAccess'
import { contentOf, diskOf, findingsIn, noise, type Piece, writeImage, zerosOf } from './imageHarness'

interface PropertySettings {
  /** The disk has up to so many sectors. */
  readonly sectorsMax: number
  readonly sectorsMin?: number
  readonly options: readonly Readonly<Record<string, string>>[]
  readonly runs?: number
}

const stretch = (sectorsMax: number): fc.Arbitrary<{ gap: number; bytes: number; seed: number }> =>
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat({ max: sectorsMax * 512 })),
    bytes: fc.integer({ min: 1, max: sectorsMax * 256 }),
    // 0: zeros are written.
    seed: fc.nat({ max: 50 }),
  })

/** Stretches of data, of zeros, and gaps, of any length, are read as they were written; extents say where zeros are. */
export async function readsWhatIsWritten(
  format: ImageFormat,
  at: (name: string) => string,
  settings: PropertySettings,
) {
  const { sectorsMin = 0, sectorsMax, options, runs = 60 } = settings
  let file = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: sectorsMin, max: sectorsMax }),
      fc.array(stretch(sectorsMax), { maxLength: 8 }),
      fc.constantFrom(...options),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }),
      async (sectors, stretches, option, reads) => {
        const diskBytes = sectors * 512
        const pieces = placed(diskBytes, stretches)
        const path = at(`image${file++}`)
        await writeImage(format, path, diskBytes, pieces, option)
        const disk = diskOf(diskBytes, pieces)
        const image = await format.open(path)
        try {
          expect(image.diskBytes).toBe(diskBytes)
          expect(Buffer.compare(await readAll(image), disk)).toBe(0)
          for (const [start, end] of zerosOf(image))
            expect(disk.subarray(start, end).every((byte) => byte === 0)).toBe(true)
          for (const [from, length] of reads.filter(() => diskBytes > 0)) {
            const start = from % diskBytes
            const part = Buffer.alloc(Math.min(length % 70_000, diskBytes - start))
            await image.read(start, part)
            expect(Buffer.compare(part, disk.subarray(start, start + part.length))).toBe(0)
          }
        } finally {
          image.close()
        }
        expect(await findingsIn(format, path)).toEqual([])
      },
    ),
    { numRuns: runs },
  )
}

function placed(diskBytes: number, stretches: readonly { gap: number; bytes: number; seed: number }[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { gap, bytes, seed } of stretches) {
    const start = at + gap
    const length = Math.min(bytes, diskBytes - start)
    if (length <= 0) break
    pieces.push([start, seed === 0 ? new Uint8Array(length) : noise(length, seed)])
    at = start + length
  }
  return pieces
}

/** Writing the same twice gives the same file, however the pieces are cut. */
export async function writesTheSameTwice(format: ImageFormat, at: (name: string) => string, diskBytes: number) {
  const { readFileSync } = await import('node:fs')
  const disk = noise(diskBytes, 7).fill(0, 10_000, 40_000)
  // Some formats have the name of the file inside.
  const make = async (step: number): Promise<Buffer> => {
    const pieces = Array.from({ length: Math.ceil(diskBytes / step) }, (_, index): Piece => {
      return [index * step, disk.subarray(index * step, (index + 1) * step)]
    })
    await writeImage(format, at('same'), diskBytes, pieces)
    expect(Buffer.compare(await contentOf(format, at('same')), disk)).toBe(0)
    return readFileSync(at('same'))
  }
  expect(Buffer.compare(await make(4096), await make(70_001))).toBe(0)
}
