// What the options of one job add up to, before anything is known of the LUN. Defaults are fio's.

import type { Distribution } from '../distribution'
import type { Access } from '../generatorOptions'
import type { BytesOrPercent, KbBase, SplitPart } from './values'

export interface FioSettings {
  kbBase: KbBase
  access: Access
  order: 'sequential' | 'random'
  /** rw=...:N: for sequential access bytes to skip, for random access requests between two random places. */
  sequenceBytes: number
  sequenceRequests: number
  sequencer: 'sequential' | 'identical'
  randomPercent: number
  /** read, write, trim */
  blockBytes: number[]
  blockRanges: ({ minBytes: number; maxBytes: number } | undefined)[]
  blockSplits: (readonly SplitPart[] | undefined)[]
  queueDepth: number
  syncEngine: string | null
  size: BytesOrPercent | null
  ioSize: BytesOrPercent | null
  offset: BytesOrPercent
  offsetIncrement: BytesOrPercent
  offsetAlignBytes: number
  requests: number | null
  readPercent: number
  seed: number | null
  randomMap: boolean
  distribution: Distribution
  jobs: number
  loops: number
  runtimeNs: number
  rampNs: number
  timeBased: boolean
  verify: boolean
  verifyPhase: boolean
  verifyOnly: boolean
  verifyBacklog: number
  verifyBacklogBatch: number
  fsync: number
  fdatasync: number
  flushAtEnd: boolean
  syncWrites: boolean
  thinkTimeNs: number
  thinkRequests: number
  startDelayNs: number
  startDelayMaxNs: number
  rateBytes: number[]
  rateRequests: number[]
  ratePoisson: boolean
  stonewall: boolean
}

export function defaultSettings(): FioSettings {
  return {
    kbBase: 1024,
    access: 'read',
    order: 'sequential',
    sequenceBytes: 0,
    sequenceRequests: 1,
    sequencer: 'sequential',
    randomPercent: 100,
    blockBytes: [4096, 4096, 4096],
    blockRanges: [undefined, undefined, undefined],
    blockSplits: [undefined, undefined, undefined],
    queueDepth: 1,
    syncEngine: null,
    size: null,
    ioSize: null,
    offset: { bytes: 0 },
    offsetIncrement: { bytes: 0 },
    offsetAlignBytes: 0,
    requests: null,
    readPercent: 50,
    seed: null,
    randomMap: true,
    distribution: { kind: 'uniform' },
    jobs: 1,
    loops: 1,
    runtimeNs: 0,
    rampNs: 0,
    timeBased: false,
    verify: false,
    verifyPhase: true,
    verifyOnly: false,
    verifyBacklog: 0,
    verifyBacklogBatch: 0,
    fsync: 0,
    fdatasync: 0,
    flushAtEnd: false,
    syncWrites: false,
    thinkTimeNs: 0,
    thinkRequests: 1,
    startDelayNs: 0,
    startDelayMaxNs: 0,
    rateBytes: [0, 0, 0],
    rateRequests: [0, 0, 0],
    ratePoisson: false,
    stonewall: false,
  }
}
