import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOST_DIFFERS, LOST_MEDIUM } from '../../assembly/abi/copier'
import { ImageInputError } from '../../host/formats/imageInputError'
import type { Simulation } from '../../host/image/simulatedDrives'
import { at, holeFile, randomFile, run, storedBytes, useDirectory } from './files'

const MIB = 1 << 20

useDirectory()

function simulation(changes: Partial<Simulation> = {}): { simulation: Simulation } {
  const ideal = { model: 'ideal', parameters: undefined } as const
  return {
    simulation: { sourceDrive: ideal, targetDrive: ideal, unreadable: [], powerCutsNs: [], seed: 1, ...changes },
  }
}

describe('a copy on simulated drives', () => {
  it.each(['ideal', 'hdd', 'ssd'] as const)(
    'goes through drives of kind %s, and takes simulated time',
    async (model) => {
      const content = randomFile('source', 2 * MIB + 100)
      const kind = { model, parameters: undefined }
      const result = await run('create', 'source', 'image', {}, simulation({ sourceDrive: kind, targetDrive: kind }))
      expect(readFileSync(at('image')).equals(content)).toBe(true)
      expect(result.simulated?.timeNs).toBeGreaterThan(1e6)
      expect(readdirSync(at('')).sort()).toEqual(['image', 'source'])
    },
  )

  it('is the same every time, and another one with other drives', async () => {
    randomFile('source', MIB)
    const hdd = { model: 'hdd', parameters: undefined } as const
    const first = await run('create', 'source', 'image', {}, simulation({ sourceDrive: hdd }))
    const second = await run('create', 'source', 'image', {}, simulation({ sourceDrive: hdd }))
    const third = await run('create', 'source', 'image', {}, simulation())
    expect(second.simulated).toEqual(first.simulated)
    expect(third.simulated).not.toEqual(first.simulated)
  })

  it('ends with the right bytes whenever power fails', async () => {
    const content = randomFile('source', 3 * MIB)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30_000_000 }), { minLength: 1, maxLength: 3 }),
        fc.nat(1000),
        async (cuts, seed) => {
          const powerCutsNs = cuts.sort((a, b) => a - b)
          const result = await run('create', 'source', 'image', {}, simulation({ powerCutsNs, seed }))
          expect(result.isComplete).toBe(true)
          expect(readFileSync(at('image')).equals(content)).toBe(true)
        },
      ),
      { numRuns: 15 },
    )
  })

  it('lists bad sectors, and has zeros in their place', async () => {
    const content = randomFile('source', MIB)
    const unreadable = [{ lba: 10, sectors: 3 }]
    const result = await run('create', 'source', 'image', {}, simulation({ unreadable }))
    expect(result.lost).toEqual([{ lba: 10, sectors: 3, why: LOST_MEDIUM }])
    content.fill(0, 10 * 512, 13 * 512)
    expect(readFileSync(at('image')).equals(content)).toBe(true)
  })

  it('keeps sparse files sparse', async () => {
    holeFile('source', 256 * MIB)
    await run('create', 'source', 'image', {}, simulation())
    expect(storedBytes('image')).toBeLessThan(MIB)
  })

  it('restores and verifies in place', async () => {
    const content = randomFile('source', MIB)
    randomFile('target', MIB + 4096, 5)
    await run('restore', 'source', 'target', {}, simulation())
    expect(readFileSync(at('target')).subarray(0, MIB).equals(content)).toBe(true)
    content[512] ^= 1
    writeFileSync(at('source'), content)
    const result = await run('verify', 'source', 'target', {}, simulation())
    expect(result.lost).toEqual([{ lba: 1, sectors: 1, why: LOST_DIFFERS }])
  })

  it('refuses bad sectors beyond the source, and more data than memory should hold', async () => {
    randomFile('source', MIB)
    const beyond = run('create', 'source', 'image', {}, simulation({ unreadable: [{ lba: 2048, sectors: 1 }] }))
    await expect(beyond).rejects.toThrow(ImageInputError)
    holeFile('huge', 8 * 1024 * MIB)
    const huge = run('create', 'huge', 'image', {}, { ...simulation(), readHoles: true })
    await expect(huge).rejects.toThrow('simulated drives keep their data in memory')
    expect(readdirSync(at('')).sort()).toEqual(['huge', 'source'])
  })
})
