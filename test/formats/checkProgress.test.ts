import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatNamed, openImage } from '../../host/formats/formats'

const DISK_BYTES = 9 << 20

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'platterlab-progress-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  ['raw', 'disk.img', ''],
  ['e01', 'disk.E01', ''],
  ['split', 'disk.001', '4MiB'],
])('the check of a disk in the format %s', (name, file, partSize) => {
  it('says how far it is, in order, to the end of the disk or near it', async () => {
    const options = new Map(partSize === '' ? [] : [['part_size', partSize]])
    const format = formatNamed(name)
    const writer = await format.create!(join(folder, file), { diskBytes: DISK_BYTES, sectorBytes: 512, options })
    await writer.write(0, new Uint8Array(1 << 20).fill(7))
    await writer.write(8 << 20, new Uint8Array(1 << 20).fill(8))
    await writer.finish()
    const image = await openImage(join(folder, file), format)
    const done: number[] = []
    await image.check(
      ({ text }) => expect.fail(text),
      undefined,
      (doneBytes) => done.push(doneBytes),
    )
    image.close()
    expect(done.length).toBeGreaterThan(2)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(done.at(-1)).toBeGreaterThan(DISK_BYTES * 0.75)
    expect(done.at(-1)).toBeLessThanOrEqual(DISK_BYTES)
  })
})
