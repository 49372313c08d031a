// A damaged E01: every byte of a small one flipped, every length that it may be cut to. Damage is found, or it does no harm; nothing else happens,
// and no read ever gives wrong data.
import { rmSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ewfFormat } from '../../../host/formats/ewf/ewfFormat'
import { FILE_HEADER_BYTES } from '../../../host/formats/ewf/sections'
import { at, useDirectory } from '../../image/files'
import {
  type Aftermath,
  aftermathOf,
  contentOf,
  eachFlip,
  eachTruncation,
  noise,
  text,
  unread,
  writeImage,
  zeros,
} from '../archives'
import { sectionsIn } from './sectionsIn'

useDirectory()

const CHUNK = 32 << 10
const SECTOR = 512
/** Compressed, zeros, unread, a mixture, and a short chunk that cannot be compressed. */
const SMALL = [
  text(CHUNK),
  zeros(CHUNK),
  text(3 * SECTOR),
  unread(2 * SECTOR),
  text(CHUNK - 5 * SECTOR, 3),
  noise(SECTOR),
]

const isHarmless = ({ wrongAt, isUnreadRight }: Aftermath): boolean => wrongAt.length === 0 && isUnreadRight

async function smallImage(): Promise<Buffer> {
  await writeImage(at('disk.E01'), ewfFormat, SMALL)
  return contentOf(SMALL)
}

const look = (content: Buffer): Promise<Aftermath> =>
  aftermathOf(at('disk.E01'), ewfFormat, content, 2 * SECTOR, CHUNK / 2)

describe('a damaged E01', () => {
  it('is found out, or does no harm, whichever byte is flipped', async () => {
    const content = await smallImage()
    const undetected: number[] = []
    const harmful: number[] = []
    const { size } = statSync(at('disk.E01'))
    await eachFlip(at('disk.E01'), Array(size).keys(), async (offset) => {
      const aftermath = await look(content)
      if (!aftermath.isDetected) undetected.push(offset)
      if (!isHarmless(aftermath)) harmful.push(offset)
    })
    expect(harmful).toEqual([])
    // Deflate can say the same in many ways, and has unused bits at its end: such flips leave all that is unpacked as it was.
    const packed = sectionsIn(at('disk.E01')).filter(({ type }) => ['header', 'header2', 'sectors'].includes(type))
    const isPacked = (offset: number) => packed.some((one) => one.dataBytes <= offset && offset < one.endBytes)
    expect(undetected.filter((offset) => !isPacked(offset))).toEqual([])
    expect(undetected.length).toBeLessThan(40)
  })

  it('is found out whatever it is cut to', async () => {
    const content = await smallImage()
    const { size } = statSync(at('disk.E01'))
    const wrong: number[] = []
    await eachTruncation(at('disk.E01'), Array(size).keys(), async (length) => {
      const aftermath = await look(content)
      if (!aftermath.isDetected || !isHarmless(aftermath)) wrong.push(length)
    })
    expect(wrong).toEqual([])
  })

  it('is found out in a set of files: their structure flipped, and cut', async () => {
    const pieces = [noise(900 << 10), unread(2 * SECTOR), noise(300 << 10), text(64 << 10)]
    await writeImage(at('disk.E01'), ewfFormat, pieces, { options: { segment_size: '1MiB' } })
    const content = contentOf(pieces)
    const wrong: string[] = []
    for (const name of ['disk.E01', 'disk.E02']) {
      const note = (what: string) => async (place: number) => {
        const aftermath = await aftermathOf(at('disk.E01'), ewfFormat, content, 2 * SECTOR, 64 << 10)
        if (!aftermath.isDetected || !isHarmless(aftermath)) wrong.push(`${name} ${what} ${place}`)
      }
      // All but the packed texts of the headers, which are looked at above, and all but the chunks.
      const whole = sectionsIn(at(name)).filter(({ type }) => !type.startsWith('header') && type !== 'sectors')
      const places = whole.flatMap(({ startBytes, endBytes }) =>
        [0, 17, 25, 40, 75, 79, 90, 120, endBytes - startBytes - 1].map((offset) =>
          Math.min(startBytes + offset, endBytes - 1),
        ),
      )
      await eachFlip(at(name), [...Array(FILE_HEADER_BYTES).keys(), ...places], note('flipped at'))
      const { size } = statSync(at(name))
      await eachTruncation(at(name), [0, 5, 13, 90, 1500, size >> 1, size - 1500, size - 77, size - 1], note('cut to'))
    }
    expect(wrong).toEqual([])
  })
})

it('reads what is whole in a set whose last file is missing, and says what is not', async () => {
  const pieces = [noise(900 << 10), noise(600 << 10)]
  await writeImage(at('disk.E01'), ewfFormat, pieces, { options: { segment_size: '1MiB' } })
  rmSync(at('disk.E02'))
  const image = await ewfFormat.open(at('disk.E01'))
  const part = Buffer.alloc(512 << 10)
  await image.read(0, part)
  expect(part.equals(contentOf(pieces).subarray(0, part.length))).toBe(true)
  expect(() => image.read(1400 << 10, part.subarray(0, 512))).toThrow(/in no table/)
  expect(Object.fromEntries(image.details).damage).toContain('segment 2 of the image is missing')
  image.close()
})
