import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HoleMap, knowsHoles, parseMap, readHoleMap } from '../../host/formats/raw/holeMap'
import { at, holeFile, useDirectory } from '../image/files'

useDirectory()

const hasGnuTar = String(spawnSync('tar', ['--version']).stdout).includes('GNU tar')

describe('the map of a sparse file', () => {
  it.skipIf(!hasGnuTar)('shows where data are, and holes elsewhere', async () => {
    const mib = 1 << 20
    holeFile('sparse', 5000 * mib)
    const descriptor = openSync(at('sparse'), 'r+')
    for (const offset of [0, 100 * mib, 4999 * mib]) writeSync(descriptor, Buffer.alloc(4096, 7), 0, 4096, offset)
    closeSync(descriptor)
    const map = (await readHoleMap(at('sparse')))!
    for (const offset of [0, 100 * mib, 4999 * mib]) expect(map.isHole(offset, 4096)).toBe(false)
    expect(map.isHole(mib, 98 * mib)).toBe(true)
    expect(map.dataAfter(mib).startBytes).toBe(100 * mib)
    expect(map.dataBytes).toBeLessThan(mib)
  })

  it.skipIf(!hasGnuTar)('is empty for a file that is one hole', async () => {
    holeFile('hole', 1 << 30)
    const map = (await readHoleMap(at('hole')))!
    expect(map.isHole(0, 1 << 30)).toBe(true)
    expect(map.dataAfter(0).startBytes).toBe(Number.POSITIVE_INFINITY)
  })

  it('is unknown for a file that is not there', async () => {
    expect(await readHoleMap(at('nothing'))).toBeNull()
  })

  it('is not believed where the file system is none that knows', async () => {
    expect(knowsHoles('/proc/self/maps')).toBe(false)
    expect(await readHoleMap('/proc/self/maps')).toBeNull()
  })

  it('is not made up from anything else than an archive with a map', () => {
    expect(parseMap(Buffer.alloc(511))).toBe('incomplete')
    expect(parseMap(Buffer.alloc(4096))).toBeNull()
    expect(parseMap(Buffer.alloc(4096, 'x'))).toBeNull()
  })

  it('answers as a list of bytes would', () => {
    const cells = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 })
    const questions = fc.array(fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 10 })), { maxLength: 20 })
    fc.assert(
      fc.property(cells, questions, (data, asked) => {
        const extents: [number, number][] = []
        data.forEach((isData, index) => {
          const last = extents.at(-1)
          if (isData && last && last[1] === index) last[1]++
          else if (isData) extents.push([index, index + 1])
        })
        const map = new HoleMap(extents)
        for (const [offset, bytes] of asked) {
          const isHole = !data.slice(offset, offset + bytes).includes(true)
          expect(map.isHole(offset, bytes)).toBe(isHole)
          const next = data.indexOf(true, offset)
          expect(map.dataAfter(offset).startBytes).toBe(next < 0 ? Number.POSITIVE_INFINITY : next)
        }
      }),
    )
  })
})
