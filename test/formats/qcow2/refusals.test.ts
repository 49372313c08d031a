// What is not opened, or not made: each with a reason, and before anything is written.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openImage } from '../../../host/formats/formats'
import { qcow2Format } from '../../../host/formats/qcow2/qcow2Format'
import { at, useDirectory } from '../../image/files'
import { newImage, type Options, patch, readQcow2, writeQcow2 } from './images'

useDirectory()

const u32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])

async function smallImage(options: Options = {}): Promise<string> {
  await writeQcow2(at('image'), Buffer.alloc(100_000, 1), options)
  return at('image')
}

describe('an image that cannot be read', () => {
  it('because of an unknown feature says which, by the name that the image has for it', async () => {
    const path = await smallImage()
    patch(path, 72, u32(0x80000000))
    await expect(openImage(path)).rejects.toThrow('needs incompatible feature 63, which is not known here')
    // Over the first name of the table: incompatible, bit 63.
    patch(path, 120, Buffer.from('\x00\x3ftime travel\x00', 'latin1'))
    await expect(openImage(path)).rejects.toThrow(
      'needs incompatible feature 63 ("time travel"), which is not known here',
    )
  })

  it.each([
    [1, 'AES'],
    [2, 'LUKS'],
  ])('because it is encrypted says so (%i)', async (method, name) => {
    const path = await smallImage()
    patch(path, 32, u32(method))
    await expect(openImage(path)).rejects.toThrow(`is encrypted (${name})`)
  })

  it('because of its version says so', async () => {
    const path = await smallImage()
    patch(path, 4, u32(4))
    await expect(openImage(path)).rejects.toThrow('version 4 is not known')
  })

  it.each([
    ['clusters of 2^22 bytes', 20, u32(22)],
    ['an L1 table that is too small for the disk', 24, u32(1)],
    ['an L1 table behind the file', 36, u32(0x10000000)],
    ['a refcount table behind the file', 56, u32(0x10000)],
    ['a header of 4 GiB', 100, u32(0xfffffff8)],
    ['a header extension of 4 GiB', 116, u32(0xfffffff8)],
    ['4 billion snapshots', 60, u32(0xffffffff)],
    ['refcounts of 2^7 bits', 96, u32(7)],
    ['a compression type without its feature bit', 104, Buffer.of(1)],
  ])('is damaged: %s', async (_, offset, bytes) => {
    const path = await smallImage()
    patch(path, offset, bytes)
    await expect(openImage(path)).rejects.toThrow(/at byte \d+: /)
  })
})

describe('a backing file', () => {
  it('that is missing is named, with the image that needs it', async () => {
    writeFileSync(at('base'), Buffer.alloc(4096))
    await writeQcow2(at('top'), Buffer.alloc(4096, 1), { backing: 'base' })
    await openImage(at('top')).then((image) => image.close())
    renameSync(at('base'), at('elsewhere'))
    await expect(openImage(at('top'))).rejects.toThrow(/base, the backing file of .*top, does not exist/)
  })

  it('that leads back to the image is refused, also by another name', async () => {
    writeFileSync(at('base'), Buffer.alloc(4096))
    await writeQcow2(at('one'), Buffer.alloc(4096, 1), { backing: 'base' })
    await writeQcow2(at('two'), Buffer.alloc(4096, 2), { backing: 'one' })
    rmSync(at('base'))
    symlinkSync('two', at('base'))
    patchBackingFormat(at('one'))
    await expect(openImage(at('two'))).rejects.toThrow('is its own backing file')
  })

  it.each(['nbd://localhost/x', 'json:{}', 'http://example.org/x'])('elsewhere is refused (%s)', async (name) => {
    writeFileSync(at('a-base-with-a-long-name'), Buffer.alloc(4096))
    await writeQcow2(at('top'), Buffer.alloc(4096, 1), { backing: 'a-base-with-a-long-name' })
    const header = readFileSync(at('top'))
    patch(at('top'), header.indexOf('a-base-with-a-long-name'), Buffer.from(name))
    patch(at('top'), 16, u32(name.length))
    await expect(openImage(at('top'))).rejects.toThrow('no file of this machine')
  })

  it('of a raw format is not looked at: what a guest wrote there opens no other file', async () => {
    await writeQcow2(at('base'), Buffer.alloc(100_000, 1))
    const bytes = readFileSync(at('base'))
    writeFileSync(at('raw-base'), Buffer.alloc(bytes.length, 7))
    await writeQcow2(at('top'), Buffer.alloc(bytes.length, 7), { backing: 'raw-base' })
    writeFileSync(at('raw-base'), bytes)
    expect((await readQcow2(at('top'))).equals(bytes)).toBe(true)
  })

  /** Turns the format's name into an extension that nobody knows, so that the file is looked at. */
  function patchBackingFormat(path: string): void {
    patch(path, 112, u32(0x12345678))
  }
})

describe('an image that cannot be made', () => {
  it.each([
    [{ compat: '2' }, 'compat=2: expected 1.1'],
    [{ cluster_size: '256' }, 'expected a power of two from 512 to 2M'],
    [{ cluster_size: '4M' }, 'expected a power of two from 512 to 2M'],
    [{ cluster_size: '3K' }, 'expected a power of two from 512 to 2M'],
    [{ cluster_size: 'large' }, 'cluster_size=large'],
    [{ compression: 'lzma' }, 'compression=lzma: expected none, zlib, zstd'],
    [{ compression: 'zstd', compat: '0.10' }, 'compression=zstd needs compat=1.1'],
    [{ backing: 'nothing' }, 'nothing does not exist'],
    [{ backing: 'new' }, 'would be its own backing file'],
    [{ backing: '' }, 'the name of an image is missing'],
  ])('by %o says why, and leaves nothing', async (options, message) => {
    if ((options as Options).backing === 'new') await writeQcow2(at('new'), Buffer.alloc(512))
    const before = readdirSync(at('.'))
    await expect(qcow2Format.create!(at('new'), newImage(4096, options as Options))).rejects.toThrow(message)
    expect(readdirSync(at('.'))).toEqual(before)
  })

  it('because its disk is too large says what would help', async () => {
    const disk = newImage(2 ** 38, { cluster_size: '512' })
    await expect(qcow2Format.create!(at('new'), disk)).rejects.toThrow(
      'at most 137438953472. Use a larger cluster_size',
    )
  })

  it('because the name of its backing file has no room says so', async () => {
    const name = 'x'.repeat(200)
    writeFileSync(at(name), '')
    const long = newImage(4096, { backing: `./././${'./'.repeat(100)}${name}`, cluster_size: '512' })
    await expect(qcow2Format.create!(at('new'), long)).rejects.toThrow('the name is too long for the header')
  })

  it('to its end leaves nothing when it is abandoned', async () => {
    const writer = await qcow2Format.create!(at('new'), newImage(1 << 20, { compression: 'zlib' }))
    await writer.write(0, Buffer.alloc(1 << 19, 1))
    expect(existsSync(at('new'))).toBe(false)
    writer.abandon()
    expect(readdirSync(at('.'))).toEqual([])
  })
})
