import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DamagedImage } from '../../../host/formats/damagedImage'
import { formatForName, formatOf } from '../../../host/formats/formats'
import { PartNames } from '../../../host/formats/split/partNames'
import { splitFormat } from '../../../host/formats/split/splitFormat'
import { readSumsOf } from '../../../host/formats/sums/sumsFile'
import { at, useDirectory } from '../../image/files'
import {
  aftermathOf,
  contentOf,
  eachFlip,
  eachTruncation,
  extentsOf,
  noise,
  type Piece,
  text,
  unread,
  writeImage,
  zeros,
} from '../archives'
import { findingsOf, readAll } from '../imageAccess'

useDirectory()

const SECTOR = 512

async function roundTrip(pieces: readonly Piece[], partSize: string, name = 'disk.001') {
  await writeImage(at(name), splitFormat, pieces, { options: { part_size: partSize } })
  const image = await splitFormat.open(at(name))
  expect((await readAll(image)).equals(contentOf(pieces))).toBe(true)
  expect(await findingsOf(image)).toEqual([])
  return image
}

describe('a split image', () => {
  it.each([0, 1, 511, 512, 4095, 4096, 4097, 12288, 13000])(
    'of %i bytes in parts of 4096 is the same when it is read',
    async (bytes) => {
      const image = await roundTrip([noise(bytes)], '4096')
      expect(image.diskBytes).toBe(bytes)
      expect(image.files).toHaveLength(Math.max(1, Math.ceil(bytes / 4096)))
      const parts = image.files.map((file) => readFileSync(file))
      expect(Buffer.concat(parts).length).toBe(bytes)
      image.close()
    },
  )

  it('keeps what was unread in its sums', async () => {
    const image = await roundTrip(
      [text(3 * SECTOR), unread(9 * SECTOR), zeros(SECTOR), unread(SECTOR), text(SECTOR)],
      '2KiB',
    )
    expect(extentsOf(image)).toEqual([
      { kind: 'data', endBytes: 3 * SECTOR },
      { kind: 'unread', endBytes: 12 * SECTOR },
      { kind: 'data', endBytes: 13 * SECTOR },
      { kind: 'unread', endBytes: 14 * SECTOR },
      { kind: 'data', endBytes: 15 * SECTOR },
    ])
    image.close()
  })

  it('of zeros is holes', async () => {
    const image = await roundTrip([noise(SECTOR), zeros(64 << 20), noise(SECTOR)], '16MiB')
    const stored = image.files.reduce((sum, file) => sum + statSync(file).blocks * 512, 0)
    expect(stored).toBeLessThan(1 << 20)
    image.close()
  })

  it('holds any row of pieces in parts of any length', async () => {
    const piece = fc.tuple(fc.constantFrom('data', 'zero', 'unread'), fc.integer({ min: 1, max: 9000 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.integer({ min: 512, max: 9000 }),
        async (drawn, partBytes) => {
          const pieces = drawn.map(
            ([kind, bytes]): Piece => (kind === 'data' ? noise(bytes) : { kind: kind as 'zero', bytes }),
          )
          const image = await roundTrip(pieces, String(partBytes))
          const unreadBytes = extentsOf(image).reduce(
            ([sum, start], { kind, endBytes }) => [kind === 'unread' ? sum! + endBytes - start! : sum!, endBytes],
            [0, 0],
          )[0]
          expect(unreadBytes).toBe(drawn.reduce((sum, [kind, bytes]) => sum + (kind === 'unread' ? bytes : 0), 0))
          image.close()
          for (const name of readdirSync(at('.'))) rmSync(at(name))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is recognised by the names of its parts', async () => {
    ;(await roundTrip([noise(9000)], '4KiB')).close()
    expect(formatOf(at('disk.001'))).toBe(splitFormat)
    rmSync(at('disk.001.sums'))
    expect(formatOf(at('disk.001'))).toBe(splitFormat)
    writeFileSync(at('alone.001'), 'x')
    writeFileSync(at('photo01'), 'x')
    writeFileSync(at('photo02'), 'x')
    expect(formatOf(at('alone.001')).name).toBe('raw')
    expect(formatOf(at('photo01')).name).toBe('raw')
    expect(formatForName('new.001')).toBe(splitFormat)
  })

  it('without sums can be read, and says that nothing can be checked', async () => {
    const pieces = [noise(9000)]
    ;(await roundTrip(pieces, '4KiB')).close()
    rmSync(at('disk.001.sums'))
    const image = await splitFormat.open(at('disk.001'))
    expect((await readAll(image)).equals(contentOf(pieces))).toBe(true)
    expect(Object.fromEntries(image.details).sums).toContain('nothing can be checked')
    image.close()
  })

  it('without sums is refused where a part must be missing or cut', async () => {
    ;(await roundTrip([noise(20000)], '4KiB')).close()
    rmSync(at('disk.001.sums'))
    truncateSync(at('disk.002'), 4000)
    await expect(splitFormat.open(at('disk.001'))).rejects.toThrow(/disk.002.*4000 bytes/)
    rmSync(at('disk.002'))
    await expect(splitFormat.open(at('disk.001'))).rejects.toThrow(/disk.002.*missing/)
    await expect(splitFormat.open(at('disk.001'))).rejects.toThrow(DamagedImage)
  })

  it('with sums is read as far as it is there', async () => {
    const pieces = [noise(10 << 20)]
    ;(await roundTrip(pieces, '4MiB')).close()
    rmSync(at('disk.002'))
    const image = await splitFormat.open(at('disk.001'))
    // Its sums are of chunks of 4 MiB.
    const part = Buffer.alloc(4096)
    image.read(8 << 20, part)
    expect(part.equals(contentOf(pieces).subarray(8 << 20, (8 << 20) + 4096))).toBe(true)
    expect(() => image.read(5 << 20, part)).toThrow(DamagedImage)
    const findings = await findingsOf(image)
    expect(findings[0]).toMatchObject({ file: at('disk.002'), disk: { startBytes: 4 << 20, endBytes: 5 << 20 } })
    image.close()
  })

  it('cannot have more parts than names, nor parts of nothing', async () => {
    const write = (name: string, partSize: string) =>
      writeImage(at(name), splitFormat, [zeros(700 * 512)], { options: { part_size: partSize } })
    await expect(write('x.aa', '512')).rejects.toThrow(/676 have names/)
    await expect(write('x.001', '100')).rejects.toThrow(/less than a sector/)
    await expect(write('x.img', '1MiB')).rejects.toThrow(/ends? in .001/)
    expect(existsSync(at('x.aa.partial'))).toBe(false)
  })
})

describe('a damaged split image', () => {
  const pieces = [text(700), unread(300), noise(1000), zeros(100)]

  const look = () => aftermathOf(at('disk.001'), splitFormat, contentOf(pieces), 300, 2100)

  it('is found out, whichever byte of a part or of the sums is flipped', async () => {
    ;(await roundTrip(pieces, '1000')).close()
    for (const name of ['disk.001', 'disk.002', 'disk.003', 'disk.001.sums']) {
      const undetected: string[] = []
      await eachFlip(at(name), Array(statSync(at(name)).size).keys(), async (offset) => {
        const { isDetected, wrongAt } = await look()
        if (!isDetected || wrongAt.length > 0) undetected.push(`${name} ${offset}`)
      })
      expect(undetected).toEqual([])
    }
  })

  it('is found out whatever a part or the sums are cut to', async () => {
    ;(await roundTrip(pieces, '1000')).close()
    for (const name of ['disk.001', 'disk.002', 'disk.003', 'disk.001.sums']) {
      const undetected: string[] = []
      await eachTruncation(at(name), Array(statSync(at(name)).size).keys(), async (length) => {
        const { isDetected, wrongAt } = await look()
        if (!isDetected || wrongAt.length > 0) undetected.push(`${name} ${length}`)
      })
      expect(undetected).toEqual([])
    }
  })

  it('tells in which part and in which chunk', async () => {
    ;(await roundTrip([noise(9 << 20)], '5MiB')).close()
    const bytes = readFileSync(at('disk.002'))
    bytes[3 << 20]! ^= 4
    writeFileSync(at('disk.002'), bytes)
    const image = await splitFormat.open(at('disk.001'))
    const findings = await findingsOf(image)
    expect(findings.map(({ file, disk }) => [file, disk])).toEqual([
      [at('disk.001'), { startBytes: 8 << 20, endBytes: 9 << 20 }],
      [at('disk.002'), { startBytes: 5 << 20, endBytes: 9 << 20 }],
    ])
    image.close()
  })
})

describe('the names of parts', () => {
  const named = (first: string, indexes: number[]) => indexes.map((index) => PartNames.from(first)!.at(index))

  it('are counted as FTK does', () => {
    expect(named('d.001', [0, 1, 998, 999])).toEqual(['d.001', 'd.002', 'd.999', 'd.1000'])
    expect(named('d.00', [0, 99, 100])).toEqual(['d.00', 'd.99', 'd.100'])
    expect(named('d.aa', [0, 1, 26, 675])).toEqual(['d.aa', 'd.ab', 'd.ba', 'd.zz'])
    expect(PartNames.from('d.002')).toBeNull()
    expect(PartNames.from('d.1')).toBeNull()
  })

  it('also grow as those of split do', () => {
    const grown = (first: string, index: number) => PartNames.from(first)!.grownAt(index)
    expect([89, 90, 91, 989, 990].map((index) => grown('x00', index))).toEqual([
      null,
      'x9000',
      'x9001',
      'x9899',
      'x990000'.slice(0, 7),
    ])
    expect([649, 650, 651].map((index) => grown('xaa', index))).toEqual([null, 'xzaaa', 'xzaab'])
  })
})

it('has sums that say which parts there are', async () => {
  ;(await roundTrip([noise(9000)], '4KiB')).close()
  const sums = readSumsOf(at('disk.001'))!
  expect(sums.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['disk.001', 4096],
    ['disk.002', 4096],
    ['disk.003', 808],
  ])
})

describe('the parts of a split image', () => {
  const pieces = [noise(4 * 1024), noise(4 * 1024), noise(4 * 1024), noise(1000)]
  const PARTS = ['disk.001', 'disk.002', 'disk.003', 'disk.004']

  function swap(left: string, right: string): void {
    renameSync(at(left), at('kept'))
    renameSync(at(right), at(left))
    renameSync(at('kept'), at(right))
  }

  /** All that can happen to whole parts. */
  const MISHAPS: readonly (readonly [string, () => void])[] = [
    ...PARTS.slice(1).map((name) => [`${name} is missing`, () => rmSync(at(name))] as const),
    ['the last two are missing', () => [PARTS[2]!, PARTS[3]!].map((name) => rmSync(at(name)))],
    ['two of a length are swapped', () => swap('disk.002', 'disk.003')],
    ['the last one is swapped', () => swap('disk.002', 'disk.004')],
    ['one is there twice', () => copyFileSync(at('disk.002'), at('disk.003'))],
    ['one is cut', () => truncateSync(at('disk.002'), 3000)],
    ['the last one is cut', () => truncateSync(at('disk.004'), 512)],
    ['one is of another image', () => writeFileSync(at('disk.002'), noise(4 * 1024))],
  ]
  /** Without sums there is nothing that tells them from another image that is whole. */
  const UNSEEN_WITHOUT_SUMS = [
    'disk.004 is missing',
    'the last two are missing',
    'two of a length are swapped',
    'one is there twice',
    'the last one is cut',
    'one is of another image',
  ]

  it.each(MISHAPS)('with sums are found out when %s', async (_, happen) => {
    ;(await roundTrip(pieces, '4KiB')).close()
    happen()
    const { isDetected, wrongAt } = await aftermathOf(at('disk.001'), splitFormat, contentOf(pieces), 0, 2048)
    expect({ isDetected, wrongAt: wrongAt.filter((place) => place >= 0) }).toEqual({ isDetected: true, wrongAt: [] })
  })

  it('with sums are those that the sums name: one more is none of them', async () => {
    ;(await roundTrip(pieces, '4KiB')).close()
    copyFileSync(at('disk.004'), at('disk.005'))
    const { isDetected, wrongAt } = await aftermathOf(at('disk.001'), splitFormat, contentOf(pieces), 0, 2048)
    expect({ isDetected, wrongAt }).toEqual({ isDetected: false, wrongAt: [] })
    rmSync(at('disk.001.sums'))
    // Only the last one may be shorter.
    await expect(splitFormat.open(at('disk.001'))).rejects.toThrow(DamagedImage)
  })

  it('without sums are found out but for what looks like another image', async () => {
    const unseen: string[] = []
    for (const [name, happen] of MISHAPS) {
      ;(await roundTrip(pieces, '4KiB')).close()
      rmSync(at('disk.001.sums'))
      happen()
      const { isDetected } = await aftermathOf(at('disk.001'), splitFormat, contentOf(pieces), 0, 2048)
      if (!isDetected) unseen.push(name)
      for (const file of readdirSync(at('.'))) rmSync(at(file))
    }
    expect(unseen).toEqual(UNSEEN_WITHOUT_SUMS)
  })
})
