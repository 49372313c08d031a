import { existsSync, readFileSync, truncateSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtinMicrocodeFile } from '../../host/cli/packageFiles'
import { compileModule } from '../../host/controller/moduleCheck'
import { type ConvertRequest, compareImages, convertImage, copyInto } from '../../host/image/convertJob'
import { MemoryImage, MemoryWriter, type Piece } from '../support/memoryImage'
import { at, called, randomFile, useDirectory } from './files'

useDirectory()

const module = compileModule(new Uint8Array(readFileSync(builtinMicrocodeFile('copier'))))

async function copied(pieces: Piece[], late: { source?: boolean; target?: boolean } = {}, sectorBytes = 512) {
  const image = new MemoryImage(pieces, sectorBytes, late.source ?? false)
  const writer = new MemoryWriter(image.diskBytes, { isLate: late.target ?? false })
  const outcome = await copyInto(image, writer, 'new', { module, retries: 1 })
  return { image, writer, outcome }
}

/** Bytes of the source that are not to be had, sector by sector. */
function lostRanges(pieces: readonly Piece[], sectorBytes: number): [number, number][] {
  const ranges: [number, number][] = []
  let at = 0
  for (const { kind, bytes } of pieces) {
    const end = at + bytes
    if (kind === 'unread' || kind === 'damaged') {
      const start = Math.floor(at / sectorBytes) * sectorBytes
      const last = ranges.at(-1)
      if (last && last[1] >= start) last[1] = end
      else ranges.push([start, end])
    }
    at = end
  }
  return ranges
}

const pieces = (unit: number) =>
  fc.array(
    fc.record({
      kind: fc.constantFrom('data', 'data', 'zero', 'unread', 'damaged') as fc.Arbitrary<Piece['kind']>,
      bytes: fc.integer({ min: 1, max: 400 }).map((sectors) => sectors * unit),
    }),
    { minLength: 1, maxLength: 8 },
  )

describe('all of an image into another', () => {
  it('is what it was, and what could not be read stays unread, whoever answers late', async () => {
    await fc.assert(
      fc.asyncProperty(pieces(512), fc.boolean(), fc.boolean(), async (list, source, target) => {
        const { image, writer, outcome } = await copied(list, { source, target })
        expect(outcome.isComplete).toBe(true)
        expect(writer.state).toBe('finished')
        const lost = lostRanges(list, 512)
        expect(writer.unreadBytes).toEqual(lost)
        for (const [start, end] of lost) image.content.fill(0, start, end)
        expect(Buffer.compare(writer.content, image.content)).toBe(0)
        expect(outcome.lostSectors * 512).toBe(lost.reduce((sum, [start, end]) => sum + end - start, 0))
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a last sector that is short', async () => {
    const { image, writer } = await copied([{ kind: 'data', bytes: 5 * 2048 + 77 }], {}, 2048)
    expect(Buffer.compare(writer.content, image.content)).toBe(0)
  })

  it('leaves nothing when the target is full', async () => {
    const image = new MemoryImage([{ kind: 'data', bytes: 4 << 20 }])
    const writer = new MemoryWriter(image.diskBytes, { fullAt: 1 << 20 })
    const outcome = await copyInto(image, writer, 'new', { module })
    expect(outcome.isComplete).toBe(false)
    expect(outcome.lastError).toBe('no space left')
    expect(writer.state).toBe('abandoned')
  })

  it('leaves nothing when it is interrupted', async () => {
    const image = new MemoryImage([{ kind: 'data', bytes: 64 << 20 }], 512, true)
    const writer = new MemoryWriter(image.diskBytes)
    const stop = new AbortController()
    const onProgress = (): void => stop.abort()
    const outcome = await copyInto(image, writer, 'new', { module, signal: stop.signal, onProgress })
    expect(outcome.isComplete).toBe(false)
    expect(writer.state).toBe('abandoned')
  })
})

function convert(request: Partial<ConvertRequest> = {}) {
  const whole = {
    source: at('a'),
    target: at('b'),
    sourceFormat: null,
    targetFormat: null,
    options: [],
  }
  return convertImage({ ...whole, ...request }, { module })
}

const compare = (left: string, right: string) =>
  compareImages({ left: at(left), right: at(right), leftFormat: null, rightFormat: null }, { module })

describe('files', () => {
  it.each([0, 1, 511, 512, 513, 70_000])('of %i bytes are converted, and equal then', async (bytes) => {
    const content = randomFile('a', bytes, 1, (position) => position > 8192 && position < 40_000)
    const result = await convert()
    expect(result).toMatchObject({ isComplete: true, sourceFormat: 'raw', targetFormat: 'raw', diskBytes: bytes })
    expect(readFileSync(at('b')).equals(content)).toBe(true)
    expect(existsSync(at('b.partial'))).toBe(false)
    expect(await compare('a', 'b')).toMatchObject({ isComplete: true, lostSectors: 0, extraBytes: 0 })
  })

  it('are equal when one goes on with zeros, and not with anything else', async () => {
    randomFile('a', 10_000)
    randomFile('b', 20_000)
    const content = readFileSync(at('a'))
    randomFile('c', 10_000, 2)
    await convert({ target: at('longer') })
    truncateSync(at('longer'), 3_000_000)
    expect(await compare('a', 'longer')).toMatchObject({ lostSectors: 0, extraBytes: 2_990_000, extraIsZero: true })
    expect(await compare('longer', 'a')).toMatchObject({ lostSectors: 0, extraBytes: 2_990_000, extraIsZero: true })
    expect(await compare('b', 'longer')).toMatchObject({ extraIsZero: true, lostSectors: 40 })
    expect(await compare('a', 'b')).toMatchObject({ extraBytes: 10_000, extraIsZero: false })
    expect(content.length).toBe(10_000)
  })

  it('that are there already are not replaced, unless asked for', async () => {
    randomFile('a', 5_000)
    const before = randomFile('b', 3_000)
    await expect(convert()).rejects.toThrow('would be overwritten')
    expect(readFileSync(at('b')).equals(before)).toBe(true)
    await convert({ asking: called('b') })
    expect(readFileSync(at('b')).length).toBe(5_000)
    await expect(convert({ target: at('a'), asking: called('a') })).rejects.toThrow('the same file')
  })

  it.each([
    [{ targetFormat: 'vvd' }, 'no format vvd'],
    [{ options: ['x=1'] }, 'has no option "x"'],
    [{ options: ['x'] }, 'expected name=value'],
    [{ source: 'nowhere' }, 'does not exist'],
    [{ target: 'no/where/b' }, 'cannot make'],
  ])('and mistakes are told: %o', async (request, text) => {
    randomFile('a', 5_000)
    await expect(convert(request)).rejects.toThrow(text)
  })
})
