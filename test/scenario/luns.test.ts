// Runs on arrays with several LUNs: what goes where, and what the judge says of it.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../host/scenario/parse'
import { runScenario } from '../../host/scenario/run'
import { InputError } from '../../host/workload/inputProblem'
import { editedMirror } from '../support/editedMicrocode'
import { runText } from '../support/runText'

const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))
/** The data space of two drives of 16 MiB has 30720 sectors. */
const array = (luns: string, more = ''): string =>
  `array: { members: 2, driveCapacity: 16 MiB, luns: ${luns}${more} }\n`

describe('a run on three LUNs', () => {
  it('passes with caches and power cuts, every LUN written to its end and read back', () => {
    const text = `${array('[1 MiB, 4100 KiB, rest]', ', writeCache: on')}workload:
  - { lun: 0, pattern: { rw: randwrite, bs: 4 KiB, depth: 4, flushEvery: 5, verify: on } }
  - { lun: 1, pattern: { rw: randwrite, bs: 20 KiB, depth: 4, flushEvery: 9, verify: on } }
  - { lun: 2, pattern: { rw: write, bs: 64 KiB, depth: 2, verify: on, flushAtEnd: on } }
faults:
  - { power-cut: {}, at: 60 ms }
  - { power-cut: {}, at: 1200 ms }
`
    for (const seed of [1, 2, 3]) {
      const { verdict } = runText(text, mirror, { seed })
      expect(verdict.verdict).toBe('pass')
      expect(verdict.figures.powerCuts).toBe(2)
    }
  })

  it('takes an image for all of them, one behind the other, and gives it back so', () => {
    const parsed = parseScenario(`${array('[4 KiB, 8 KiB, rest]')}image: a.img\n`, 'x.yaml')
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
    const image = Uint8Array.from({ length: 20_480 }, (_, at) => 1 + (at % 251))
    const source = {
      byteLength: image.length,
      read: (at: number, target: Uint8Array) => {
        const piece = image.subarray(at, at + target.length)
        target.set(piece)
        return piece.length
      },
    }
    const files = { microcode: mirror, texts: new Map(), bytes: new Map([['a.img', source]]) }
    const { verdict, lunImage } = runScenario(parsed.scenario, files, 1, { wantLunImage: true })
    expect(verdict.verdict).toBe('pass')
    // One for each LUN.
    expect(verdict.figures.flushes).toBe(3)
    expect(lunImage!.sectorCount).toBe(30_720)
    const back = new Uint8Array(image.length)
    lunImage!.read(0, image.length / 512, back, 0)
    expect(back).toEqual(image)
  })

  it('is the same run as on one LUN of that size, when it uses one alone', () => {
    const load = 'workload: [ { pattern: { rw: randrw, bs: 4 KiB, depth: 4, count: 300, size: 1 MiB } } ]'
    const alone = runText(`array: { members: 2, driveCapacity: 16 MiB }\n${load}`, mirror)
    const first = runText(`${array('[1 MiB, 1 MiB, rest]')}${load}`, mirror)
    expect(first.verdict.traceDigest).toBe(alone.verdict.traceDigest)
    expect(first.verdict.figures.microcodeEntries).toBe(alone.verdict.figures.microcodeEntries)
  })

  it('names the LUN in what it finds, and in its steps', async () => {
    const bug = await editedMirror([
      { file: 'luns.ts', from: 'return lun == 0 ? 0 : startOf(lun)', to: 'return lun != 1 ? 0 : startOf(lun)' },
    ])
    const text = `${array('[1 MiB, 1 MiB, rest]')}workload: [ { operations: { list: ['lun 1: write 8+1', 'lun 2: write 8+1'] } } ]`
    const { verdict, steps } = runText(text, bug)
    if (verdict.verdict !== 'fail') throw new Error('nothing was found')
    expect(verdict.violations[0]).toMatchObject({ law: 'DUR', lba: 2 * 2048 + 8 })
    expect(verdict.violations[0]!.found).toMatch(/\(LUN 2, LBA 8\)$/)
    expect(steps!.some((step) => step.text === 'LUN 2: write 8+1')).toBe(true)
  })
})

it('a LUN that does not fit what the array has for data is refused, with what there would be room for', () => {
  // The loader knows the drives; what the microcode keeps for itself shows when the array is there.
  expect(() => runText(array('[8 MiB, 8 MiB]'), mirror)).toThrow(InputError)
  expect(() => runText(array('[8 MiB, 8 MiB]'), mirror)).toThrow(/array.luns\[1\]: 8 MiB, expected at most 7 MiB/)
})
