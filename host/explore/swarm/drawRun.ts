// A run drawn from a seed: array, drives, workload, faults and their triggers, order, bounds. After the swarm idea (Groce et al., "Swarm
// Testing", ISSTA 2012): each run leaves most things out, so that what is left in meets itself more often.
//
// The draws know the catalogue of faults and the array's jumpers, nothing of any microcode or bug. Arrays are small and their timers
// short: what takes hours in a machine room happens within milliseconds of simulated time here.

import type { FaultSpec } from '../../faults/faultSpec'
import type { ResolvedArray, ResolvedDrive, ResolvedRemote, ResolvedScenario } from '../../scenario/scenario'
import { RandomStream } from '../../sim/random'
import type { Bounds } from '../explorer'
import { drawBounds, drawSiteBounds } from './bounds'
import { drawBurst } from './burst'
import { drawNoise, drawRotInFront } from './damage'
import { type FaultRange, pick } from './drawing'
import { drawFaults } from './faults'
import { drawLuns, ontoLuns } from './luns'
import { drawNvramLoss } from './nvram'
import { drawImageOutages, drawSiteOutages } from './outages'
import { withHandOver, withPoints } from './points'
import { drawCacheLosses, drawStepDown, hasSiteCache } from './siteCache'
import { drawLostSource, drawSpillPower } from './siteMedia'
import { drawSitePower } from './sitePower'
import { drawRemote, onSmallFrames } from './sites'
import { drawTurns, withSnapshots } from './snapshots'
import { drawStopInCaches, drawTrouble } from './trouble'
import { drawOperations } from './workload'

export interface DrawnRun {
  readonly scenario: ResolvedScenario
  readonly seed: number
  readonly bounds: Bounds
  /** Change points of the scheduler; -1: everything happens when it falls due. */
  readonly changePoints: number
}

/** 128 KiB: superblock, bitmap and their copies need 72 KiB. */
const DATA_OFFSET_SECTORS = 256
/** More regions than 4 KiB of a bitmap have room for: some of them are marked in another block. */
const FINE_REGIONS = 31_500
/** Where counters are about to cross a border: BUGS.md's lifetime-counter-cliff. */
const CLIFFS = [0, 0, 2 ** 15 - 5, 2 ** 16 - 5, 2 ** 31 - 5, 2 ** 32 - 5] as const

/** Seeds of runs lie below 2^32, apart from each other. */
export function runSeed(campaignSeed: number, index: number): number {
  return RandomStream.fromSeed(campaignSeed, `unit:${index}`).nextU32()
}

/** `hasLink`: the microcode is one that talks to another site; else there is none. */
export function drawRun(
  campaignSeed: number,
  index: number,
  microcode: ResolvedArray['microcode'],
  hasLink: boolean,
): DrawnRun {
  const seed = runSeed(campaignSeed, index)
  const remote = hasLink ? drawSecondSite(seed) : null
  const random = RandomStream.fromSeed(seed, 'swarm')
  const isGarbage = random.chance(1, 6)
  const isFine = !isGarbage && random.chance(1, 24)
  const placement = drawPlacement(RandomStream.fromSeed(seed, 'placement'))
  const local = { ...drawArray(random, microcode, !isGarbage, isFine), ...placement }
  const cache = RandomStream.fromSeed(seed, 'site-cache')
  const array = remote ? { ...local, writeCache: hasSiteCache(cache) } : local
  const drive = drawDrive(random, isGarbage, isFine)
  const bayCount = array.members + array.spares
  const bays = Array.from({ length: bayCount }, () => ({ ...drive, spinUpNs: drawSpinUp(random, array.discoveryMs) }))
  const lunSectors = drive.sectorCount - DATA_OFFSET_SECTORS
  const drawn = drawOperations(random, lunSectors, array)
  const { queueDepth, hotSectors } = drawn
  const luns = drawLuns(RandomStream.fromSeed(seed, 'luns'), lunSectors)
  const range: FaultRange = {
    bayCount,
    members: array.members,
    hotSectors,
    operations: drawn.operations.length,
    goesOnAlone: remote?.onLinkLoss !== 'stop',
    driveSectors: drive.sectorCount,
  }
  const burst = drawBurst(RandomStream.fromSeed(seed, 'burst'), remote, drawn.operations, range, lunSectors)
  const hasBurst = burst.operations.length > drawn.operations.length
  const operations = ontoLuns(burst.operations, luns, lunSectors)
  const scenario: ResolvedScenario = {
    file: `certify:${campaignSeed}:${index}`,
    name: `run-${index}`,
    story: '',
    seed,
    array: { ...array, luns },
    bays,
    remote,
    replacement: drive,
    imagePath: null,
    workload: [{ kind: 'operations', operations, queueDepth, endsAtPowerCut: false, wrap: true, line: 0 }],
    holds: [],
    faults: [
      ...drawFaults(
        RandomStream.fromSeed(seed, 'faults'),
        range,
        remote ? RandomStream.fromSeed(seed, 'places') : null,
      ),
      ...burst.faults,
      ...(remote ? ofTwoSites(seed, range) : drawNvramLoss(RandomStream.fromSeed(seed, 'nvram'), range, false)),
      ...drawTrouble(RandomStream.fromSeed(seed, 'trouble'), range),
      ...(remote && array.writeCache ? drawCacheLosses(cache, range) : []),
      ...drawLater(seed, range, { hasTwoSites: remote !== null, hasCache: array.writeCache, hasBurst }),
    ],
    limits: { simulatedNs: 120_000_000_000, commandTimeoutNs: 10_000_000_000 },
    expect: { verdict: 'pass', laws: [], arrayState: null, bays: {}, events: {}, faultsStruckMin: 0 },
  }
  const changePoints = random.chance(1, 2) ? random.below(4) : -1
  const withImages = withSnapshots(RandomStream.fromSeed(seed, 'snapshots'), scenario, range)
  const withAll = withPoints(RandomStream.fromSeed(seed, 'points'), withImages, range)
  return {
    scenario: withLast(seed, withAll, range),
    seed,
    bounds: remote ? drawSiteBounds(RandomStream.fromSeed(seed, 'site-bounds')) : drawBounds(random),
    changePoints,
  }
}

/** In one run of three. */
function drawSecondSite(seed: number): ResolvedRemote | null {
  const sites = RandomStream.fromSeed(seed, 'sites')
  if (!sites.chance(1, 3)) return null
  return onSmallFrames(drawRemote(sites), RandomStream.fromSeed(seed, 'frames'))
}

function ofTwoSites(seed: number, range: FaultRange): readonly FaultSpec[] {
  return [
    ...drawNvramLoss(RandomStream.fromSeed(seed, 'nvram'), range, true),
    ...drawSitePower(RandomStream.fromSeed(seed, 'site-power'), range),
  ]
}

interface Features {
  readonly hasTwoSites: boolean
  readonly hasCache: boolean
  readonly hasBurst: boolean
}

/** What is drawn behind all else: streams of faults are named by their place in the list. */
function drawLater(seed: number, range: FaultRange, { hasTwoSites, hasCache, hasBurst }: Features): FaultSpec[] {
  return [
    ...(hasTwoSites && hasCache ? drawStepDown(RandomStream.fromSeed(seed, 'hand-over'), range) : []),
    ...(hasTwoSites ? drawLostSource(RandomStream.fromSeed(seed, 'unreadable-copy'), range) : []),
    ...(hasBurst ? drawSpillPower(RandomStream.fromSeed(seed, 'spill-outage'), range) : []),
    ...(!hasTwoSites && hasCache ? drawStopInCaches(RandomStream.fromSeed(seed, 'stop-in-cache'), range) : []),
  ]
}

/** The same run, and what is drawn behind all that it has. `seed`: of the run. */
export function withLast(seed: number, scenario: ResolvedScenario, range: FaultRange): ResolvedScenario {
  const stream = (name: string): RandomStream => RandomStream.fromSeed(seed, name)
  const withMore = (...more: (readonly FaultSpec[])[]): ResolvedScenario => {
    return { ...scenario, faults: [...scenario.faults, ...more.flat()] }
  }
  const { array, liveImages, remote } = scenario
  if (remote) {
    const restless = withMore(drawSiteOutages(stream('outages'), range), drawNoise(stream('noise'), range))
    return withHandOver(stream('unappointed'), restless, range)
  }
  return withMore(
    liveImages ? drawImageOutages(stream('image-outages'), range) : [],
    liveImages ? drawTurns(stream('image-turns'), range) : [],
    drawRotInFront(stream('rot-in-front'), range, array.dataOffsetSectors),
  )
}

type PlacementKey = 'placement' | 'hostBusBytesPerSecond'

/** Now and then commands are under way to the controller for a while, or the host mirrors itself. */
function drawPlacement(random: RandomStream): Pick<ResolvedArray, PlacementKey> {
  if (!random.chance(1, 8)) return { placement: 'controller', hostBusBytesPerSecond: 0 }
  return {
    placement: pick(random, ['controller', 'host']),
    hostBusBytesPerSecond: pick(random, [20_000_000, 400_000_000]),
  }
}

function drawArray(
  random: RandomStream,
  microcode: ResolvedArray['microcode'],
  assumeClean: boolean,
  isFine: boolean,
): Omit<ResolvedArray, PlacementKey> {
  const cliff = random.chance(1, 3)
  return {
    microcode,
    members: isFine ? 2 : pick(random, [1, 2, 2, 2, 2, 2, 3, 3]),
    spares: pick(random, [0, 0, 1]),
    luns: [],
    writeCache: random.chance(1, 3),
    assumeClean,
    bitmapChunkSectors: isFine ? 1 : pick(random, [16, 64, 128, 512]),
    commandDeadlineMs: pick(random, [40, 40, 400]),
    discoveryMs: 60,
    // Seldom enough that nobody is woken by what a sweep does, who should have been woken by somebody else.
    bitmapSweepMs: pick(random, [5, 20, 100, 30_000]),
    resyncPauseUs: isFine ? 0 : pick(random, [0, 0, 100, 2000]),
    checkpointSectors: pick(random, [128, 512]),
    dataOffsetSectors: DATA_OFFSET_SECTORS,
    firstEvents: cliff ? pick(random, CLIFFS) : 0,
    firstCounters: cliff ? pick(random, CLIFFS) : 0,
    settings: {},
  }
}

function drawDrive(random: RandomStream, isGarbage: boolean, isFine: boolean): ResolvedDrive {
  const ns = pick(random, [20_000, 100_000, 100_000, 400_000])
  return {
    model: 'ideal',
    parameters: `channels=${pick(random, [1, 4, 8])},readNs=${ns},writeNs=${ns},flushNs=${2 * ns}`,
    volatileCache: random.chance(3, 4),
    sectorBytes: 512,
    sectorCount: isFine ? DATA_OFFSET_SECTORS + FINE_REGIONS : pick(random, [1280, 2304, 2304]),
    contents: isGarbage ? 'garbage' : 'zeros',
    spinUpNs: 0,
  }
}

/** Mostly at once or nearly; now and then after the controller has stopped waiting. */
function drawSpinUp(random: RandomStream, discoveryMs: number): number {
  if (random.chance(1, 12)) return (discoveryMs + 1 + random.below(60)) * 1_000_000
  return random.chance(1, 2) ? 0 : random.below(20_000_000)
}
