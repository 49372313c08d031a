// The options that a job is made of: one function each, from a value to the settings. They throw ValueError; some leave a note.

import type { Distribution } from '../distribution'
import { distributionProblem } from '../distribution'
import type { FioSettings } from './settings'
import {
  type PerDirection,
  quote,
  readBytes,
  readBytesOrPercent,
  readCount,
  readDecimal,
  readFlag,
  readPercent,
  readPerDirection,
  readRange,
  readSplit,
  readTimeNs,
  ValueError,
} from './values'

/** Changes the settings; a returned text is a note for the user. */
type Apply = (settings: FioSettings, value: string) => string | undefined
/** For options that may stand without a value. */
type ApplyFlag = (settings: FioSettings, set: boolean) => string | undefined

export type SupportedOption =
  | { readonly kind: 'value'; readonly apply: Apply }
  | { readonly kind: 'flag'; readonly apply: ApplyFlag }

const noteOf = (result: unknown) => (typeof result === 'string' ? result : undefined)
const value = (apply: (settings: FioSettings, value: string) => unknown): SupportedOption => ({
  kind: 'value',
  apply: (settings, text) => noteOf(apply(settings, text)),
})
const flag = (apply: (settings: FioSettings, set: boolean) => unknown): SupportedOption => ({
  kind: 'flag',
  apply: (settings, set) => noteOf(apply(settings, set)),
})

const MODES: Readonly<Record<string, Pick<FioSettings, 'access' | 'order'>>> = {
  read: { access: 'read', order: 'sequential' },
  write: { access: 'write', order: 'sequential' },
  trim: { access: 'trim', order: 'sequential' },
  rw: { access: 'mixed', order: 'sequential' },
  readwrite: { access: 'mixed', order: 'sequential' },
  trimwrite: { access: 'trimwrite', order: 'sequential' },
  randread: { access: 'read', order: 'random' },
  randwrite: { access: 'write', order: 'random' },
  randtrim: { access: 'trim', order: 'random' },
  randrw: { access: 'mixed', order: 'random' },
  randtrimwrite: { access: 'trimwrite', order: 'random' },
}

function applyMode(settings: FioSettings, text: string): void {
  const [name, amount] = splitOnce(text, ':')
  const mode = MODES[name]
  if (!mode) throw new ValueError(quote(name), `one of ${Object.keys(MODES).join(', ')}`)
  Object.assign(settings, mode)
  settings.sequenceBytes = 0
  settings.sequenceRequests = 1
  if (amount === null) return
  if (mode.order === 'random') settings.sequenceRequests = readCount(amount, settings.kbBase, 1)
  else if (amount.startsWith('-')) settings.sequenceBytes = -readBytes(amount.slice(1), settings.kbBase)
  else settings.sequenceBytes = readBytes(amount, settings.kbBase)
}

function splitOnce(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

function assignDirections<T>(target: (T | undefined)[], values: PerDirection<T>): void {
  for (const [direction, given] of values.entries()) if (given !== undefined) target[direction] = given
}

const DISTRIBUTIONS = 'random, zipf:theta, pareto:power, normal:percent or zoned:access/size:…'

function readDistribution(text: string): Distribution {
  const [kind, rest] = splitOnce(text, ':')
  const numbers = ['zipf', 'pareto', 'normal'].includes(kind) && rest !== null ? rest.split(':').map(readDecimal) : []
  if (numbers.length > (kind === 'normal' ? 2 : 1)) {
    throw new ValueError(
      quote(text),
      kind === 'normal' ? 'normal:percent:centre' : `${kind} without a centre: it is not supported`,
    )
  }
  switch (kind) {
    case 'random':
      return { kind: 'uniform' }
    case 'zipf':
      return { kind: 'zipf', theta: numbers[0] ?? 1.1 } // the default is fio's
    case 'pareto':
      return { kind: 'pareto', h: numbers[0] ?? 0.2 }
    case 'normal':
      return {
        kind: 'normal',
        deviationPercent: numbers[0] ?? 0,
        ...(numbers[1] === undefined ? {} : { center: numbers[1] }),
      }
    case 'zoned':
      if (rest?.includes(',')) throw new ValueError(quote(text), 'one list of zones for all directions')
      return { kind: 'zoned', zones: readZones(rest ?? '') }
    default:
      throw new ValueError(quote(text), DISTRIBUTIONS)
  }
}

function readZones(text: string): { accessPercent: number; sizePercent: number }[] {
  return text.split(':').map((zone) => {
    const [access, size, more] = zone.split('/')
    if (!access || !size || more !== undefined) throw new ValueError(quote(zone), 'access/size in percent')
    return { accessPercent: readPercent(access), sizePercent: readPercent(size) }
  })
}

const VERIFY_METHODS =
  'md5 crc64 crc32c crc32c-intel crc32 crc16 crc7 xxhash sha512 sha256 sha1 sha3-224 sha3-256 sha3-384 sha3-512 meta pattern pattern_hdr null'.split(
    ' ',
  )
const VERIFY_OFF = ['0', 'none']

function applyVerify(settings: FioSettings, text: string): string | undefined {
  settings.verify = !VERIFY_OFF.includes(text)
  if (!settings.verify) return undefined
  if (!VERIFY_METHODS.includes(text)) throw new ValueError(quote(text), `one of ${VERIFY_METHODS.join(', ')}`)
  return `verify=${text}: the oracle stamps and checks every byte of every sector, so the method makes no difference`
}

/** Engines that handle one request at a time, whatever iodepth says. */
const SYNC_ENGINES = ['sync', 'psync', 'vsync', 'pvsync', 'pvsync2', 'mmap', 'splice']

const perDirectionRate = (key: 'rateBytes' | 'rateRequests') =>
  value((settings, text) => {
    const read = (part: string) => readCount(part, settings.kbBase, 1)
    assignDirections(settings[key], readPerDirection(text, read))
  })

const count = (
  key: 'jobs' | 'loops' | 'queueDepth' | 'requests' | 'thinkRequests' | 'fsync' | 'fdatasync',
  least: number,
) =>
  value((settings, text) => {
    settings[key] = readCount(text, settings.kbBase, least)
  })

export const SUPPORTED: Readonly<Record<string, SupportedOption>> = {
  rw: value(applyMode),
  bs: value((settings, text) => {
    const read = (part: string) => readBytes(part, settings.kbBase)
    const values = readPerDirection(text, read)
    settings.blockBytes = [4096, 4096, 4096] // an empty place means fio's default, not the inherited size
    assignDirections(settings.blockBytes, values)
  }),
  bsrange: value((settings, text) => {
    assignDirections(
      settings.blockRanges,
      readPerDirection(text, (part) => readRange(part, settings.kbBase)),
    )
  }),
  bssplit: value((settings, text) => {
    assignDirections(
      settings.blockSplits,
      readPerDirection(text, (part) => readSplit(part, settings.kbBase)),
    )
  }),
  iodepth: count('queueDepth', 1),
  ioengine: value((settings, text) => {
    settings.syncEngine = SYNC_ENGINES.includes(text) ? text : null
    return `ioengine=${text}: there is one engine here, the simulated initiator`
  }),
  size: value((settings, text) => {
    settings.size = readBytesOrPercent(text, settings.kbBase)
  }),
  io_size: value((settings, text) => {
    settings.ioSize = readBytesOrPercent(text, settings.kbBase)
  }),
  offset: value((settings, text) => {
    settings.offset = readBytesOrPercent(text, settings.kbBase)
  }),
  offset_increment: value((settings, text) => {
    settings.offsetIncrement = readBytesOrPercent(text, settings.kbBase)
  }),
  offset_align: value((settings, text) => {
    settings.offsetAlignBytes = readBytes(text, settings.kbBase)
  }),
  number_ios: count('requests', 1),
  rwmixread: value((settings, text) => {
    settings.readPercent = readPercent(text)
  }),
  rwmixwrite: value((settings, text) => {
    settings.readPercent = 100 - readPercent(text)
  }),
  percentage_random: value((settings, text) => {
    const percents = readPerDirection(text, readPercent).map((percent) => percent ?? 100)
    if (percents[0] !== percents[1] || percents[0] !== percents[2]) {
      throw new ValueError(quote(text), 'one percentage for all directions')
    }
    settings.randomPercent = percents[0]!
  }),
  rw_sequencer: value((settings, text) => {
    if (text !== 'sequential' && text !== 'identical') throw new ValueError(quote(text), 'sequential or identical')
    settings.sequencer = text
  }),
  randseed: value((settings, text) => {
    settings.seed = readCount(text, settings.kbBase, 0)
  }),
  norandommap: flag((settings, set) => {
    settings.randomMap = !set
  }),
  random_distribution: value((settings, text) => {
    settings.distribution = readDistribution(text)
    const problem = distributionProblem(settings.distribution)
    if (problem) throw new ValueError(quote(text), problem)
  }),
  numjobs: count('jobs', 1),
  loops: count('loops', 1),
  runtime: value((settings, text) => {
    settings.runtimeNs = readTimeNs(text, 's')
  }),
  ramp_time: value((settings, text) => {
    settings.rampNs = readTimeNs(text, 's')
    return 'ramp_time: the job runs so much longer; reports count this time like any other'
  }),
  time_based: flag((settings, set) => {
    settings.timeBased = set
  }),
  verify: value(applyVerify),
  do_verify: flag((settings, set) => {
    settings.verifyPhase = set
  }),
  verify_only: flag((settings, set) => {
    settings.verifyOnly = set
  }),
  verify_backlog: value((settings, text) => {
    settings.verifyBacklog = readCount(text, settings.kbBase, 0)
  }),
  verify_backlog_batch: value((settings, text) => {
    settings.verifyBacklogBatch = readCount(text, settings.kbBase, 0)
  }),
  fsync: count('fsync', 0),
  fdatasync: count('fdatasync', 0),
  end_fsync: flag((settings, set) => {
    settings.flushAtEnd ||= set
  }),
  fsync_on_close: flag((settings, set) => {
    settings.flushAtEnd ||= set
  }),
  sync: value((settings, text) => {
    if (!['0', 'none', '1', 'sync', 'dsync'].includes(text)) throw new ValueError(quote(text), 'none, sync or dsync')
    settings.syncWrites = text !== '0' && text !== 'none'
  }),
  thinktime: value((settings, text) => {
    settings.thinkTimeNs = readTimeNs(text, 'us')
  }),
  thinktime_blocks: count('thinkRequests', 1),
  startdelay: value((settings, text) => {
    const [from, to] = splitOnce(text, '-')
    settings.startDelayNs = readTimeNs(from, 's')
    settings.startDelayMaxNs = to === null ? settings.startDelayNs : readTimeNs(to, 's')
    if (settings.startDelayMaxNs < settings.startDelayNs)
      throw new ValueError(quote(text), 'a range that does not fall')
  }),
  rate: perDirectionRate('rateBytes'),
  rate_iops: perDirectionRate('rateRequests'),
  rate_process: value((settings, text) => {
    if (text !== 'linear' && text !== 'poisson') throw new ValueError(quote(text), 'linear or poisson')
    settings.ratePoisson = text === 'poisson'
  }),
  stonewall: flag((settings, set) => {
    settings.stonewall = set
  }),
  kb_base: value((settings, text) => {
    if (text !== '1000' && text !== '1024') throw new ValueError(quote(text), '1000 or 1024')
    settings.kbBase = text === '1000' ? 1000 : 1024
  }),
  zonemode: value((_, text) => {
    if (text !== 'none') throw new ValueError(quote(text), 'none: zones are not supported')
  }),
  nrfiles: value((settings, text) => {
    if (readCount(text, settings.kbBase, 1) !== 1) throw new ValueError(quote(text), '1: a job has one file, the LUN')
  }),
}

export function applyOption(settings: FioSettings, option: SupportedOption, text: string | null): string | undefined {
  if (option.kind === 'flag') return option.apply(settings, readFlag(text))
  if (text === null || text === '') throw new ValueError('no value', 'a value')
  return option.apply(settings, text)
}
