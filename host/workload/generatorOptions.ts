// What a generated workload does. The names follow fio's ideas, with units in them; every field but `name` has a default.
//
// `compile` checks the options against the LUN and turns bytes into sectors. A bad option ends in a GeneratorOptionError that names the
// option, so that the caller can point at the place where the user wrote it.

import { formatBytes } from '../sim/units'
import { BLOCK_MAP_BLOCKS_MAX } from './blockMap'
import { BlockSizeSampler, type BlockSizes, blockSizesProblem, describeBlockSizes } from './blockSizes'
import { type Distribution, distributionProblem, gcd } from './distribution'
import type { WorkloadTarget } from './io'

/** 'trimwrite' trims every block just before it writes it. */
export type Access = 'read' | 'write' | 'mixed' | 'trim' | 'trimwrite'

export interface GeneratorOptions {
  readonly name: string
  /** Default 'read'. */
  readonly access?: Access
  /** Default 'sequential'. */
  readonly order?: 'sequential' | 'random'
  /** Of a mixed job, the share of requests that read. Default 50. */
  readonly readPercent?: number
  /** One for all, or one per direction. Default 4 KiB. */
  readonly blockSizes?:
    | BlockSizes
    | { readonly read: BlockSizes; readonly write: BlockSizes; readonly trim: BlockSizes }
  /** Default 1. */
  readonly queueDepth?: number
  /** Where the region starts; default 0. */
  readonly offsetBytes?: number
  /** Length of the region; default: to the end of the LUN. */
  readonly sizeBytes?: number

  // When it ends: at the first limit that is met. A pass covers the region once (or as many bytes as it has).
  /** Default 1, or without limit if `requests`, `ioBytes` or `timeBased` is given. */
  readonly passes?: number
  readonly requests?: number
  /** Bytes to transfer in all passes together. */
  readonly ioBytes?: number
  /** Simulated time from this job's start after which nothing is issued. */
  readonly runtimeNs?: number
  /** Go on, pass after pass, until runtimeNs. */
  readonly timeBased?: boolean

  /** Random order only; default uniform. */
  readonly distribution?: Distribution
  /** Cover every block once in a pass before any repeats. Default: true for the uniform distribution, which alone can have it. */
  readonly randomMap?: boolean
  /** Random order: the share of requests that go to a random place; the others continue the one before. Default 100. */
  readonly randomPercent?: number
  /** Random order: a new random place only every n requests. Between two, requests follow each other, or repeat the same place. */
  readonly burst?: { readonly requests: number; readonly between: 'sequential' | 'identical' }
  /** Sequential order: skip this much after each request; may be negative. Default 0. */
  readonly strideBytes?: number

  /** A flush after every n writes; it waits for nobody, and covers the writes acknowledged before it. 0 = none. */
  readonly flushEveryWrites?: number
  /** A flush at the end of each pass, when its requests have completed. */
  readonly flushAtEnd?: boolean
  /** Every write with FUA. */
  readonly fua?: boolean

  /** Reads become verifications; after a pass every write of it is read and compared, unless the time is over. */
  readonly verify?: boolean
  /** With verify: do not read back after a pass. */
  readonly verifyPhase?: boolean
  /** With verify: read back after every n writes, `verifyBacklogBatch` (default n) at a time. */
  readonly verifyBacklog?: number
  readonly verifyBacklogBatch?: number
  /** With verify: write nothing, only read what the same job would have written. */
  readonly verifyOnly?: boolean

  /** Pause after every `thinkRequests` (default 1) requests, once they have completed. */
  readonly thinkTimeNs?: number
  readonly thinkRequests?: number
  /** At most so many requests, or bytes, a second, each direction for itself. */
  readonly rate?: Rate
  /** Nothing before this time from the start of the workload. */
  readonly startDelayNs?: number
  /** See WorkloadJob.stage. */
  readonly stage?: number
}

export interface Rate {
  readonly unit: 'requests' | 'bytes'
  /** A second; 0 = unlimited. */
  readonly read: number
  readonly write: number
  readonly trim: number
  /** Default 'linear': evenly spaced. 'poisson': exponential gaps with that mean. */
  readonly process?: 'linear' | 'poisson'
}

/** An option that cannot be; `option` is the name of a field of GeneratorOptions. */
export class GeneratorOptionError extends Error {
  override readonly name = 'GeneratorOptionError'

  constructor(
    readonly option: keyof GeneratorOptions,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`${option}: found ${found}, expected ${expected}`)
  }
}

/** Directions as array indices. */
export const DIRECTION_READ = 0
export const DIRECTION_WRITE = 1
export const DIRECTION_TRIM = 2
export const DIRECTIONS = ['read', 'write', 'trim'] as const

export interface CompiledRegion {
  readonly firstLba: number
  readonly sectors: number
  /** By direction. */
  readonly sizes: readonly BlockSizeSampler[]
  /** Unit of the random map. */
  readonly mapUnitSectors: number
  readonly randomMap: boolean
  /** Longest request of all directions in use. */
  readonly maxSectors: number
}

/** Checks everything; the rest of the generator relies on it. Throws GeneratorOptionError. */
export function compile(options: GeneratorOptions, target: WorkloadTarget): CompiledRegion {
  checkCounts(options)
  const { firstLba, sectors } = compileRegion(options, target)
  const byDirection = perDirection(options.blockSizes ?? { kind: 'fixed', bytes: 4096 })
  for (const sizes of Object.values(byDirection)) {
    const expected = blockSizesProblem(sizes, target.sectorBytes)
    if (expected) throw new GeneratorOptionError('blockSizes', describeBlockSizes(sizes), expected)
  }
  const sampler = (sizes: BlockSizes) => new BlockSizeSampler(sizes, target.sectorBytes)
  const sizes = DIRECTIONS.map((direction) => sampler(byDirection[direction]))
  const used = directionsOf(options.access ?? 'read').map((direction) => sizes[direction]!)
  const maxSectors = Math.max(...used.map((size) => size.maxSectors))
  const smallest = Math.max(...used.map((size) => size.minSectors))
  if (smallest > sectors) {
    throw new GeneratorOptionError('sizeBytes', formatBytes(sectors * target.sectorBytes), 'room for one request')
  }
  if (target.lunSectors * maxSectors > Number.MAX_SAFE_INTEGER) {
    throw new GeneratorOptionError(
      'blockSizes',
      `${maxSectors} sectors`,
      'requests that are shorter, on so large a LUN',
    )
  }
  const mapUnitSectors = used.map((size) => size.minSectors).reduce(gcd)
  const randomMap = usesRandomMap(options)
  if (randomMap && sectors / mapUnitSectors > BLOCK_MAP_BLOCKS_MAX) {
    throw new GeneratorOptionError(
      'randomMap',
      `${sectors / mapUnitSectors} blocks`,
      'fewer than 2^31, or no random map',
    )
  }
  return { firstLba, sectors, sizes, mapUnitSectors, randomMap, maxSectors }
}

function usesRandomMap(options: GeneratorOptions): boolean {
  const distribution = options.distribution ?? { kind: 'uniform' }
  const problem = distributionProblem(distribution)
  if (problem) throw new GeneratorOptionError('distribution', JSON.stringify(distribution), problem)
  if (options.order !== 'random') return false
  if (distribution.kind === 'uniform') return options.randomMap ?? true
  if (options.randomMap) throw new GeneratorOptionError('randomMap', 'true', 'the uniform distribution with it')
  return false
}

function compileRegion(options: GeneratorOptions, target: WorkloadTarget): { firstLba: number; sectors: number } {
  const { lunSectors, sectorBytes } = target
  const offsetBytes = options.offsetBytes ?? 0
  const lunBytes = lunSectors * sectorBytes
  if (!Number.isSafeInteger(offsetBytes) || offsetBytes < 0 || offsetBytes % sectorBytes !== 0) {
    throw new GeneratorOptionError(
      'offsetBytes',
      `${offsetBytes}`,
      `a multiple of the sector size, ${sectorBytes} bytes`,
    )
  }
  if (offsetBytes >= lunBytes) {
    throw new GeneratorOptionError(
      'offsetBytes',
      formatBytes(offsetBytes),
      `less than the LUN's ${formatBytes(lunBytes)}`,
    )
  }
  const sizeBytes = options.sizeBytes ?? lunBytes - offsetBytes
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes <= 0 || sizeBytes > lunBytes - offsetBytes) {
    const room = `1 to ${formatBytes(lunBytes - offsetBytes)}: the LUN from the offset on`
    throw new GeneratorOptionError('sizeBytes', `${sizeBytes} bytes`, room)
  }
  return { firstLba: offsetBytes / sectorBytes, sectors: Math.floor(sizeBytes / sectorBytes) }
}

function directionsOf(access: Access): number[] {
  if (access === 'mixed') return [DIRECTION_READ, DIRECTION_WRITE]
  return access === 'trimwrite' ? [DIRECTION_TRIM, DIRECTION_WRITE] : [DIRECTIONS.indexOf(access)]
}

function perDirection(
  sizes: NonNullable<GeneratorOptions['blockSizes']>,
): Record<(typeof DIRECTIONS)[number], BlockSizes> {
  return 'kind' in sizes ? { read: sizes, write: sizes, trim: sizes } : sizes
}

const COUNTS_FROM_ONE = [
  'queueDepth',
  'passes',
  'requests',
  'ioBytes',
  'verifyBacklog',
  'verifyBacklogBatch',
  'thinkRequests',
] as const
const COUNTS_FROM_ZERO = ['runtimeNs', 'flushEveryWrites', 'thinkTimeNs', 'startDelayNs', 'stage'] as const
const PERCENTS = ['readPercent', 'randomPercent'] as const

function checkCounts(options: GeneratorOptions): void {
  const check = (
    option: keyof GeneratorOptions,
    value: number | undefined,
    good: (value: number) => boolean,
    expected: string,
  ) => {
    if (value !== undefined && !good(value)) throw new GeneratorOptionError(option, `${value}`, expected)
  }
  const from = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least
  for (const option of COUNTS_FROM_ONE) check(option, options[option], from(1), 'an integer from 1')
  for (const option of COUNTS_FROM_ZERO) check(option, options[option], from(0), 'an integer from 0')
  for (const option of PERCENTS) check(option, options[option], (value) => value >= 0 && value <= 100, '0 to 100')
  check('strideBytes', options.strideBytes, Number.isSafeInteger, 'an integer')
  check('burst', options.burst?.requests, from(1), 'an integer from 1')
  for (const direction of DIRECTIONS) {
    check('rate', options.rate?.[direction], (value) => Number.isFinite(value) && value >= 0, 'a number from 0')
  }
  if (options.timeBased && !options.runtimeNs) {
    throw new GeneratorOptionError('timeBased', 'no runtimeNs', 'a runtime to fill')
  }
}
