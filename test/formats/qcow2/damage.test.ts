// Each byte of small images is changed, and each length tried: it is found, or the disk is the same, or it is at a place where the format has
// nothing by which it could be found.

import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ImageFile } from '../../../host/formats/imageFile'
import { ClusterMap } from '../../../host/formats/qcow2/clusterMap'
import { readHeader } from '../../../host/formats/qcow2/header'
import { at, useDirectory } from '../../image/files'
import { type Options, outcomeOf, patch, writeQcow2 } from './images'

useDirectory()

const DISK_BYTES = 16 * 512

function diskContent(): Buffer {
  const content = Buffer.alloc(DISK_BYTES)
  for (let sector = 0; sector < 16; sector++) {
    const bytes = content.subarray(sector * 512, sector * 512 + 512)
    if (sector % 4 === 0) bytes.fill(sector + 1)
    if (sector % 4 === 1) bytes.set(Array.from(bytes, (_, index) => (index * (sector + 7) * 31) >> 3))
  }
  return content
}

/**
 * Where a change cannot be found: in data; in the size of the disk; and in an L2 entry, in the bit that makes a cluster one of zeros, and
 * in those (0-8) that say where in a cluster of the file a compressed one begins, because another begins there.
 */
function blindPlaces(path: string): (offset: number, mask: number) => boolean {
  const file = ImageFile.open(path)
  const header = readHeader(file)
  const map = new ClusterMap(file, header)
  const ranges: [number, number][] = [[24, 32]]
  const tables = new Set<number>()
  for (let disk = 0; disk < header.diskBytes; ) {
    const piece = map.pieceAt(disk)
    if (piece.kind === 'data') ranges.push([piece.hostOffset, piece.hostOffset + 512])
    if (piece.kind === 'compressed') ranges.push([piece.hostOffset, piece.hostOffset + piece.hostBytes])
    disk = piece.endBytes
  }
  const l1 = Buffer.from(file.readBytes(header.l1.offset, header.l1.entries * 8, 'L1 table'))
  for (let entry = 0; entry < header.l1.entries; entry++) tables.add(l1.readUInt32BE(entry * 8 + 4))
  file.close()
  return (offset, mask) =>
    ranges.some(([start, end]) => offset >= start && offset < end) ||
    (tables.has(offset - (offset % 512)) && (offset % 8 === 7 || (offset % 8 === 6 && mask === 1)))
}

async function flipEachByte(path: string, content: Buffer, masksOf: (offset: number) => number[]) {
  const original = readFileSync(path)
  const isBlind = blindPlaces(path)
  const counts = { found: 0, harmless: 0, blind: 0 }
  for (let offset = 0; offset < original.length; offset++) {
    for (const mask of masksOf(offset)) {
      patch(path, offset, Buffer.of(original[offset]! ^ mask))
      const outcome = await outcomeOf(path, content)
      if (outcome === 'wrong data') {
        expect(isBlind(offset, mask), `byte ${offset}, bit mask ${mask}: wrong data, and nothing said`).toBe(true)
        counts.blind++
      } else counts[outcome]++
    }
    patch(path, offset, original.subarray(offset, offset + 1))
  }
  return counts
}

const KINDS: readonly (readonly [string, Options])[] = [
  ['version 3', {}],
  ['version 2, compressed', { compat: '0.10', compression: 'zlib' }],
]

describe.each(KINDS)('an image of %s', (_, options) => {
  it('is not wrong in silence when a byte of it changes', async () => {
    const content = diskContent()
    await writeQcow2(at('image'), content, { cluster_size: '512', ...options })
    const counts = await flipEachByte(at('image'), content, (offset) => [1 << (offset % 8)])
    expect(counts.found).toBeGreaterThan(200)
    expect(counts.blind).toBeGreaterThan(0)
  })

  it('is not wrong in silence when it is cut off', async () => {
    const content = diskContent()
    await writeQcow2(at('image'), content, { cluster_size: '512', ...options })
    const original = readFileSync(at('image'))
    for (let length = original.length - 1; length >= 0; length--) {
      truncateSync(at('image'), length)
      expect(await outcomeOf(at('image'), content), `${length} bytes`).not.toBe('wrong data')
    }
  })
})

describe('header and tables', () => {
  it('are not wrong in silence when any bit of them changes', async () => {
    const content = diskContent()
    await writeQcow2(at('image'), content, { cluster_size: '512', compression: 'zlib' })
    const isBlind = blindPlaces(at('image'))
    const masks = [1, 2, 4, 8, 16, 32, 64, 128]
    const isTable = (offset: number) => !isBlind(offset, 0) || (offset >= 24 && offset < 32)
    const counts = await flipEachByte(at('image'), content, (offset) => (isTable(offset) ? masks : []))
    expect(counts.found).toBeGreaterThan(1000)
  })

  it('full of noise are refused', async () => {
    const content = diskContent()
    await writeQcow2(at('image'), content, { cluster_size: '512', compression: 'zlib' })
    const original = readFileSync(at('image'))
    for (let seed = 1; seed <= 200; seed++) {
      const noisy = Buffer.from(original)
      let state = seed * 2654435761
      for (let count = 0; count < 1 + (seed % 40); count++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        noisy[8 + (state % (noisy.length - 8))] = state >>> 24
      }
      writeFileSync(at('image'), noisy)
      // Data may be wrong; what counts is that it ends, and how.
      await outcomeOf(at('image'), content)
    }
  })
})
