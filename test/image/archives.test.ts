// What images of several formats are good for together: sums beside them, restoring them, discs.

import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { at, randomFile, useDirectory } from './files'
import { image } from './imageCli'

useDirectory()

/** Turns one bit of a file. */
function flip(name: string, offset: number): void {
  const bytes = readFileSync(at(name))
  bytes[offset]! ^= 1
  writeFileSync(at(name), bytes)
}

/** A target that is there already, and blank. */
function target(bytes: number): void {
  writeFileSync(at('target'), '')
  truncateSync(at('target'), bytes)
}

describe('image convert, to each format that can be written', () => {
  it.each(['disk.raw', 'disk.qcow2', 'disk.vhd', 'disk.vmdk', 'disk.vdi', 'disk.vhdx', 'disk.E01', 'disk.001'])(
    '%s: check, compare and restore agree that it is the same disk',
    async (name) => {
      const content = randomFile('source', 3 << 20, 1, (position) => position > 1 << 20 && position < 2 << 20)
      expect((await image('convert', at('source'), at(name))).code).toBe(0)
      expect((await image('check', at(name))).code).toBe(0)
      expect((await image('compare', at('source'), at(name))).code).toBe(0)
      target(content.length)
      expect(await image('restore', at(name), at('target'), '--state', at('state'))).toMatchObject({ code: 0 })
      expect(readFileSync(at('target')).equals(content)).toBe(true)
    },
  )
})

describe('sums beside an image', () => {
  it('find a turned bit, and where it is', async () => {
    randomFile('disk.img', 9 << 20)
    expect((await image('sums', at('disk.img'))).code).toBe(0)
    expect((await image('check', at('disk.img'))).out).toContain('with its sums): nothing wrong found')
    flip('disk.img', 5 << 20)
    const { code, out } = await image('check', at('disk.img'))
    expect(code).toBe(1)
    expect(out).toContain(`disk bytes ${4 << 20} to ${(8 << 20) - 1}`)
  })

  it('keep a damaged raw image from being restored, unless it is trusted', async () => {
    randomFile('disk.img', 1 << 20)
    await image('sums', at('disk.img'))
    flip('disk.img', 1000)
    target(1 << 20)
    const refused = await image('restore', at('disk.img'), at('target'), '--state', at('state'))
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('the archive is damaged, and nothing was written')
    expect(readFileSync(at('target')).every((byte) => byte === 0)).toBe(true)
    const insisted = await image('restore', at('disk.img'), at('target'), '--state', at('state'), '--trust')
    expect(insisted.code).toBe(0)
  })

  it('are written with a conversion, and not written over', async () => {
    randomFile('disk.img', 1 << 20)
    expect((await image('convert', at('disk.img'), at('new.qcow2'), '--sums')).code).toBe(0)
    expect(existsSync(at('new.qcow2.sums'))).toBe(true)
    expect((await image('sums', at('new.qcow2'))).code).toBe(2)
  })
})

describe('a damaged archive', () => {
  it('is not restored, and nothing is written', async () => {
    randomFile('source', 1 << 20)
    await image('convert', at('source'), at('disk.E01'))
    flip('disk.E01', readFileSync(at('disk.E01')).length >> 1)
    target(1 << 20)
    const { code, err } = await image('restore', at('disk.E01'), at('target'), '--state', at('state'))
    expect(code).toBe(2)
    expect(err).toContain('damaged')
    expect(readFileSync(at('target')).every((byte) => byte === 0)).toBe(true)
  })
})

describe('a disc', () => {
  it('gives the data of its track, without the codes', async () => {
    const content = randomFile('disc.iso', 50 * 2048)
    expect((await image('convert', at('disc.iso'), at('disc.cue'), '--from', 'iso')).code).toBe(0)
    expect((await image('check', at('disc.cue'))).code).toBe(0)
    expect((await image('convert', at('disc.cue'), at('data.img'), '--track', '1')).code).toBe(0)
    expect(readFileSync(at('data.img')).equals(content)).toBe(true)
    expect((await image('convert', at('disc.cue'), at('no.img'), '--track', '2')).err).toContain(
      'its data tracks are 1',
    )
  })
})
