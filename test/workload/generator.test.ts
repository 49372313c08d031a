import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GeneratorJob } from '../../host/workload/generator'
import { GeneratorOptionError, type GeneratorOptions } from '../../host/workload/generatorOptions'
import { brief, drive } from './drive'

const MIB = 1024 * 1024
const target = { lunSectors: 2048, sectorBytes: 512 }

function run(options: Omit<GeneratorOptions, 'name'>, seed = 1, lun = target) {
  return drive(new GeneratorJob({ name: 'job', ...options }, lun, seed))
}

describe('a sequential job', () => {
  it('covers its region once, from its offset on, in order', () => {
    const issued = run({ access: 'write', offsetBytes: 64 * 1024, sizeBytes: 16 * 1024 })
    expect(brief(issued)).toEqual(['write 128+8', 'write 136+8', 'write 144+8', 'write 152+8'])
  })

  it('leaves a rest that is shorter than a block', () => {
    expect(brief(run({ sizeBytes: 10 * 1024 }))).toEqual(['read 0+8', 'read 8+8'])
  })

  it('walks with one position per direction when it mixes', () => {
    const issued = run({ access: 'mixed', sizeBytes: 64 * 1024 })
    for (const op of ['read', 'write']) {
      const lbas = issued.filter((io) => io.op === op).map((io) => io.lba)
      expect(lbas).toEqual(lbas.map((_, i) => i * 8))
    }
    expect(issued).toHaveLength(16)
  })

  it('strides forward and wraps, as fio does for rw=write:4k', () => {
    const lbas = run({ access: 'write', sizeBytes: 32 * 1024, strideBytes: 4096 }).map((io) => io.lba)
    expect(lbas).toEqual([0, 16, 32, 48, 0, 16, 32, 48])
  })

  it('strides backward, as fio does for rw=read:-8k', () => {
    const lbas = run({ access: 'read', sizeBytes: 32 * 1024, strideBytes: -8192 }).map((io) => io.lba)
    expect(lbas).toEqual([0, 48, 40, 32, 24, 16, 8, 0])
  })
})

describe('a random job', () => {
  it('covers every block once before any repeats', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 3 }),
        (blocks, seed, passes) => {
          const lun = { lunSectors: blocks * 8, sectorBytes: 512 }
          const issued = run({ access: 'write', order: 'random', passes, queueDepth: 4 }, seed, lun)
          for (let pass = 0; pass < passes; pass++) {
            const lbas = issued.slice(pass * blocks, (pass + 1) * blocks).map((io) => io.lba)
            expect([...lbas].sort((a, b) => a - b)).toEqual(lbas.map((_, i) => i * 8))
          }
        },
      ),
    )
  })

  it('covers every sector once with a range of sizes, too', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, maxBlocks) => {
        const blockSizes = { kind: 'range', minBytes: 4096, maxBytes: maxBlocks * 4096 } as const
        const issued = run({ access: 'write', order: 'random', blockSizes }, seed)
        const covered = new Uint8Array(target.lunSectors)
        for (const io of issued) {
          for (let lba = io.lba; lba < io.lba + io.sectors; lba++) covered[lba]!++
        }
        expect(covered.every((times) => times === 1)).toBe(true)
      }),
    )
  })

  it('repeats blocks without a map, and stops after as many bytes as the region has', () => {
    const issued = run({ access: 'write', order: 'random', randomMap: false })
    expect(issued).toHaveLength(256)
    expect(new Set(issued.map((io) => io.lba)).size).toBeLessThan(200)
  })

  it('is the same for the same seed, and another for another', () => {
    const options = { access: 'mixed', order: 'random' } as const
    expect(run(options, 7)).toEqual(run(options, 7))
    expect(run(options, 7)).not.toEqual(run(options, 8))
  })

  it('keeps its draws when an unrelated option changes', () => {
    const lbas = (options: Omit<GeneratorOptions, 'name'>) => run({ order: 'random', ...options }).map((io) => io.lba)
    expect(lbas({ access: 'read' })).toEqual(lbas({ access: 'write', fua: true, queueDepth: 8 }))
    expect(lbas({ access: 'read' })).toEqual(lbas({ access: 'mixed', readPercent: 10 }))
  })

  it('runs on for a burst, then jumps', () => {
    const issued = run({
      access: 'write',
      order: 'random',
      sizeBytes: 64 * 1024,
      burst: { requests: 4, between: 'sequential' },
    })
    expect(brief(issued.slice(0, 3))).toEqual(['write 0+8', 'write 8+8', 'write 16+8'])
    const follows = issued.filter((io, i) => i > 0 && io.lba === issued[i - 1]!.lba + issued[i - 1]!.sectors)
    expect(follows.length).toBeGreaterThanOrEqual(9)
  })

  it('repeats the same place for a burst', () => {
    const issued = run({ access: 'write', order: 'random', burst: { requests: 4, between: 'identical' } })
    for (let i = 3; i + 4 < issued.length; i += 4) {
      expect(new Set(issued.slice(i, i + 4).map((io) => io.lba)).size).toBe(1)
    }
  })
})

describe('sizes and mix', () => {
  it('draws sizes by their shares', () => {
    const parts = [
      { bytes: 4096, percent: 75 },
      { bytes: 16384, percent: 25 },
      { bytes: 65536, percent: 0 },
    ]
    const issued = run({ order: 'random', randomMap: false, blockSizes: { kind: 'split', parts }, requests: 4000 })
    const small = issued.filter((io) => io.sectors === 8).length
    expect(small + issued.filter((io) => io.sectors === 32).length).toBe(4000)
    expect(small / 4000).toBeGreaterThan(0.71)
    expect(small / 4000).toBeLessThan(0.79)
  })

  it('never leaves its region', () => {
    fc.assert(
      fc.property(
        fc.record({
          access: fc.constantFrom('read', 'write', 'mixed', 'trim', 'trimwrite'),
          order: fc.constantFrom('sequential', 'random'),
          offsetBytes: fc.nat(200).map((n) => n * 4096),
          sizeBytes: fc.integer({ min: 16, max: 55 }).map((n) => n * 4096 - 1024),
          randomMap: fc.boolean(),
          randomPercent: fc.constantFrom(0, 50, 100),
          strideBytes: fc.integer({ min: -3, max: 3 }).map((n) => n * 4096),
          requests: fc.integer({ min: 1, max: 300 }),
          queueDepth: fc.integer({ min: 1, max: 9 }),
        }) as fc.Arbitrary<Omit<GeneratorOptions, 'name' | 'blockSizes'>>,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (options, maxBlocks, seed) => {
          const first = options.offsetBytes! / 512
          const blockSizes = { kind: 'range', minBytes: 4096, maxBytes: maxBlocks * 4096 } as const
          const issued = run({ ...options, blockSizes }, seed)
          expect(issued.filter((io) => io.op !== 'trim' || options.access === 'trim')).toHaveLength(options.requests!)
          const end = first + options.sizeBytes! / 512
          expect(issued.filter((io) => io.lba < first || io.lba + io.sectors > end || io.sectors <= 0)).toEqual([])
        },
      ),
    )
  })

  it('reads the share that it is told to', () => {
    const issued = run({ access: 'mixed', order: 'random', readPercent: 70, requests: 4000 })
    const reads = issued.filter((io) => io.op === 'read').length / 4000
    expect(reads).toBeGreaterThan(0.66)
    expect(reads).toBeLessThan(0.74)
    expect(run({ access: 'mixed', readPercent: 0 }).every((io) => io.op === 'write')).toBe(true)
    expect(run({ access: 'mixed', readPercent: 100 }).every((io) => io.op === 'read')).toBe(true)
  })

  it('trims each block just before it writes it', () => {
    const issued = run({ access: 'trimwrite', order: 'random', sizeBytes: 64 * 1024 })
    expect(issued).toHaveLength(32)
    for (let i = 0; i < issued.length; i += 2) {
      expect([issued[i]!.op, issued[i + 1]!.op]).toEqual(['trim', 'write'])
      expect(issued[i + 1]!.lba).toBe(issued[i]!.lba)
    }
  })
})

describe('durability', () => {
  it('flushes after every n writes, counting through all passes, and at the end of each', () => {
    const issued = run({ access: 'write', sizeBytes: 16 * 1024, passes: 2, flushEveryWrites: 3, flushAtEnd: true })
    expect(brief(issued).map((text) => text.replace(/ .*/, ''))).toEqual(
      'write write write flush write flush write write flush write write flush'.split(' '),
    )
  })

  it('waits for the writes of a pass before the flush that ends it', () => {
    const issued = run({ access: 'write', sizeBytes: 64 * 1024, queueDepth: 16, flushAtEnd: true })
    expect(issued.slice(0, 16).every((io) => io.atNs === 0)).toBe(true)
    expect(issued[16]).toMatchObject({ op: 'flush', atNs: 100_000 })
  })

  it('forces unit access on writes alone', () => {
    for (const io of run({ access: 'mixed', fua: true })) expect(io.fua).toBe(io.op === 'write')
  })
})

describe('verification', () => {
  it('reads back what it wrote, after the last write has completed', () => {
    const issued = run({ access: 'write', order: 'random', verify: true, queueDepth: 8, sizeBytes: 64 * 1024 })
    const writes = issued.slice(0, 16)
    const reads = issued.slice(16)
    expect(reads.every((io) => io.op === 'verify' && io.atNs > writes[15]!.atNs)).toBe(true)
    expect(reads.map((io) => io.lba)).toEqual(writes.map((io) => io.lba))
  })

  it('drops repeats and sorts when blocks may have been written twice', () => {
    const issued = run({ access: 'write', order: 'random', randomMap: false, verify: true })
    const reads = issued.filter((io) => io.op === 'verify').map((io) => io.lba)
    const written = new Set(issued.filter((io) => io.op === 'write').map((io) => io.lba))
    expect(reads).toEqual([...written].sort((a, b) => a - b))
  })

  it('reads back in between with a backlog', () => {
    const issued = run({ access: 'write', verify: true, sizeBytes: 40 * 1024, verifyBacklog: 4, verifyBacklogBatch: 2 })
    expect(issued.map((io) => io.op[0]).join('')).toBe('wwwwvvwwvvwwvvwwvvvv')
    expect(issued.filter((io) => io.op === 'verify').map((io) => io.lba / 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('only reads when told to verify only, and reads what it would have written', () => {
    const options = { access: 'write', order: 'random', verify: true, sizeBytes: 64 * 1024 } as const
    const verified = run(options).filter((io) => io.op === 'verify')
    expect(brief(run({ ...options, verifyOnly: true }))).toEqual(brief(verified))
  })

  it('makes the reads of a reading job verifications', () => {
    expect(run({ access: 'read', verify: true }).every((io) => io.op === 'verify')).toBe(true)
  })

  it('is skipped when the time is over', () => {
    const issued = run({ access: 'write', verify: true, runtimeNs: 1_000_000 })
    expect(issued.some((io) => io.op === 'verify')).toBe(false)
    expect(issued.at(-1)!.atNs).toBeLessThan(1_000_000)
  })
})

describe('limits and times', () => {
  it('stops at a number of requests, through several passes', () => {
    expect(run({ sizeBytes: 16 * 1024, requests: 11 })).toHaveLength(11)
  })

  it('stops at a number of bytes, without a last pass that is shorter than a block', () => {
    expect(run({ sizeBytes: 16 * 1024, ioBytes: 24 * 1024 })).toHaveLength(6)
    expect(run({ sizeBytes: 10 * 1024, ioBytes: 10 * 1024 })).toHaveLength(2)
  })

  it('fills its time when it is based on time', () => {
    const issued = run({ sizeBytes: 16 * 1024, runtimeNs: 10_000_000, timeBased: true })
    expect(issued).toHaveLength(100)
  })

  it('counts its runtime from its own start', () => {
    const job = new GeneratorJob({ name: 'j', runtimeNs: 1_000_000, timeBased: true }, target, 1)
    expect(drive(job, { startNs: 5_000_000 })).toHaveLength(10)
  })

  it('starts late when told to', () => {
    expect(run({ requests: 1, startDelayNs: 3_000_000 })[0]!.atNs).toBe(3_000_000)
  })

  it('keeps to a rate exactly', () => {
    const rate = { unit: 'requests', read: 300, write: 0, trim: 0 } as const
    const issued = run({ requests: 10, rate })
    expect(issued.map((io) => io.atNs)).toEqual(issued.map((_, i) => Math.floor((i * 1e9) / 300)))
  })

  it('keeps to a rate in bytes', () => {
    const rate = { unit: 'bytes', read: 8192, write: 0, trim: 0 } as const
    expect(run({ requests: 5, rate }).map((io) => io.atNs / 1e9)).toEqual([0, 0.5, 1, 1.5, 2])
  })

  it('keeps a Poisson rate on average', () => {
    const rate = { unit: 'requests', read: 1000, write: 0, trim: 0, process: 'poisson' } as const
    const last = run({ order: 'random', requests: 4000, queueDepth: 64, rate }).at(-1)!.atNs
    expect(last / 4e9).toBeGreaterThan(0.94)
    expect(last / 4e9).toBeLessThan(1.06)
  })

  it('thinks after its requests have completed', () => {
    const issued = run({ requests: 6, queueDepth: 4, thinkTimeNs: 1_000_000, thinkRequests: 2 })
    expect(issued.map((io) => io.atNs)).toEqual([0, 0, 1_100_000, 1_100_000, 2_200_000, 2_200_000])
  })

  it('carries its stage', () => {
    expect(new GeneratorJob({ name: 'j', stage: 2 }, target, 1).stage).toBe(2)
  })
})

describe('options that cannot be', () => {
  it.each<[keyof GeneratorOptions, Omit<GeneratorOptions, 'name'>]>([
    ['offsetBytes', { offsetBytes: 100 }],
    ['offsetBytes', { offsetBytes: MIB }],
    ['sizeBytes', { sizeBytes: 2 * MIB }],
    ['sizeBytes', { sizeBytes: 1024 }],
    ['blockSizes', { blockSizes: { kind: 'fixed', bytes: 1000 } }],
    ['blockSizes', { blockSizes: { kind: 'range', minBytes: 8192, maxBytes: 4096 } }],
    ['blockSizes', { blockSizes: { kind: 'split', parts: [{ bytes: 4096, percent: 90 }] } }],
    ['queueDepth', { queueDepth: 0 }],
    ['readPercent', { readPercent: 101 }],
    ['requests', { requests: 1.5 }],
    ['timeBased', { timeBased: true }],
    ['distribution', { order: 'random', distribution: { kind: 'zipf', theta: 1 } }],
    ['randomMap', { order: 'random', randomMap: true, distribution: { kind: 'zipf', theta: 1.2 } }],
  ])('names %s', (option, options) => {
    let error: unknown
    try {
      new GeneratorJob({ name: 'bad', ...options }, target, 1)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(GeneratorOptionError)
    expect((error as GeneratorOptionError).option).toBe(option)
  })
})
