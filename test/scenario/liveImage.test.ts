// Images of the LUNs that are made while hosts write: by snapshot and copy on write in the microcode, judged by law PIT.

import { describe, expect, test } from 'vitest'
import {
  SNAPSHOT_NONE,
  SNAPSHOT_OVERFLOWED,
  SNAPSHOT_THERE,
  STATUS_SNAPSHOT,
  STATUS_SNAPSHOT_STATE,
} from '../../assembly/abi/status'
import { lawBit } from '../../host/oracle/verdict'
import { bytesOf, isSame, lunOf, play, playFixture, sectorsRead } from './liveImages'

const states = (images: readonly { readonly state: string }[]): string[] => images.map(({ state }) => state)

describe('a live image', () => {
  test('is the LUN at the instant of its snapshot, and differs from what the LUN is later', () => {
    const imaged = play({ images: '  - { after: 40 ms }' })
    expect(imaged.laws).toEqual([])
    expect(states(imaged.images)).toEqual(['complete'])
    expect(imaged.run.lawsJudged & lawBit('PIT')).not.toBe(0)
    expect(imaged.run.runner.counts[37]).toBeGreaterThan(5)
    expect(isSame(bytesOf(imaged.images[0]!.content), lunOf(imaged))).toBe(false)
    expect(imaged.word(STATUS_SNAPSHOT_STATE)).toBe(SNAPSHOT_NONE)
  })

  test('of an array at rest is the LUN', () => {
    const imaged = play({ images: '  - { after: 5 s }' })
    expect(imaged.laws).toEqual([])
    expect(isSame(bytesOf(imaged.images[0]!.content), lunOf(imaged))).toBe(true)
  })

  test('a chain of three incremental images is equal to a full one, and reads less', () => {
    const kinds = ['full', 'incremental', 'incremental', 'incremental', 'full']
    const [full, ...chain] = kinds.map((kind, i) => `  - { kind: ${kind}, after: ${i < 3 ? '60 ms' : '3 s'} }`)
    const load = 'rw: randwrite, bs: 4 KiB, depth: 2, count: 1500, size: 256 KiB'
    const { images, laws } = play({ load, images: [full, ...chain].join('\n') })
    expect(laws).toEqual([])
    expect(states(images)).toEqual(kinds.map(() => 'complete'))
    expect(isSame(bytesOf(images[3]!.content), bytesOf(images[4]!.content))).toBe(true)
    expect(isSame(bytesOf(images[0]!.content), bytesOf(images[4]!.content))).toBe(false)
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

  test('has what was acknowledged, also what a power cut takes away from the LUN', () => {
    const played = playFixture('live-image-write-cache')
    expect(played.laws).toEqual([])
    expect(states(played.images)).toEqual(['complete', 'complete'])
  })

  test('that is given up and asked for again while it is being taken is of the last time', () => {
    const asked = ['snapshot', 'release', 'snapshot'].map(
      (what, i) => `  - operator-${what}: {}\n    at: ${20 + 10 * i} ms`,
    )
    const array = 'members: 2, driveCapacity: 6 MiB, snapshotArea: 50, writeCache: on'
    const faults = [...asked, '  - power-cut: { final: on }\n    after: microcode:snapshot-taken'].join('\n')
    const played = play({ array, faults, drives: 'model: { name: ideal, parameters: "flushNs=5000000" }' })
    expect(played.laws).toEqual([])
    expect(played.word(STATUS_SNAPSHOT_STATE)).toBe(SNAPSHOT_THERE)
    expect(played.word(STATUS_SNAPSHOT)).toBe(1)
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
    expect(isSame(bytesOf(played.images[1]!.content), lunOf(played))).toBe(true)
  })
})
