// What is written is read, whatever the pieces; and what a check says.

import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openImage } from '../../../host/formats/formats'
import { qcow2Format } from '../../../host/formats/qcow2/qcow2Format'
import { at, useDirectory } from '../../image/files'
import { findingsOf, readAll } from '../imageAccess'
import { newImage, patch, writeQcow2 } from './images'

useDirectory()

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value)

const extents = fc.array(
  fc.record({ kind: fc.constantFrom('data', 'zero', 'gap', 'unread'), bytes: fc.integer({ min: 1, max: 9000 }) }),
  { maxLength: 30 },
)

const options = fc.record({
  compat: fc.constantFrom('1.1', '0.10'),
  cluster_size: fc.constantFrom('512', '2K', '16K'),
  compression: fc.constantFrom('none', 'zlib'),
})

describe('an image', () => {
  it('reads as it was written, and has zeros where it says so', async () => {
    await fc.assert(
      fc.asyncProperty(extents, options, fc.boolean(), async (parts, chosen, hasBacking) => {
        const diskBytes = Math.ceil(parts.reduce((sum, part) => sum + part.bytes, 0) / 512) * 512
        const content = Buffer.alloc(diskBytes)
        const below = Buffer.alloc(30_000, 'below')
        writeFileSync(at('base'), below)
        const all = hasBacking ? { ...chosen, backing: 'base' } : chosen
        const writer = await qcow2Format.create!(at('image'), newImage(diskBytes, all))
        let offset = 0
        for (const [index, { kind, bytes }] of parts.entries()) {
          if (kind === 'data') {
            content.fill(index + 1, offset, offset + bytes)
            // Some of it is what the backing file has there.
            if (index % 2 === 0) below.copy(content, offset, Math.min(offset, below.length), offset + bytes)
          }
          if (kind === 'data' || kind === 'zero') await writer.write(offset, content.subarray(offset, offset + bytes))
          if (kind === 'unread') await writer.unread(offset, bytes)
          offset += bytes
        }
        await writer.finish()
        const image = await openImage(at('image'))
        try {
          expect((await readAll(image)).equals(content)).toBe(true)
          for (let start = 0; start < diskBytes; start = image.extentAt(start).endBytes) {
            const { kind, endBytes } = image.extentAt(start)
            if (kind === 'zero') expect(content.subarray(start, endBytes).every((byte) => byte === 0)).toBe(true)
          }
          expect(await findingsOf(image)).toEqual([])
        } finally {
          image.close()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is read in any order, from the middle of its clusters, too', async () => {
    const content = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index >> 7) + 1))
    for (const compression of ['none', 'zlib']) {
      await writeQcow2(at('image'), content, { compression, cluster_size: '4K' })
      const image = await openImage(at('image'))
      for (let start = 49_000; start >= 0; start -= 3_777) {
        for (const length of [1, 511, 1000, 20_000]) {
          const piece = Buffer.alloc(Math.min(length, content.length - start))
          await image.read(start, piece)
          expect(piece.equals(content.subarray(start, start + length))).toBe(true)
        }
      }
      image.close()
    }
  })

  it('says what it is, and by which marks', async () => {
    await writeQcow2(at('image'), Buffer.alloc(4096, 1))
    patch(at('image'), 72, Buffer.of(0, 0, 0, 0, 0, 0, 0, 3))
    const image = await openImage(at('image'))
    expect(image.format.name).toBe('qcow2')
    expect(image.details).toContainEqual(['marked', 'dirty (its refcounts may be wrong), corrupt'])
    expect(image.details).toContainEqual(['version', '3 (compat 1.1)'])
    expect(await findingsOf(image)).toMatchObject([{ kind: 'damage', text: 'the image is marked as corrupt' }])
    image.close()
  })
})

describe('a check', () => {
  // Clusters of 512 bytes: 0 header, 1-8 data, 9 L2 table, 10 L1 table, 11 refcount block, 12 refcount table.
  const BLOCK = 11 * 512
  const L2 = 9 * 512

  async function findingsAfter(offset: number, bytes: Uint8Array): Promise<object[]> {
    await writeQcow2(at('image'), Buffer.alloc(4096, 1), { cluster_size: '512' })
    patch(at('image'), offset, bytes)
    const image = await openImage(at('image'))
    const findings = await findingsOf(image)
    image.close()
    return findings
  }

  it('finds a cluster that nothing refers to', async () => {
    expect(await findingsAfter(L2, Buffer.alloc(8))).toEqual([
      expect.objectContaining({ kind: 'leak', fileOffsetBytes: 512, text: 'refcount 1, but 0 references' }),
    ])
  })

  it('tells neighbours with the same fault as one', async () => {
    expect(await findingsAfter(L2, Buffer.alloc(24))).toEqual([
      expect.objectContaining({ text: 'refcount 1, but 0 references: this cluster and 2 more behind it' }),
    ])
  })

  it('finds a refcount that is too low, and the copied bit that is not as it says', async () => {
    const disk = { startBytes: 512, endBytes: 1024 }
    expect(await findingsAfter(BLOCK + 2 * 2, u16(0))).toEqual([
      expect.objectContaining({ kind: 'damage', disk, text: 'a cluster with refcount 0 has its copied bit set' }),
      expect.objectContaining({ kind: 'damage', disk: null, text: 'refcount 0, but 1 reference' }),
    ])
  })

  it('finds two clusters of the disk in one of the file', async () => {
    expect(await findingsAfter(L2 + 6, u16(0x400))).toEqual([
      expect.objectContaining({ kind: 'leak', fileOffsetBytes: 512 }),
      expect.objectContaining({ kind: 'damage', fileOffsetBytes: 1024, text: 'refcount 1, but 2 references' }),
    ])
  })

  it('finds data in the cluster of a table, whatever its refcount', async () => {
    await writeQcow2(at('image'), Buffer.alloc(4096, 1), { cluster_size: '512' })
    patch(at('image'), BLOCK + 9 * 2, u16(2))
    expect(await findingsAfterMore(L2 + 6, u16(L2))).toContainEqual(
      expect.objectContaining({ fileOffsetBytes: L2, text: 'a cluster holds both an L2 table and data' }),
    )
  })

  it('finds a cluster outside the file', async () => {
    expect(await findingsAfter(L2 + 5, Buffer.of(1))).toContainEqual(
      expect.objectContaining({ fileOffsetBytes: L2, text: 'a cluster at 66048, outside the file' }),
    )
  })

  async function findingsAfterMore(offset: number, bytes: Uint8Array): Promise<object[]> {
    patch(at('image'), offset, bytes)
    const image = await openImage(at('image'))
    const findings = await findingsOf(image)
    image.close()
    return findings
  }
})
