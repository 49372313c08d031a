// From the settings of an fio job to the generators that do the same: one per clone (numjobs), in the LUN's own units.
//
// fio's rules for regions: size and offset in percent are of the LUN; an offset in percent is rounded up to the smallest block; clone i
// starts i * offset_increment later. A region that does not fit is an error, or is cut short where the caller allows it.

import { RandomStream } from '../../sim/random'
import { formatBytes } from '../../sim/units'
import { type BlockSizes, smallestBytes } from '../blockSizes'
import type { GeneratorOptions } from '../generatorOptions'
import type { WorkloadTarget } from '../io'
import type { FioSettings } from './settings'
import type { BytesOrPercent } from './values'

/** Settings that cannot be together, or not on this LUN; `fioOption` is where the user will look. */
export class SettingError extends Error {
  override readonly name = 'SettingError'

  constructor(
    readonly fioOption: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`${fioOption}: found ${found}, expected ${expected}`)
  }
}

export interface CloneContext {
  readonly target: WorkloadTarget
  readonly clone: number
  readonly name: string
  readonly stage: number
  readonly seed: number
  /** Cut a region that is larger than the LUN instead of refusing it. */
  readonly clamp: boolean
  readonly note: (fioOption: string, text: string) => void
}

export function toGeneratorOptions(settings: FioSettings, context: CloneContext): GeneratorOptions {
  checkCombinations(settings)
  const blockSizes = settings.blockBytes.map((_, direction) => blockSizesOf(settings, direction))
  const region = regionOf(settings, context, Math.min(...blockSizes.map(smallestBytes)))
  const { timeBased, runtimeNs } = settings
  const ioBytes = settings.ioSize === null ? null : resolve(settings.ioSize, region.sizeBytes)
  const totalRuntimeNs = runtimeNs === 0 ? 0 : runtimeNs + settings.rampNs
  const flushEvery = settings.fsync || settings.fdatasync
  return {
    name: context.name,
    stage: context.stage,
    access: settings.access,
    order: settings.order,
    readPercent: settings.readPercent,
    blockSizes: { read: blockSizes[0]!, write: blockSizes[1]!, trim: blockSizes[2]! },
    queueDepth: queueDepthOf(settings, context),
    ...region,
    ...(timeBased || ioBytes !== null ? {} : { passes: settings.loops }),
    ...(ioBytes !== null && { ioBytes }),
    ...(settings.requests !== null && { requests: settings.requests * settings.loops }),
    runtimeNs: totalRuntimeNs,
    timeBased: timeBased && totalRuntimeNs > 0,
    distribution: settings.order === 'random' ? settings.distribution : { kind: 'uniform' },
    randomMap: settings.distribution.kind === 'uniform' && settings.randomMap,
    randomPercent: settings.randomPercent,
    burst: { requests: settings.sequenceRequests, between: settings.sequencer },
    strideBytes: settings.sequenceBytes,
    flushEveryWrites: flushEvery,
    flushAtEnd: settings.flushAtEnd && settings.access !== 'read' && settings.access !== 'trim',
    fua: settings.syncWrites,
    verify: settings.verify,
    verifyPhase: settings.verifyPhase,
    verifyOnly: settings.verifyOnly,
    ...(settings.verifyBacklog > 0 && { verifyBacklog: settings.verifyBacklog }),
    ...(settings.verifyBacklogBatch > 0 && { verifyBacklogBatch: settings.verifyBacklogBatch }),
    thinkTimeNs: settings.thinkTimeNs,
    thinkRequests: settings.thinkRequests,
    startDelayNs: startDelayOf(settings, context),
    ...rateOf(settings),
  }
}

function checkCombinations(settings: FioSettings): void {
  if (settings.fsync > 0 && settings.fdatasync > 0 && settings.fsync !== settings.fdatasync) {
    throw new SettingError(
      'fdatasync',
      `${settings.fdatasync} beside fsync=${settings.fsync}`,
      'one of fsync and fdatasync',
    )
  }
  if (settings.loops > 1 && settings.ioSize !== null) {
    throw new SettingError('loops', `${settings.loops} beside io_size`, 'one of loops and io_size')
  }
  if (settings.rateBytes.some((rate) => rate > 0) && settings.rateRequests.some((rate) => rate > 0)) {
    throw new SettingError('rate_iops', 'rate and rate_iops', 'one of rate and rate_iops')
  }
  if (settings.timeBased && settings.runtimeNs === 0) {
    throw new SettingError('time_based', 'no runtime', 'a runtime for time_based to fill')
  }
}

function blockSizesOf(settings: FioSettings, direction: number): BlockSizes {
  const split = settings.blockSplits[direction]
  if (split) return { kind: 'split', parts: split }
  const range = settings.blockRanges[direction]
  if (range) return { kind: 'range', ...range }
  return { kind: 'fixed', bytes: settings.blockBytes[direction]! }
}

function resolve(value: BytesOrPercent, wholeBytes: number): number {
  return 'bytes' in value ? value.bytes : Math.floor((wholeBytes * value.percent) / 100)
}

function regionOf(
  settings: FioSettings,
  context: CloneContext,
  smallest: number,
): { offsetBytes: number; sizeBytes: number } {
  const lunBytes = context.target.lunSectors * context.target.sectorBytes
  const align = settings.offsetAlignBytes || smallest
  const roundUp = (bytes: number) => Math.ceil(bytes / align) * align
  const increment = resolve(settings.offsetIncrement, lunBytes)
  const incrementBytes = 'percent' in settings.offsetIncrement ? roundUp(increment) : increment
  const rawBytes = resolve(settings.offset, lunBytes) + context.clone * incrementBytes
  const offsetBytes = 'percent' in settings.offset ? roundUp(rawBytes) : rawBytes
  const room = lunBytes - offsetBytes
  if (room <= 0) {
    const option = context.clone > 0 ? 'offset_increment' : 'offset'
    throw new SettingError(
      option,
      `a start at ${formatBytes(offsetBytes)}`,
      `less than the LUN's ${formatBytes(lunBytes)}`,
    )
  }
  if (settings.size === null) return { offsetBytes, sizeBytes: room }
  if ('percent' in settings.size) {
    const sizeBytes = Math.min(resolve(settings.size, lunBytes), room)
    return { offsetBytes, sizeBytes: sizeBytes - (sizeBytes % smallest) }
  }
  const sizeBytes = settings.size.bytes
  if (sizeBytes <= room) return { offsetBytes, sizeBytes }
  if (!context.clamp) {
    const place = offsetBytes > 0 ? ` from its offset ${formatBytes(offsetBytes)} on` : ''
    throw new SettingError(
      'size',
      formatBytes(sizeBytes),
      `at most ${formatBytes(room)}: the LUN${place}; or size=100%`,
    )
  }
  context.note('size', `size: cut from ${formatBytes(sizeBytes)} to the ${formatBytes(room)} that the LUN has`)
  return { offsetBytes, sizeBytes: room }
}

/** With an engine that was named and handles one request at a time, fio caps the depth at 1; so do we. */
function queueDepthOf(settings: FioSettings, context: CloneContext): number {
  if (settings.syncEngine === null || settings.queueDepth === 1) return settings.queueDepth
  context.note('iodepth', `iodepth=${settings.queueDepth}: 1, because ioengine=${settings.syncEngine} is synchronous`)
  return 1
}

function startDelayOf(settings: FioSettings, context: CloneContext): number {
  const spreadNs = settings.startDelayMaxNs - settings.startDelayNs
  if (spreadNs <= 0) return settings.startDelayNs
  return (
    settings.startDelayNs + RandomStream.fromSeed(context.seed, `workload/${context.name}/delay`).below(spreadNs + 1)
  )
}

function rateOf(settings: FioSettings): Pick<GeneratorOptions, 'rate'> | undefined {
  const process = settings.ratePoisson ? 'poisson' : 'linear'
  for (const [unit, rates] of [
    ['bytes', settings.rateBytes],
    ['requests', settings.rateRequests],
  ] as const) {
    if (!rates.some((rate) => rate > 0)) continue
    return { rate: { unit, read: rates[0]!, write: rates[1]!, trim: rates[2]!, process } }
  }
  return undefined
}
