// Sets of several E01 files: each chunk of each file damaged, and files that are missing, swapped, doubled, or of another set. It is found
// out, and no read gives wrong data.
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { ewfFormat } from '../../../host/formats/ewf/ewfFormat'
import { at, useDirectory } from '../../image/files'
import { aftermathOf, contentOf, eachFlip, type Piece, unread, writeImage } from '../archives'
import { readAll } from '../imageAccess'
import { noise } from '../imageHarness'
import { sectionsIn } from './sectionsIn'

useDirectory()

const KIB = 1 << 10
const SECTOR = 512
/** Three files of at most 1 MiB. */
const pieces = (seed: number): Piece[] => [noise(1500 * KIB, seed), unread(2 * SECTOR), noise(1000 * KIB, seed + 1)]
const PIECES = pieces(1)
const CONTENT = contentOf(PIECES)
const FILES = ['disk.E01', 'disk.E02', 'disk.E03'] as const

/** Those that can be told by what is beside them. */
const BRIDGED = ['sectors', 'table', 'table2', 'next', 'done']

const write = (name: string, what = PIECES) =>
  writeImage(at(name), ewfFormat, what, { options: { segment_size: '1MiB', compression: 'none' } })

const look = () => aftermathOf(at('disk.E01'), ewfFormat, CONTENT, 2 * SECTOR, 64 * KIB)

async function expectFound(what = ''): Promise<void> {
  const { isDetected, wrongAt, isUnreadRight } = await look()
  expect({ isDetected, wrongAt, isUnreadRight }, what).toEqual({ isDetected: true, wrongAt: [], isUnreadRight: true })
}

beforeEach(async () => {
  await write('disk.E01')
  expect(FILES.every((name) => existsSync(at(name))) && !existsSync(at('disk.E04'))).toBe(true)
  expect(await look()).toEqual({ isDetected: false, wrongAt: [], isUnreadRight: true })
})

describe('a set of E01 files', () => {
  it('is found damaged in each of its chunks', async () => {
    for (const name of FILES) {
      const { dataBytes, endBytes } = sectionsIn(at(name)).find(({ type }) => type === 'sectors')!
      const chunkBytes = 32 * KIB + 4
      const offsets: number[] = []
      // In turn the first byte of a chunk, one in it, and its checksum.
      for (let start = dataBytes, index = 0; start < endBytes; start += chunkBytes, index++) {
        offsets.push(Math.min(start + [0, 16_411, chunkBytes - 1][index % 3]!, endBytes - 1))
      }
      await eachFlip(at(name), offsets, (offset) => expectFound(`${name} at ${offset}`))
    }
  })

  it('loses nothing by a damaged descriptor of chunks, tables, or an end: its neighbours say what it is', async () => {
    for (const name of FILES) {
      const sections = sectionsIn(at(name)).filter(({ type }) => BRIDGED.includes(type))
      expect(sections.map(({ type }) => type)).toEqual([
        'sectors',
        'table',
        'table2',
        name.endsWith('3') ? 'done' : 'next',
      ])
      const offsets = sections.flatMap(({ startBytes }) => [0, 17, 25, 75].map((offset) => startBytes + offset))
      await eachFlip(at(name), offsets, async (offset) => {
        await expectFound(`${name} at ${offset}`)
        const image = await ewfFormat.open(at('disk.E01'))
        expect((await readAll(image)).equals(CONTENT), `${name} at ${offset}`).toBe(true)
        expect(Object.fromEntries(image.details).damage).toContain('descriptor')
        image.close()
      })
    }
  })

  it('loses chunks, and takes none for others, where more than one descriptor is damaged', async () => {
    const sections = sectionsIn(at('disk.E02')).filter(({ type }) => BRIDGED.includes(type))
    for (const left of sections) {
      for (const right of sections) {
        if (left.startBytes >= right.startBytes) continue
        await eachFlip(at('disk.E02'), [left.startBytes + 17], () =>
          eachFlip(at('disk.E02'), [right.startBytes + 17], () => expectFound(`${left.type} and ${right.type}`)),
        )
      }
    }
  })

  it.each(FILES.slice(1))('is found out when %s is missing', async (name) => {
    rmSync(at(name))
    await expectFound()
  })

  it('is found out when its first file is missing, by the others', async () => {
    rmSync(at('disk.E01'))
    await expect(ewfFormat.open(at('disk.E02'))).rejects.toThrow(/first|segment/)
  })

  it.each([
    [0, 1],
    [1, 2],
    [0, 2],
  ])('is found out when files %i and %i are swapped', async (left, right) => {
    renameSync(at(FILES[left]!), at('kept'))
    renameSync(at(FILES[right]!), at(FILES[left]!))
    renameSync(at('kept'), at(FILES[right]!))
    await expectFound()
  })

  it('is found out when a file is there twice', async () => {
    copyFileSync(at('disk.E02'), at('disk.E03'))
    await expectFound()
  })

  it.each(FILES.slice(1))('is found out when %s is of another set, as long and of the same form', async (name) => {
    await write('other.E01', pieces(77))
    copyFileSync(at(name.replace('disk', 'other')), at(name))
    await expectFound()
  })

  it('is the one of its first file: the files of another set have none of its chunks', async () => {
    await write('other.E01', pieces(77))
    for (const name of FILES.slice(1)) copyFileSync(at(name), at(name.replace('disk', 'other')))
    const other = contentOf(pieces(77))
    const { isDetected, wrongAt } = await aftermathOf(at('other.E01'), ewfFormat, other, 2 * SECTOR, 64 * KIB)
    expect({ isDetected, wrongAt }).toEqual({ isDetected: true, wrongAt: [] })
  })

  it('ends with the file that says so: one more is none of it', async () => {
    copyFileSync(at('disk.E02'), at('disk.E04'))
    expect(await look()).toEqual({ isDetected: false, wrongAt: [], isUnreadRight: true })
  })
})
