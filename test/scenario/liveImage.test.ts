// Images of the LUNs that are made while hosts write: by snapshot and copy on write in the microcode, judged by law PIT.

import { describe, expect, test } from 'vitest'
import { SNAPSHOT_NONE, SNAPSHOT_OVERFLOWED, SNAPSHOT_THERE, STATUS_SNAPSHOT_STATE } from '../../assembly/abi/status'
import { lawBit } from '../../host/oracle/verdict'
import { editedMirror } from '../support/editedMicrocode'
import { bytesOf, lunOf, play, playFixture, sectorsRead } from './liveImages'

const states = (images: readonly { readonly state: string }[]): string[] => images.map(({ state }) => state)

describe('a live image', () => {
  test('is the LUN at the instant of its snapshot, and differs from what the LUN is later', () => {
    const imaged = play({ images: '  - { after: 40 ms }' })
    expect(imaged.laws).toEqual([])
    expect(states(imaged.images)).toEqual(['complete'])
    expect(imaged.run.lawsJudged & lawBit('PIT')).not.toBe(0)
    expect(imaged.run.runner.counts[37]).toBeGreaterThan(5)
    expect(bytesOf(imaged.images[0]!.content)).not.toEqual(lunOf(imaged))
    expect(imaged.word(STATUS_SNAPSHOT_STATE)).toBe(SNAPSHOT_NONE)
  })

  test('of an array at rest is the LUN', () => {
    const imaged = play({ images: '  - { after: 5 s }' })
    expect(imaged.laws).toEqual([])
    expect(bytesOf(imaged.images[0]!.content)).toEqual(lunOf(imaged))
  })

  test('a chain of three incremental images is equal to a full one, and reads less', () => {
    const kinds = ['full', 'incremental', 'incremental', 'incremental', 'full']
    const [full, ...chain] = kinds.map((kind, i) => `  - { kind: ${kind}, after: ${i < 3 ? '60 ms' : '3 s'} }`)
    const load = 'rw: randwrite, bs: 4 KiB, depth: 2, count: 1500, size: 256 KiB'
    const { images, laws } = play({ load, images: [full, ...chain].join('\n') })
    expect(laws).toEqual([])
    expect(states(images)).toEqual(kinds.map(() => 'complete'))
    expect(bytesOf(images[3]!.content)).toEqual(bytesOf(images[4]!.content))
    expect(bytesOf(images[0]!.content)).not.toEqual(bytesOf(images[4]!.content))
    for (const image of images.slice(1, 4)) expect(sectorsRead(image)).toBeLessThanOrEqual(512)
    expect(sectorsRead(images[4]!)).toBe(images[4]!.content.sectorCount)
  })

  test('a differential image has all that changed since the base, and no incremental one loses anything by it', () => {
    const images = ['full', 'incremental', 'differential', 'incremental'].map(
      (kind) => `  - { kind: ${kind}, after: 80 ms }`,
    )
    const load = 'rw: randwrite, bs: 4 KiB, depth: 2, count: 2500, size: 512 KiB'
    const played = play({ load, images: images.join('\n') })
    expect(played.laws).toEqual([])
    expect(states(played.images)).toEqual(images.map(() => 'complete'))
    expect(sectorsRead(played.images[2]!)).toBeGreaterThanOrEqual(sectorsRead(played.images[1]!))
  })

  test('of several LUNs is of one instant', () => {
    const array = 'members: 2, driveCapacity: 8 MiB, snapshotArea: 50, luns: [1 MiB, 516 KiB, rest]'
    const images = '  - { after: 40 ms }\n  - { kind: incremental, after: 40 ms }'
    const played = play({ array, images })
    expect(played.laws).toEqual([])
    expect(states(played.images)).toEqual(['complete', 'complete'])
  })

  test('lists sectors that no member can read, and has the rest', () => {
    const faults = ['64', '65']
      .flatMap((lba, bay) => [`  - latent-sector-error: { bay: ${bay}, lunLba: ${lba} }\n    at: 30 ms`])
      .concat(['  - latent-sector-error: { bay: 1, lunLba: 64 }\n    at: 30 ms'])
      .join('\n')
    const load = 'rw: randwrite, bs: 4 KiB, depth: 4, count: 1500, size: 24 KiB'
    const { images, laws } = play({ load, faults, images: '  - { after: 50 ms, depth: 1 }' })
    expect(laws).toEqual([])
    expect(states(images)).toEqual(['complete'])
    expect([...images[0]!.content.unreadableSectors]).toEqual([64])
  })
})

describe('a snapshot', () => {
  test('survives power cuts, and so does what has changed', () => {
    const played = playFixture('live-image-power-cuts')
    expect(played.laws).toEqual([])
    expect(states(played.images)).toEqual(['complete', 'complete'])
  })

  test('survives members that come and go', () => {
    const played = playFixture('live-image-members-change')
    expect(played.laws).toEqual([])
    expect(states(played.images)).toEqual(['complete', 'complete'])
  })

  test('is still there after a power cut that ends everything else', () => {
    const faults = '  - operator-snapshot: {}\n    at: 20 ms\n  - power-cut: { final: on }\n    at: 120 ms'
    const played = play({ faults })
    expect(played.laws).toEqual([])
    expect(played.word(STATUS_SNAPSHOT_STATE)).toBe(SNAPSHOT_THERE)
    expect(played.run.lawsJudged & lawBit('PIT')).not.toBe(0)
  })

  test('whose area is full says so, hosts go on, and the next one has all', () => {
    const played = playFixture('live-image-area-full')
    expect(played.laws).toEqual([])
    expect(states(played.images)).toEqual(['invalid', 'complete'])
    expect(played.run.runner.initiator.errors).toBe(0)
  })

  test('that is full stays so over a power cut', () => {
    const array = 'members: 2, driveCapacity: 6 MiB, snapshotArea: 10'
    const faults = '  - operator-snapshot: {}\n    at: 20 ms\n  - power-cut: {}\n    at: 300 ms'
    const played = play({ array, faults })
    expect(played.laws).toEqual([])
    expect(played.word(STATUS_SNAPSHOT_STATE)).toBe(SNAPSHOT_OVERFLOWED)
  })

  test('given up without an image leaves what had changed as changed', () => {
    const faults = '  - operator-snapshot: {}\n    at: 150 ms\n  - operator-release: {}\n    at: 180 ms'
    const images = '  - { after: 20 ms }\n  - { kind: incremental, after: 1 s }'
    const load = 'rw: randwrite, bs: 4 KiB, depth: 2, count: 600, size: 1 MiB'
    const played = play({ load, faults, images })
    expect(played.laws).toEqual([])
    expect(bytesOf(played.images[1]!.content)).toEqual(lunOf(played))
  })
})

const WRONG: readonly (readonly [name: string, fixture: string, file: string, from: string, to: string])[] = [
  ['overwrites without keeping', 'under-load', 'write.ts', 'if (hasSnapshots() && !leavesSnapshot(op))', 'if (false)'],
  ['keeps slots in caches', 'power-cuts', 'preserve.ts', 'hasSnapshots() ? DRIVE_FLAG_FUA : 0', '0'],
  ['forgets its slots at a boot', 'power-cuts', 'snapshot.ts', 'if (region != 0) restoreSlot(slot, region - 1)', ''],
  [
    'goes on when the area is full',
    'area-full',
    'preserve.ts',
    '? regionToKeep(op)',
    '? (areaIsFull() ? NO_BIT : regionToKeep(op))',
  ],
]

/** The members that a snapshot was taken on are gone, one after the other, when it is read. */
const BOTH_REPLACED = {
  array: 'members: 2, spares: 1, driveCapacity: 6 MiB, snapshotArea: 50',
  faults: `
  - operator-snapshot: {}
    at: 20 ms
  - pull: { bay: 0 }
    at: 120 ms
  - pull: { bay: 1 }
    after: microcode:rebuild-done`,
}

const pitOf = ({ laws }: { readonly laws: readonly string[] }): string[] => laws.filter((law) => law.startsWith('PIT'))

describe('a microcode that', () => {
  test.each(WRONG)(
    '%s breaks PIT',
    async (_name, fixture, file, from, to) => {
      expect(pitOf(playFixture(`live-image-${fixture}`, await editedMirror([{ file, from, to }])))).not.toEqual([])
    },
    120_000,
  )

  test('promotes a member without the area breaks PIT', async () => {
    const edit = { file: 'areaCopy.ts', from: '!hasSnapshots() || !isThere()', to: 'true' }
    expect(play(BOTH_REPLACED).laws).toEqual([])
    expect(pitOf(play(BOTH_REPLACED, await editedMirror([edit])))).not.toEqual([])
  }, 120_000)

  test('forgets what changes while there is a snapshot breaks PIT', async () => {
    const edit = { file: 'snapshot.ts', from: 'snapshotState != SNAPSHOT_NONE)', to: 'false)' }
    const options = {
      load: 'rw: write, bs: 4 KiB, depth: 2, size: 2 MiB',
      images: '  - { after: 40 ms, depth: 1 }\n  - { kind: incremental, after: 1 s }',
    }
    expect(play(options).laws).toEqual([])
    expect(pitOf(play(options, await editedMirror([edit])))).not.toEqual([])
  }, 120_000)
})
