import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COPY_DONE } from '../../assembly/abi/copier'
import { ImageInputError } from '../../host/formats/imageInputError'
import { parseMapfile } from '../../host/image/mapfile'
import { type RescueOptions, type RescueRequest, type RescueResult, runRescue } from '../../host/image/rescueJob'
import type { Simulation } from '../../host/image/simulatedDrives'
import { at, copierModule, randomFile, useDirectory } from './files'

const MIB = 1 << 20
const IDEAL = { model: 'ideal', parameters: undefined } as const
const HDD = { model: 'hdd', parameters: undefined } as const

useDirectory()

function simulation(changes: Partial<Simulation> = {}): { simulation: Simulation } {
  return {
    simulation: { sourceDrive: IDEAL, targetDrive: IDEAL, unreadable: [], powerCutsNs: [], seed: 1, ...changes },
  }
}

function rescue(options: Partial<RescueOptions> = {}, request: Partial<RescueRequest> = {}): Promise<RescueResult> {
  const strategy = {
    flags: 0,
    skipFirstSectors: 0,
    skipMaxSectors: 0,
    retryPasses: 0,
    minRateKib: 0,
    readDeadlineMs: 0,
  }
  return runRescue(
    { source: at('source'), target: at('target'), mapfile: at('map'), sectorBytes: 512, force: false, ...request },
    { module: copierModule, strategy, comments: [], ...options },
  )
}

const statuses = (result: RescueResult): string =>
  result.map.areas.map(({ lba, sectors, status }) => `${lba}+${sectors}${status}`).join(' ')

describe('a rescue of a file', () => {
  it('copies it, and leaves a map file that says so', async () => {
    const content = randomFile('source', 3 * MIB + 100, 1, (position) => position % 7 === 0 || position > MIB)
    const result = await rescue()
    expect(result.isComplete).toBe(true)
    expect(readFileSync(at('target')).equals(content)).toBe(true)
    const { state, blocks } = parseMapfile(readFileSync(at('map'), 'utf8'), 'map')
    expect(state).toBe('+')
    expect(blocks).toEqual([{ startBytes: 0, bytes: 3 * MIB + 100, status: '+' }])
  })

  it('goes on after Ctrl-C, at any time, and reads nothing twice that the map file calls finished', async () => {
    const content = randomFile('source', 2 * MIB)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), async (turns) => {
        for (const name of ['target', 'map']) if (existsSync(at(name))) truncateSync(at(name), 0)
        const interrupt = new AbortController()
        let left = turns
        const onProgress = (): void => {
          if (--left === 0) interrupt.abort()
        }
        const strategy = { checkpointBytes: 65536, stepsPerTurn: 1 }
        const first = await rescue({ ...strategy, signal: interrupt.signal, onProgress }, { force: true })
        const known = parseMapfile(readFileSync(at('map'), 'utf8'), 'map')
        expect(first.isComplete).toBe(known.state === '+')
        const target = readFileSync(at('target'))
        for (const { startBytes, bytes, status } of known.blocks) {
          if (status !== '+') continue
          const end = startBytes + bytes
          expect(target.subarray(startBytes, end).equals(content.subarray(startBytes, end))).toBe(true)
        }
        // Where it was finished, it is not read: what has changed in the source since then does not come over.
        const changed = Buffer.from(content)
        for (const { startBytes, bytes, status } of known.blocks) {
          if (status === '+') changed.fill(0xee, startBytes, startBytes + bytes)
        }
        writeFileSync(at('source'), changed)
        const second = await rescue()
        writeFileSync(at('source'), content)
        expect(second.isComplete).toBe(true)
        expect(readFileSync(at('target')).equals(content)).toBe(true)
      }),
      { numRuns: 12 },
    )
  })

  it('keeps the map file up to date while it goes on', async () => {
    randomFile('source', 2 * MIB)
    const seen = new Set<number>()
    const onProgress = (): void => {
      if (!existsSync(at('map'))) return
      const { blocks } = parseMapfile(readFileSync(at('map'), 'utf8'), 'map')
      seen.add(blocks.reduce((sum, { bytes, status }) => (status === '+' ? sum + bytes : sum), 0))
    }
    await rescue({ checkpointBytes: 256 << 10, stepsPerTurn: 1, onProgress })
    expect([...seen].length).toBeGreaterThanOrEqual(8)
  })

  it('refuses targets that it could spoil, and maps that cannot be of this source', async () => {
    randomFile('source', MIB)
    randomFile('target', MIB, 2)
    await expect(rescue()).rejects.toThrow('--force writes over it')
    expect((await rescue({}, { force: true })).isComplete).toBe(true)
    await expect(rescue({}, { target: at('elsewhere') })).rejects.toThrow('elsewhere does not exist')
    await expect(rescue({}, { target: at('source') })).rejects.toThrow('are the same file')
    truncateSync(at('source'), MIB / 2)
    await expect(rescue()).rejects.toThrow(ImageInputError)
    expect(existsSync(at('elsewhere'))).toBe(false)
  })

  it('reads back what it wrote where it is asked to', async () => {
    const content = randomFile('source', MIB)
    expect((await rescue({ readBack: true })).isComplete).toBe(true)
    expect(readFileSync(at('target')).equals(content)).toBe(true)
  })

  it.each([0, 1, 511, 512, 513])('of %i bytes is whole', async (bytes) => {
    const content = randomFile('source', bytes)
    const result = await rescue()
    expect(result.isComplete).toBe(true)
    expect(readFileSync(at('target')).equals(content)).toBe(true)
    const { state, blocks } = parseMapfile(readFileSync(at('map'), 'utf8'), 'map')
    expect(state).toBe('+')
    expect(blocks).toEqual(bytes === 0 ? [] : [{ startBytes: 0, bytes, status: '+' }])
  })

  it('makes a target longer that an interrupted rescue left short', async () => {
    const content = randomFile('source', MIB)
    writeFileSync(at('target'), content.subarray(0, 4096))
    writeFileSync(at('map'), `0x1000 ? 1\n0 0x1000 +\n0x1000 ${MIB - 4096} ?\n`)
    expect((await rescue()).isComplete).toBe(true)
    expect(readFileSync(at('target')).equals(content)).toBe(true)
  })
})

describe('a rescue on simulated drives', () => {
  const bad = [
    { lba: 0, sectors: 3 },
    { lba: 1000, sectors: 200 },
    { lba: 4095, sectors: 1 },
  ]

  it('gets everything but what is bad, and a second one on a better drive gets the rest', async () => {
    const content = randomFile('source', 2 * MIB)
    const first = await rescue(simulation({ unreadable: bad }))
    expect(first.state).toBe(COPY_DONE)
    expect(statuses(first)).toBe('0+3- 3+997+ 1000+200- 1200+2895+ 4095+1-')
    const expected = Buffer.from(content)
    for (const { lba, sectors } of bad) expected.fill(0, lba * 512, (lba + sectors) * 512)
    expect(readFileSync(at('target')).equals(expected)).toBe(true)
    const strategy = {
      flags: 0,
      skipFirstSectors: 0,
      skipMaxSectors: 0,
      retryPasses: 1,
      minRateKib: 0,
      readDeadlineMs: 0,
    }
    const second = await rescue({ ...simulation(), strategy })
    expect(statuses(second)).toBe('0+4096+')
    expect(readFileSync(at('target')).equals(content)).toBe(true)
  })

  it('is the same to the digit every time, whatever the power does, but for its time', async () => {
    randomFile('source', 2 * MIB)
    const play = (name: string, powerCutsNs: number[]): Promise<RescueResult> =>
      rescue(
        {
          ...simulation({ sourceDrive: HDD, targetDrive: HDD, unreadable: bad, errorNs: 5e7, powerCutsNs }),
          comparesPlain: true,
        },
        { target: at(name), mapfile: null },
      )
    const first = await play('one', [])
    const second = await play('two', [])
    expect(second.simulated).toEqual(first.simulated)
    const third = await play('three', [3e8, 2e9, 2.1e9])
    expect(third.simulated?.powerCuts).toBe(3)
    expect(third.map).toEqual(first.map)
    expect(third.simulated?.curve).not.toEqual(first.simulated?.curve)
    expect(readFileSync(at('three')).equals(readFileSync(at('one')))).toBe(true)
  })

  it('has the good parts long before a plain copy has them', async () => {
    randomFile('source', 4 * MIB)
    const { simulated } = await rescue({
      ...simulation({ sourceDrive: HDD, targetDrive: HDD, unreadable: [{ lba: 500, sectors: 300 }], errorNs: 1e9 }),
      comparesPlain: true,
    })
    const timeOf = (curve: readonly { timeNs: number; sectors: number }[], sectors: number): number =>
      curve.find((point) => point.sectors >= sectors)!.timeNs
    const good = 8192 - 300
    expect(simulated!.curve.at(-1)!.sectors).toBe(good)
    expect(simulated!.plain!.at(-1)!.sectors).toBe(good)
    expect(timeOf(simulated!.curve, good * 0.9) * 10).toBeLessThan(timeOf(simulated!.plain!, good * 0.9))
  })

  it('loses what lies under a head that dies, and nothing else', async () => {
    const content = randomFile('source', 4 * MIB)
    const dying = simulation({ sourceDrive: HDD, headDeath: { head: 2, atNs: 0 }, errorNs: 1e6 })
    const result = await rescue(dying)
    const lost = result.map.areas.filter(({ status }) => status === '-')
    expect(lost.length).toBeGreaterThan(1)
    const target = readFileSync(at('target'))
    for (const { lba, sectors, status } of result.map.areas) {
      const [start, end] = [lba * 512, (lba + sectors) * 512]
      if (status === '+') expect(target.subarray(start, end).equals(content.subarray(start, end))).toBe(true)
    }
    const later = await rescue(simulation({ sourceDrive: HDD, headDeath: { head: 2, atNs: 5e8 }, errorNs: 1e6 }), {
      target: at('later'),
      mapfile: null,
    })
    const lostOf = (map: RescueResult['map']): number =>
      map.areas.reduce((sum, { sectors, status }) => (status === '+' ? sum : sum + sectors), 0)
    expect(lostOf(later.map)).toBeGreaterThan(0)
    expect(lostOf(later.map)).toBeLessThan(lostOf(result.map))
  })

  it.each([
    [{ headDeath: { head: 0, atNs: 0 } }, 'expected a source drive of kind hdd'],
    [
      { sourceDrive: HDD, headDeath: { head: 99, atNs: 0 } },
      'a head that dies: found head 99, expected a head from 0 to',
    ],
    [{ slow: [{ lba: 1, sectors: 1e6, factor: 2 }] }, 'slow sectors: found 1000000'],
  ])('refuses a fault that its drive cannot have, and leaves no target', async (changes, words) => {
    randomFile('source', MIB)
    await expect(rescue(simulation(changes))).rejects.toThrow(words)
    expect(existsSync(at('target'))).toBe(false)
  })
})
