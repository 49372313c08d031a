// A resolved scenario -> the scenario file that says all of it: every default filled in, nothing left to guess.
//
// What it prints is a valid file, and parses to the same scenario (name, line numbers of inline jobs and the file's name apart).

import { stringify } from 'yaml'
import type { PowerCutAction } from '../faults/faultEngine'
import type { EventFilter, FaultAction, FaultSpec, SectorRange, Trigger } from '../faults/faultSpec'
import type { Kept } from '../hardware/survival'
import { formatBytes, formatDurationNs } from '../sim/units'
import type { GeneratorOptions } from '../workload/generatorOptions'
import { formatOperation } from '../workload/operations'
import type {
  ResolvedArray,
  ResolvedDrive,
  ResolvedLiveImage,
  ResolvedRemote,
  ResolvedScenario,
  ResolvedWorkload,
} from './scenario'

const MILLISECOND_NS = 1_000_000
const MICROSECOND_NS = 1_000

function duration(ns: number): string {
  return ns === Infinity ? 'forever' : formatDurationNs(ns)
}

/** The key with its value, or nothing for 0: the microcode's own default has no name. */
function unlessZero(key: string, value: number, text: (value: number) => string): Record<string, string> {
  return value === 0 ? {} : { [key]: text(value) }
}

function arrayFile(array: ResolvedArray, drive: ResolvedDrive, bayCount: number): object {
  const bytes = (sectors: number) => formatBytes(sectors * drive.sectorBytes)
  const milliseconds = (count: number) => formatDurationNs(count * MILLISECOND_NS)
  return {
    microcode: array.microcode.kind === 'builtin' ? array.microcode.name : array.microcode.path,
    members: array.members,
    spares: array.spares,
    bays: bayCount,
    driveCapacity: bytes(drive.sectorCount),
    ...(array.luns.length > 0 && { luns: array.luns.map((sectors) => (sectors === 0 ? 'rest' : bytes(sectors))) }),
    writeCache: array.writeCache ? 'on' : 'off',
    placement: array.placement,
    hostBus: array.hostBusBytesPerSecond === 0 ? 'off' : formatBytes(array.hostBusBytesPerSecond),
    assumeClean: array.assumeClean ? 'on' : 'off',
    ...unlessZero('bitmapChunk', array.bitmapChunkSectors, bytes),
    ...unlessZero('commandDeadline', array.commandDeadlineMs, milliseconds),
    ...unlessZero('discovery', array.discoveryMs, milliseconds),
    ...unlessZero('bitmapSweep', array.bitmapSweepMs, milliseconds),
    ...unlessZero('resyncPause', array.resyncPauseUs, (count) => formatDurationNs(count * MICROSECOND_NS)),
    ...unlessZero('checkpoint', array.checkpointSectors, bytes),
    ...unlessZero('dataOffset', array.dataOffsetSectors, bytes),
    ...(array.snapshotAreaPercent && { snapshotArea: array.snapshotAreaPercent }),
    firstEvents: array.firstEvents,
    firstCounters: array.firstCounters,
    settings: array.settings,
  }
}

function bayFile(drive: ResolvedDrive | null): object {
  if (drive === null) return { empty: 'on' }
  return {
    model: { name: drive.model, parameters: drive.parameters },
    capacity: formatBytes(drive.sectorCount * drive.sectorBytes),
    volatileCache: drive.volatileCache ? 'on' : 'off',
    contents: drive.contents,
    ...unlessZero('spinUp', drive.spinUpNs, duration),
  }
}

function drivesFile({ replacement, bays }: ResolvedScenario): object {
  return {
    model: { name: replacement.model, parameters: replacement.parameters },
    volatileCache: replacement.volatileCache ? 'on' : 'off',
    sectorBytes: replacement.sectorBytes,
    contents: replacement.contents,
    ...unlessZero('spinUp', replacement.spinUpNs, duration),
    bays: Object.fromEntries(bays.map((drive, bay) => [bay, bayFile(drive)])),
  }
}

function remoteFile({ mode, onLinkLoss, linkTimeoutMs, rpoMs, link, ...points }: ResolvedRemote): object {
  const milliseconds = (value: number): string => formatDurationNs(value * MILLISECOND_NS)
  return {
    mode,
    onLinkLoss,
    linkTimeout: milliseconds(linkTimeoutMs),
    ...((mode === 'async' || (mode === 'scheduled' && rpoMs > 0)) && { rpo: milliseconds(rpoMs) }),
    ...(mode === 'scheduled' && {
      ...(points.cron === '' ? { interval: milliseconds(points.intervalMs) } : { cron: points.cron }),
      area: points.areaPercent,
    }),
    ...(mode === 'async' && { area: points.areaPercent, overflow: points.overflow }),
    ...(['received', 'one-behind', 'async'].includes(mode) && { nvram: formatBytes(points.nvramBytes) }),
    ...(mode !== 'scheduled' && { resyncSums: points.resyncSums ? 'on' : 'off' }),
    resyncRate: points.resyncKibPerSecond === 0 ? 'off' : formatBytes(points.resyncKibPerSecond * 1024),
    link: {
      latency: duration(link.latencyNs),
      bandwidth: link.bytesPerSecond === 0 ? 'off' : formatBytes(link.bytesPerSecond),
      window: formatBytes(link.windowBytes),
      mtu: link.frameBytesMax === 0 ? 'off' : formatBytes(link.frameBytesMax),
      paths: link.paths,
      fragment: formatBytes(link.fragmentBytes),
    },
  }
}

function patternFile(options: GeneratorOptions): object {
  const { access, order, blockSizes, sizeBytes, requests, runtimeNs } = options
  const direction = access === 'mixed' ? 'rw' : access
  const blockBytes = blockSizes && 'kind' in blockSizes && blockSizes.kind === 'fixed' ? blockSizes.bytes : 4096
  return {
    name: options.name,
    rw: order === 'random' ? `rand${direction}` : direction,
    bs: formatBytes(blockBytes),
    depth: options.queueDepth,
    ...(requests !== undefined && { count: requests }),
    ...(runtimeNs !== undefined && { runtime: duration(runtimeNs) }),
    ...(sizeBytes !== undefined && { size: formatBytes(sizeBytes) }),
    offset: formatBytes(options.offsetBytes ?? 0),
    readPercent: options.readPercent,
    flushEvery: options.flushEveryWrites,
    flushAtEnd: options.flushAtEnd ? 'on' : 'off',
    fua: options.fua ? 'on' : 'off',
    verify: options.verify ? 'on' : 'off',
    thinkTime: duration(options.thinkTimeNs ?? 0),
  }
}

function workloadFile(load: ResolvedWorkload): object {
  const lun = ('lun' in load && load.lun) || 0
  return { ...(lun > 0 && { lun }), ...workloadKindFile(load) }
}

function workloadKindFile(load: ResolvedWorkload): object {
  if (load.kind === 'fio') return { fio: load.path }
  if (load.kind === 'fio-text') return { job: load.text }
  if (load.kind === 'operations') {
    const { operations, queueDepth, endsAtPowerCut, wrap } = load
    return {
      operations: {
        depth: queueDepth,
        ...(endsAtPowerCut && { endsAtPowerCut: 'on' }),
        ...(wrap && { wrap: 'on' }),
        list: operations.map(formatOperation),
      },
    }
  }
  if (load.kind === 'pattern') return { pattern: patternFile(load.options) }
  return {
    trace: {
      file: load.path,
      format: load.format,
      ...(load.payloadsPath !== null && { payloads: load.payloadsPath }),
      timeScale: load.timeScale,
      ...(load.closedLoop !== null && { closedLoop: load.closedLoop }),
      depth: load.queueDepth,
      ...(load.device !== null && { device: load.device }),
      wrap: load.wrap ? 'on' : 'off',
    },
  }
}

function rangeFile(range: SectorRange): object {
  return range.lba === undefined ? { lunLba: range.lunLba, sectors: range.sectors } : { ...range }
}

function keptText(kept: Kept): string {
  if (typeof kept === 'string') return kept
  return kept.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',') || 'none'
}

/** `undefined` takes a key away. */
function powerCutFile({ tearSector, survival, final, late }: PowerCutAction): object {
  return {
    tearSector: tearSector ? 'on' : 'off',
    survival: undefined,
    final: final ? 'on' : 'off',
    late: late < 0 ? undefined : late,
    ...(survival && {
      keeps: Object.fromEntries(Object.entries(survival.bays).map(([bay, kept]) => [bay, keptText(kept)])),
      nvramKeeps: keptText(survival.nvram),
    }),
  }
}

function actionFile(action: FaultAction): object {
  const { kind, ...rest } = action
  const file: Record<string, unknown> = { ...rest }
  if ('durationNs' in rest) {
    delete file.durationNs
    file.duration = duration(rest.durationNs)
  }
  if ('force' in rest) file.force = rest.force ? 'on' : 'off'
  if (kind === 'power-cut') Object.assign(file, powerCutFile(action))
  if ('range' in rest) {
    delete file.range
    if (rest.range) Object.assign(file, rangeFile(rest.range))
  }
  // Without limit is what a place says by itself.
  if (file.count === Infinity) delete file.count
  return { [kind]: file }
}

function filterFile({ site, bay, lbaFirst, lbaLast }: EventFilter): object {
  return {
    ...(site !== undefined && { site }),
    ...(bay !== undefined && { bay }),
    ...(lbaFirst !== undefined && { lba: `${lbaFirst}-${lbaLast ?? lbaFirst}` }),
  }
}

function triggerFile(trigger: Trigger): object {
  if (trigger.kind === 'start') return { at: 'start' }
  if (trigger.kind === 'at') return { at: duration(trigger.timeNs) }
  const counted = { event: trigger.event, ...filterFile(trigger.filter) }
  if (trigger.kind === 'nth') return { after: { ...counted, n: trigger.n } }
  const ratio = `${trigger.rate.numerator}/${trigger.rate.denominator}`
  return { rate: { ...counted, ratio, ...(trigger.limit !== Infinity && { limit: trigger.limit }) } }
}

function faultFile({ name, action, trigger }: FaultSpec): object {
  return { name, ...actionFile(action), ...triggerFile(trigger) }
}

function liveImageFile({ kind, afterNs, queueDepth }: ResolvedLiveImage): object {
  return { kind, after: duration(afterNs), depth: queueDepth }
}

/** The scenario file, in YAML. `seed` is printed in place of the scenario's own. */
export function formatScenario(scenario: ResolvedScenario, seed: number | null = scenario.seed): string {
  const { expect, limits } = scenario
  return stringify(
    {
      name: scenario.name,
      story: scenario.story,
      ...(seed !== null && { seed }),
      array: arrayFile(scenario.array, scenario.replacement, scenario.bays.length),
      drives: drivesFile(scenario),
      ...(scenario.remote !== null && { remote: remoteFile(scenario.remote) }),
      ...(scenario.imagePath !== null && { image: scenario.imagePath }),
      workload: scenario.workload.map(workloadFile),
      ...(scenario.liveImages && { liveImages: scenario.liveImages.map(liveImageFile) }),
      ...(scenario.holds.length > 0 && {
        holds: scenario.holds.map(({ step, holdNs }) => ({ step, for: duration(holdNs) })),
      }),
      faults: scenario.faults.map(faultFile),
      limits: { simulatedTime: duration(limits.simulatedNs), commandTimeout: duration(limits.commandTimeoutNs) },
      expect: {
        verdict: expect.verdict,
        laws: expect.laws,
        ...(expect.arrayState !== null && { arrayState: expect.arrayState }),
        bays: expect.bays,
        events: expect.events,
        faultsStruck: expect.faultsStruckMin,
      },
    },
    { lineWidth: 100 },
  )
}
