import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DamagedImage } from '../../../host/formats/damagedImage'
import { putSum } from '../../../host/formats/ewf/adler32'
import { ewfFormat } from '../../../host/formats/ewf/ewfFormat'
import { sectionDescriptor } from '../../../host/formats/ewf/sections'
import { segmentPath } from '../../../host/formats/ewf/segmentNames'
import { at, useDirectory } from '../../image/files'
import { contentOf, extentsOf, noise, type Piece, text, unread, writeImage, zeros } from '../archives'
import { findingsOf, readAll } from '../imageAccess'
import { sectionsIn } from './sectionsIn'

useDirectory()

const SECTOR = 512
const CHUNK = 32 << 10

async function image(name = 'disk.E01') {
  return ewfFormat.open(at(name))
}

/** Writes, reads again, and gives the image and its content. */
async function roundTrip(pieces: readonly Piece[], options: Record<string, string> = {}, sectorBytes = SECTOR) {
  await writeImage(at('disk.E01'), ewfFormat, pieces, { options, sectorBytes })
  const opened = await image()
  const content = await readAll(opened)
  expect(content.equals(contentOf(pieces))).toBe(true)
  expect(await findingsOf(opened)).toEqual([])
  return opened
}

describe('an E01 that is written and read', () => {
  it.each([1, 63, 64, 65, 128, 1000])('has the same %i sectors', async (sectors) => {
    for (const compression of ['none', 'fast', 'best']) {
      const opened = await roundTrip([noise(sectors * SECTOR)], { compression })
      expect(opened.diskBytes).toBe(sectors * SECTOR)
      opened.close()
    }
  })

  it.each([520, 2048, 2352, 4096])('has sectors of %i bytes', async (sectorBytes) => {
    const opened = await roundTrip(
      [text(30 * sectorBytes), unread(sectorBytes), noise(9 * sectorBytes)],
      {},
      sectorBytes,
    )
    expect(opened.sectorBytes).toBe(sectorBytes)
    expect(opened.extentAt(30 * sectorBytes)).toEqual({ kind: 'unread', endBytes: 31 * sectorBytes })
    opened.close()
  })

  it('says what is zero, and what is unread', async () => {
    const opened = await roundTrip([
      text(CHUNK),
      zeros(3 * CHUNK),
      unread(CHUNK),
      zeros(CHUNK),
      text(SECTOR),
      unread(2 * SECTOR),
      unread(SECTOR),
      noise(4 * SECTOR),
    ])
    expect(extentsOf(opened)).toEqual([
      { kind: 'data', endBytes: CHUNK },
      { kind: 'zero', endBytes: 4 * CHUNK },
      { kind: 'unread', endBytes: 5 * CHUNK },
      { kind: 'zero', endBytes: 6 * CHUNK },
      { kind: 'data', endBytes: 6 * CHUNK + SECTOR },
      { kind: 'unread', endBytes: 6 * CHUNK + 4 * SECTOR },
      { kind: 'data', endBytes: 6 * CHUNK + 8 * SECTOR },
    ])
    opened.close()
  })

  it('keeps a mostly empty disk small, however long it is', async () => {
    const opened = await roundTrip([noise(CHUNK), zeros(64 << 20), noise(CHUNK)])
    expect(statSync(at('disk.E01')).size).toBeLessThan(1 << 20)
    opened.close()
    // One table holds 16375 chunks.
    await writeImage(at('long.E01'), ewfFormat, [noise(CHUNK), zeros(1 << 30), noise(CHUNK)])
    const long = await image('long.E01')
    expect(sectionsIn(at('long.E01')).filter(({ type }) => type === 'table')).toHaveLength(3)
    expect(extentsOf(long).map(({ kind }) => kind)).toEqual(['data', 'zero', 'data'])
    long.close()
  })

  it('is the same each time', async () => {
    const pieces = [text(5 * CHUNK), unread(SECTOR), noise(0)]
    await writeImage(at('one.E01'), ewfFormat, pieces)
    await writeImage(at('two.E01'), ewfFormat, pieces)
    expect(readFileSync(at('one.E01')).equals(readFileSync(at('two.E01')))).toBe(true)
  })

  it('never has files that are longer than asked for', async () => {
    const opened = await roundTrip([noise(5 << 20), unread(SECTOR), text(1 << 20), noise(1 << 20)], {
      segment_size: '1MiB',
    })
    expect(opened.files.length).toBeGreaterThan(6)
    for (const file of opened.files) expect(statSync(file).size).toBeLessThanOrEqual(1 << 20)
    opened.close()
  })

  it('keeps what was said about the case, and invents nothing', async () => {
    const plain = await roundTrip([noise(SECTOR)])
    expect(Object.keys(Object.fromEntries(plain.details))).not.toEqual(expect.arrayContaining(['case number']))
    plain.close()
    const options = { case_number: '7/2026', examiner: 'Å. Žižek', notes: 'a, b', acquired: '2026-01-31T12:00:00Z' }
    const opened = await roundTrip([noise(SECTOR)], options)
    expect(Object.fromEntries(opened.details)).toMatchObject({
      'case number': '7/2026',
      examiner: 'Å. Žižek',
      notes: 'a, b',
      acquired: '1769860800',
    })
    opened.close()
  })

  it('holds any row of data, zeros and unread sectors', async () => {
    const piece = fc.tuple(fc.constantFrom('data', 'text', 'zero', 'unread'), fc.integer({ min: 1, max: 150 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('none', 'fast'),
        async (drawn, compression) => {
          const pieces = drawn.map(([kind, sectors], index): Piece => {
            const bytes = sectors * SECTOR
            if (kind === 'zero' || kind === 'unread') return { kind, bytes }
            return kind === 'text' ? text(bytes, index) : noise(bytes)
          })
          const opened = await roundTrip(pieces, { compression })
          const kinds = drawn.flatMap(([kind, sectors]) => Array<string>(sectors).fill(kind))
          for (const [index, kind] of kinds.entries()) {
            const found = opened.extentAt(index * SECTOR).kind
            if (kind === 'unread') expect(found).toBe('unread')
            else if (kind === 'zero') expect(['zero', 'data']).toContain(found)
            else expect(found).toBe('data')
          }
          opened.close()
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('an E01 that cannot be', () => {
  const write = (pieces: Piece[], options: Record<string, string> = {}, name = 'x.E01') =>
    writeImage(at(name), ewfFormat, pieces, { options })

  it('is refused before there is a file', async () => {
    await expect(write([])).rejects.toThrow(/at least one sector/)
    await expect(write([noise(700)])).rejects.toThrow(/whole sectors/)
    await expect(write([noise(SECTOR)], { compression: 'much' })).rejects.toThrow(/none, fast or best/)
    await expect(write([noise(SECTOR)], { segment_size: '64KiB' })).rejects.toThrow(/less than 1 MiB/)
    await expect(write([noise(SECTOR)], { notes: 'a\tb' })).rejects.toThrow(/cannot be stored/)
    await expect(write([noise(SECTOR)], { acquired: 'yesterday' })).rejects.toThrow(/expected a date/)
    await expect(write([zeros(20 * 2 ** 30)], { segment_size: '1MiB' })).rejects.toThrow(/make them larger/)
    await expect(write([noise(SECTOR)], {}, 'x.ewf')).rejects.toThrow(/has to end in .E01/)
    expect(existsSync(at('x.E01.partial'))).toBe(false)
  })

  it('says which format it is instead, and which file is the first one', async () => {
    writeFileSync(at('x.Ex01'), Buffer.concat([Buffer.from('EVF2\r\n\x81\0', 'latin1'), Buffer.alloc(600)]))
    await expect(ewfFormat.open(at('x.Ex01'))).rejects.toThrow(/EWF version 2/)
    await write([noise(3 << 20)], { segment_size: '1MiB' })
    await expect(ewfFormat.open(at('x.E02'))).rejects.toThrow()
  })
})

describe('a table of an E01', () => {
  const pieces = [text(2 * CHUNK), noise(3 * CHUNK)]

  async function damage(type: string, offset: number, name = 'disk.E01') {
    const bytes = readFileSync(at(name))
    const section = sectionsIn(at(name)).find((one) => one.type === type)!
    bytes[section.dataBytes + offset]! ^= 1
    writeFileSync(at(name), bytes)
  }

  it.each([
    ['header', 0],
    ['entries', 25],
  ])('is replaced by its copy when its %s is damaged, and the check says so', async (_, offset) => {
    await writeImage(at('disk.E01'), ewfFormat, pieces)
    await damage('table', offset)
    const opened = await image()
    expect((await readAll(opened)).equals(contentOf(pieces))).toBe(true)
    const findings = await findingsOf(opened)
    expect(findings).toHaveLength(1)
    expect(findings[0]!.text).toContain('table')
    opened.close()
  })

  it('that is damaged like its copy gives nothing', async () => {
    await writeImage(at('disk.E01'), ewfFormat, pieces)
    await damage('table', 25)
    await damage('table2', 29)
    const opened = await image()
    await expect(readAll(opened)).rejects.toThrow(/checksum of the entries/)
    opened.close()
  })

  it('reaches beyond 4 GiB of a file, from its base', async () => {
    await writeImage(at('disk.E01'), ewfFormat, [noise(2 * CHUNK)])
    // The same chunks, 5 GiB further back, with a hole that a section of no known kind has before them.
    const gap = 5 * 2 ** 30
    const whole = readFileSync(at('disk.E01'))
    const sections = sectionsIn(at('disk.E01'))
    const first = sections.find(({ type }) => type === 'sectors')!
    const { openSync, writeSync, closeSync } = await import('node:fs')
    const target = openSync(at('far.E01'), 'w')
    const put = (bytes: Uint8Array, position: number) => writeSync(target, bytes, 0, bytes.length, position)
    put(whole.subarray(0, first.startBytes), 0)
    put(sectionDescriptor('gap', first.startBytes, gap - 76), first.startBytes)
    for (const { type, startBytes, dataBytes, endBytes } of sections.filter(
      (one) => one.startBytes >= first.startBytes,
    )) {
      put(sectionDescriptor(type, startBytes + gap, endBytes - dataBytes), startBytes + gap)
      const data = Buffer.from(whole.subarray(dataBytes, endBytes))
      if (type.startsWith('table')) {
        data.writeBigUInt64LE(data.readBigUInt64LE(8) + BigInt(gap), 8)
        putSum(data, 20)
      }
      put(data, dataBytes + gap)
    }
    closeSync(target)
    const opened = await image('far.E01')
    const near = await image()
    expect((await readAll(opened)).equals(await readAll(near))).toBe(true)
    expect(await findingsOf(opened)).toEqual([])
    opened.close()
    near.close()
  })
})

describe('an E01 that lies', () => {
  /** Writes over the data of all sections of a type, and makes its checksum right. */
  function forge(types: string[], change: (data: DataView) => void, sumAt: number): void {
    const bytes = readFileSync(at('disk.E01'))
    for (const { type, dataBytes, endBytes } of sectionsIn(at('disk.E01'))) {
      if (!types.includes(type)) continue
      const data = bytes.subarray(dataBytes, endBytes)
      change(new DataView(data.buffer, data.byteOffset, data.length))
      putSum(data, sumAt)
    }
    writeFileSync(at('disk.E01'), bytes)
  }

  it('about the length of its disk has no more than its tables have', async () => {
    await writeImage(at('disk.E01'), ewfFormat, [text(2 * CHUNK)])
    forge(['volume', 'data'], (data) => data.setBigUint64(16, 2n ** 43n, true), 1048)
    const opened = await image()
    expect(opened.diskBytes).toBe(2 ** 52)
    const part = Buffer.alloc(CHUNK)
    await opened.read(CHUNK, part)
    expect(part.equals(Buffer.from(text(2 * CHUNK)).subarray(CHUNK))).toBe(true)
    expect(() => opened.read(2 ** 51, part)).toThrow(/in no table/)
    expect(opened.extentAt(2 ** 50).kind).toBe('data')
    expect((await findingsOf(opened)).map(({ text: what }) => what)).toEqual(
      expect.arrayContaining([expect.stringContaining('are in no table')]),
    )
    opened.close()
  })

  it.each([
    ['sectors of no bytes', 12, 0],
    ['sectors of 2 GiB', 12, 0x8000_0000],
    ['chunks of no sectors', 8, 0],
    ['chunks of 2 TiB', 8, 0xffff_ffff],
  ])('about %s is refused', async (_, offset, value) => {
    await writeImage(at('disk.E01'), ewfFormat, [text(CHUNK)])
    forge(['volume', 'data'], (data) => data.setUint32(offset, value, true), 1048)
    await expect(image()).rejects.toThrow(DamagedImage)
  })

  it('about how many entries a table has gives no chunk', async () => {
    await writeImage(at('disk.E01'), ewfFormat, [text(CHUNK)])
    forge(['table', 'table2'], (data) => data.setUint32(0, 0xffff_ffff, true), 20)
    const opened = await image()
    expect(() => opened.read(0, Buffer.alloc(CHUNK))).toThrow(DamagedImage)
    expect((await findingsOf(opened)).map(({ text: what }) => what).join()).toContain('4294967295 entries')
    opened.close()
  })

  it('about where its chunks are gives none', async () => {
    await writeImage(at('disk.E01'), ewfFormat, [text(CHUNK)])
    forge(['table', 'table2'], (data) => data.setBigUint64(8, 1n, true), 20)
    const opened = await image()
    expect(() => opened.read(0, Buffer.alloc(CHUNK))).toThrow(/outside of where the chunks of its table are/)
    opened.close()
  })
})

it('names segment files as EnCase does', () => {
  const names = [1, 2, 99, 100, 125, 126, 775, 776, 14971].map((number) => segmentPath('x.E01', number))
  expect(names).toEqual(['x.E01', 'x.E02', 'x.E99', 'x.EAA', 'x.EAZ', 'x.EBA', 'x.EZZ', 'x.FAA', 'x.ZZZ'])
  expect(segmentPath('x.e01', 100)).toBe('x.eaa')
  expect(segmentPath('x.s01', 100)).toBe('x.saa')
})
