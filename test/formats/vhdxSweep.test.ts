// The long structures of a VHDX, damaged: a log of several entries, a table of several pages, the locator of a parent.

import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { vhdxFormat } from '../../host/formats/vhdx/vhdxFormat'
import { at, useDirectory } from '../image/files'
import { findingsOf, isRefusal } from './imageAccess'
import { diskOf, flipBytes, noise, type Piece, range, writeImage } from './imageHarness'
import { patch } from './qcow2/images'
import { logEntry, putLog } from './vhdxLog'

useDirectory()

const KIB = 1 << 10
const MIB = 1 << 20
const PAGE = 4096
const METADATA = 2 * MIB
const BAT = 3 * MIB
const SMALL = { block_size: '1M' }

describe('a log of three entries', () => {
  const PIECES: readonly Piece[] = [[100_000, noise(5000)]]
  /** Where the log writes, in the only block. */
  const PLACE = 40 * PAGE
  const filled = (byte: number): Buffer => Buffer.alloc(PAGE, byte)
  const diskAfter = (byte: number): Buffer => diskOf(MIB, [...PIECES, [PLACE, filled(byte)]])
  const ENTRY = 2 * PAGE
  const LAST = MIB + 2 * ENTRY

  beforeEach(async () => {
    await writeImage(vhdxFormat, at('a.vhdx'), MIB, PIECES, SMALL)
    const bytes = readFileSync(at('a.vhdx')).length
    const sizes = { flushedBytes: bytes, lastBytes: bytes }
    putLog(
      at('a.vhdx'),
      [1, 2, 3].map((number) => [
        (number - 1) * ENTRY,
        logEntry({ sequence: BigInt(number), tail: 0, writes: [[4 * MIB + PLACE, filled(number)]], ...sizes }),
      ]),
    )
  })

  const offsetsOf = (start: number): number[] => [
    ...range(start, start + 100),
    ...range(start + 100, start + PAGE, 97),
    ...range(start + PAGE, start + PAGE + 16),
    ...range(start + PAGE + 16, start + ENTRY, 97),
    start + ENTRY - 1,
  ]

  it('is found damaged in each but the last one', async () => {
    const offsets = [...offsetsOf(MIB), ...offsetsOf(MIB + ENTRY)]
    const counts = await flipBytes(vhdxFormat, at('a.vhdx'), diskAfter(3), offsets)
    expect(counts).toEqual({ found: offsets.length, right: 0, wrong: [] })
  })

  it('with a damaged last one is as one whose last one was never written: nothing tells them apart', async () => {
    const offsets = offsetsOf(LAST)
    const counts = await flipBytes(vhdxFormat, at('a.vhdx'), diskAfter(2), offsets)
    expect(counts).toEqual({ found: 0, right: offsets.length, wrong: [] })
  })
})

describe('a table of several pages', () => {
  const BLOCKS = 1100
  /** At both ends of each page of the table, and in the middle. */
  const STORED = [0, 511, 512, 1023, 1024, BLOCKS - 1]
  const PIECES = STORED.map((block): Piece => [block * MIB + 4096, noise(512, block + 1)])

  /** What becomes of a damaged one. The disk is read where it has data, and taken for zeros where it says that it has. */
  async function isFound(): Promise<boolean> {
    try {
      const image = await vhdxFormat.open(at('a.vhdx'))
      try {
        if ((await findingsOf(image)).length > 0) return true
        for (let block = 0; block < BLOCKS; block++) {
          const { kind } = image.extentAt(block * MIB)
          if ((kind === 'data') !== STORED.includes(block)) throw new Error(`block ${block} is ${kind}`)
        }
        for (const [offset, bytes] of PIECES) {
          const part = Buffer.alloc(512)
          await image.read(offset, part)
          if (!part.equals(bytes)) throw new Error(`wrong data at ${offset}`)
        }
        return false
      } finally {
        image.close()
      }
    } catch (error) {
      if (!isRefusal(error)) throw error
      return true
    }
  }

  it('is found damaged in each entry in use and behind the last one, and is right wherever an entry has no block', async () => {
    await writeImage(vhdxFormat, at('a.vhdx'), BLOCKS * MIB, PIECES, SMALL)
    expect(await isFound()).toBe(false)
    const entries = [...STORED, 1, 510, 513, BLOCKS, BLOCKS + 1, 5000]
    const whole = readFileSync(at('a.vhdx'))
    const unfound: number[] = []
    for (const entry of entries) {
      for (let offset = BAT + entry * 8; offset < BAT + entry * 8 + 8; offset++) {
        patch(at('a.vhdx'), offset, Buffer.of(whole[offset]! ^ (1 << (offset & 7))))
        if (!(await isFound())) unfound.push(offset - BAT)
        patch(at('a.vhdx'), offset, whole.subarray(offset, offset + 1))
      }
    }
    const hasBlock = (offset: number): boolean => STORED.includes(offset >> 3)
    expect(unfound.filter((offset) => hasBlock(offset) || offset >= BLOCKS * 8)).toEqual([])
  })
})

describe('the metadata of a VHDX with a parent', () => {
  it('are found damaged, but for a size that fits as well', async () => {
    const base: readonly Piece[] = [[100_000, noise(5000)]]
    const pieces: readonly Piece[] = [...base, [7000, noise(600, 3)]]
    await writeImage(vhdxFormat, at('base.vhdx'), MIB, base, SMALL)
    await writeImage(vhdxFormat, at('child.vhdx'), MIB, pieces, { ...SMALL, parent: at('base.vhdx') })
    const file = readFileSync(at('child.vhdx'))
    const items = METADATA + 64 * KIB
    const end = file.subarray(items, items + 64 * KIB).findLastIndex((byte) => byte !== 0)
    const offsets = [
      ...range(METADATA, METADATA + 32 + 6 * 32),
      ...range(items, items + 56),
      ...range(items + 56, items + end, 5),
    ]
    const counts = await flipBytes(vhdxFormat, at('child.vhdx'), diskOf(MIB, pieces), offsets)
    const size = items + 8
    expect(counts.wrong.filter((offset) => offset < size || offset >= size + 5)).toEqual([])
    expect(counts.found).toBeGreaterThan(100)
  })
})
