import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatForName, formatOf, openImage } from '../../host/formats/formats'
import { isoFormat } from '../../host/formats/iso/isoFormat'
import { at, storedBytes, useDirectory } from '../image/files'
import { findingsOf, readAll } from './imageAccess'
import { expectInputError, outcomeOf, withImage, writeAll } from './imageTrials'
import { BOOT_CATALOG, SECTOR, SMALL_ISO_SECTORS, smallIso } from './smallIso'

useDirectory()

const texts = async (path: string): Promise<string[]> =>
  (await withImage(isoFormat, path, findingsOf)).map(({ text }) => text)

describe('an ISO image', () => {
  it('is known by its first descriptor, and is read as it is', async () => {
    const iso = smallIso()
    writeFileSync(at('a.bin'), iso)
    expect(formatOf(at('a.bin'))).toBe(isoFormat)
    expect(formatForName('x.ISO')).toBe(isoFormat)
    const image = await openImage(at('a.bin'))
    expect(image.sectorBytes).toBe(2048)
    expect(await readAll(image)).toEqual(iso)
    expect(await findingsOf(image)).toEqual([])
    expect(Object.fromEntries(image.details)).toEqual({
      'file system': 'ISO 9660',
      volume: 'SMALL',
      created: '2001-02-03 04:05:06',
      'El Torito': 'PC BIOS at sector 24',
      'size of the volume': `${SMALL_ISO_SECTORS * SECTOR} bytes`,
    })
    image.close()
  })

  it('says what a cut took from it, at every sector', async () => {
    const iso = smallIso()
    for (let sectors = 17; sectors < SMALL_ISO_SECTORS; sectors++) {
      writeFileSync(at('a.iso'), iso.subarray(0, sectors * SECTOR))
      const told = await texts(at('a.iso'))
      const missing = (SMALL_ISO_SECTORS - sectors) * SECTOR
      expect(told.some((text) => text.includes('cut off') && text.includes(`${missing} are missing`))).toBe(true)
    }
    expect(await texts(at('a.iso'))).toContain('/OUTER.TXT;1 is not all in the image: it ends at byte 54200 of 53248')
  })

  it('gives no false alarm for padding behind the volume', async () => {
    writeFileSync(at('a.iso'), Buffer.concat([smallIso(), Buffer.alloc(150 * SECTOR)]))
    expect(await texts(at('a.iso'))).toEqual([])
  })

  it('has its boot catalog checked', async () => {
    const iso = smallIso()
    iso[BOOT_CATALOG * SECTOR + 5] ^= 1
    writeFileSync(at('a.iso'), iso)
    expect(await texts(at('a.iso'))).toEqual([expect.stringContaining('the boot catalog has no valid first entry')])
  })

  it('may have directories that go in circles', async () => {
    const iso = smallIso()
    // FOLDER's record in the root: its place is made the root's own.
    const place = iso.indexOf('FOLDER', 21 * SECTOR) - 33 + 2
    iso.writeUInt32LE(21, place)
    iso.writeUInt32BE(21, place + 4)
    writeFileSync(at('a.iso'), iso)
    expect(await texts(at('a.iso'))).toEqual([])
  })

  it('is never more than damaged by a byte that is turned over, and says so for every number that is written twice', async () => {
    const iso = smallIso()
    const found: number[] = []
    for (let offset = 16 * SECTOR; offset < SMALL_ISO_SECTORS * SECTOR; offset++) {
      // The tables, and each 16th byte of what has no meaning to the format.
      const isTable = iso[offset] !== 0 || offset % 16 === 0
      if (!isTable || offset >= 24 * SECTOR) continue
      iso[offset] ^= 0x81
      writeFileSync(at('a.iso'), iso)
      if ((await outcomeOf(isoFormat, at('a.iso'), iso)) === 'found') found.push(offset - 16 * SECTOR)
      iso[offset] ^= 0x81
    }
    for (const twice of [80, 84, 128, 130, 158, 162, 166, 170]) {
      expect(found.some((offset) => offset >= twice && offset < twice + 4)).toBe(true)
    }
  })

  it('of no volume at all says that, and is read nevertheless', async () => {
    writeFileSync(at('a.iso'), Buffer.alloc(20 * SECTOR, 7))
    expect(await texts(at('a.iso'))).toEqual(['no volume descriptor of ISO 9660 or UDF is here'])
    expect((await withImage(isoFormat, at('a.iso'), readAll)).equals(Buffer.alloc(20 * SECTOR, 7))).toBe(true)
  })
})

describe('writing ISO', () => {
  it('writes what it is given', async () => {
    await writeAll(isoFormat, at('b.iso'), smallIso('OTHER'), { sectorBytes: 2048 })
    expect(readFileSync(at('b.iso')).equals(smallIso('OTHER'))).toBe(true)
    expect(existsSync(at('b.iso.partial'))).toBe(false)
  })

  it('takes whole sectors of 2048 bytes only, and makes no file otherwise', async () => {
    const options = new Map<string, string>()
    for (const diskBytes of [1, 512, 2047, 2049]) {
      await expectInputError(() => isoFormat.create!(at('c.iso'), { diskBytes, sectorBytes: 512, options }))
    }
    await expectInputError(() => isoFormat.create!(at('c.iso'), { diskBytes: 2352 * 128, sectorBytes: 2352, options }))
    expect(existsSync(at('c.iso.partial'))).toBe(false)
  })

  it('keeps no room for zeros on a disc of 5 GiB', async () => {
    const diskBytes = 5 * 2 ** 30
    const writer = await isoFormat.create!(at('d.iso'), { diskBytes, sectorBytes: 2048, options: new Map() })
    await writer.write(0, smallIso())
    await writer.write(diskBytes - SECTOR, new Uint8Array(SECTOR).fill(9))
    await writer.finish()
    expect(statSync(at('d.iso')).size).toBe(diskBytes)
    expect(storedBytes('d.iso')).toBeLessThan(1 << 20)
    const last = new Uint8Array(SECTOR)
    await withImage(isoFormat, at('d.iso'), (image) => image.read(diskBytes - SECTOR, last))
    expect(last.every((byte) => byte === 9)).toBe(true)
  })
})
