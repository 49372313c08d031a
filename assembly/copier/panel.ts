// The front panel: the same things in words. Texts are allocated, and nothing here is called while a command is on its hot path.

import {
  COPY_DONE,
  COPY_FAILED,
  COPY_IDENTIFYING,
  COPY_RUNNING,
  COPY_STOPPED,
  COPY_STOPPING,
  COPY_SUSPENDED,
  LOST_ABORTED,
  LOST_DIFFERS,
  LOST_MEDIUM,
  LOST_TARGET,
  LOST_TARGET_SHIFT,
  REASON_COMMAND_REFUSED,
  REASON_FLUSH_FAILS,
  REASON_NVRAM_LOST,
  REASON_SECTOR_SIZES_DIFFER,
  REASON_SOURCE_DEAD,
  REASON_SOURCE_EXCHANGED,
  REASON_SOURCE_GONE,
  REASON_SOURCE_TOO_SMALL,
  REASON_TARGET_DEAD,
  REASON_TARGET_EXCHANGED,
  REASON_TARGET_GONE,
  REASON_TARGET_LOSES_TOO_MUCH,
  REASON_TARGET_TOO_SMALL,
  REASON_TARGETS_DROPPED,
  REASON_TOO_MANY_LOST,
} from '../abi/copier'
import { LOST_MISPLACED, LOST_UNCORRECTABLE, LOST_UNSTEADY, REASON_NO_CD_SECTORS } from '../abi/optical'
import {
  AREA_BAD,
  AREA_NON_SCRAPED,
  AREA_NON_TRIED,
  AREA_NON_TRIMMED,
  PHASE_FINISHED,
  REASON_TARGET_REFUSES,
} from '../abi/rescue'
import { areaCount, areaEnd, areaStart, areaStatus } from './areas'
import { hasSeveralTargets, isRescue, isVerify, job } from './job'
import { durable } from './journal'
import { entryLba, entrySectors, entryWhy, list } from './list'
import {
  firstLine,
  LOG_BEGUN,
  LOG_BOOTED,
  LOG_CANNOT_MARK,
  LOG_CANNOT_TRIM,
  LOG_DROPPED,
  LOG_FLUSH_FAILED,
  LOG_LOST,
  LOG_NVRAM_LOST,
  LOG_PHASE,
  LOG_RESUMED,
  lineAt,
  lineCount,
} from './log'
import { rescue } from './passes'
import { settings } from './settings'
import { targetAt, targetCount } from './targets'

export function panelIdentify(): string {
  return 'Platterlab copier 1: sector-by-sector copy and verify between bays'
}

export function panelSettingNames(): string[] {
  return ['chunk-sectors', 'checkpoint-sectors', 'retries', 'error-limit', 'zero-sectors', 'deadline-ms']
}

/** Sets a default for the next job; answers with an empty text, or with what is wrong. */
export function panelConfigure(name: string, value: string): string {
  if (!isNumber(value)) return name + ': found "' + value + '", expected a whole number from 0 to 4294967295'
  const number = <u32>U64.parseInt(value)
  if (name === 'chunk-sectors') settings.chunkSectors = number
  else if (name === 'checkpoint-sectors') settings.checkpointSectors = max<u32>(1, number)
  else if (name === 'retries') settings.retries = number
  else if (name === 'error-limit') settings.errorLimit = number
  else if (name === 'zero-sectors') settings.zeroSectors = number
  else if (name === 'deadline-ms') settings.deadlineMs = max<u32>(1, number)
  else return 'no setting is called "' + name + '"; known are ' + panelSettingNames().join(', ')
  return ''
}

function isNumber(value: string): bool {
  if (value.length === 0 || value.length > 10) return false
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return false
  }
  return U64.parseInt(value) <= <u64>u32.MAX_VALUE
}

export function panelStatus(): string[] {
  const lines: string[] = []
  lines.push(
    'job: ' +
      (isVerify() ? 'verify' : isRescue() ? 'rescue' : 'copy') +
      ' from bay ' +
      job.sourceBay.toString() +
      ' to bay ' +
      targetAt(0).bay.toString() +
      (hasSeveralTargets() ? ' and others' : ''),
  )
  lines.push('state: ' + stateName(job.state) + (job.reason !== 0 ? ' (' + reasonName(job.reason) + ')' : ''))
  lines.push('position: ' + job.position.toString() + ' of ' + job.sectors.toString() + ' sectors')
  lines.push('durable position: ' + durable.position.toString() + ' sectors')
  lines.push('zeros not transferred: ' + job.skipped.toString() + ' sectors')
  lines.push('commands repeated: ' + job.commandsRepeated.toString())
  lines.push('listed: ' + list.sectors.toString() + ' sectors')
  if (isRescue()) rescueLines(lines)
  if (hasSeveralTargets()) targetLines(lines)
  for (let entry: u32 = 0; entry < list.entries; entry++) {
    const text = entryLba(entry).toString() + ' + ' + entrySectors(entry).toString()
    lines.push('  sectors ' + text + ': ' + whyName(entryWhy(entry)))
  }
  if (list.dropped > 0)
    lines.push('  the list is full: ' + list.dropped.toString() + ' more sectors are counted and not listed')
  return lines
}

function targetLines(lines: string[]): void {
  for (let index: u32 = 0; index < targetCount; index++) {
    const target = targetAt(index)
    const standing =
      target.dropped !== 0 ? 'dropped: ' + reasonName(target.dropped) : job.state === COPY_DONE ? 'good' : 'takes part'
    lines.push('target ' + index.toString() + ', bay ' + target.bay.toString() + ': ' + standing)
  }
}

function rescueLines(lines: string[]): void {
  lines.push('phase: ' + phaseName(rescue.phase) + ', pass ' + rescue.pass.toString())
  for (let index: u32 = 0; index < areaCount; index++) {
    const first = job.sourceLba + areaStart(index)
    const sectors = areaEnd(index) - areaStart(index)
    lines.push('  sectors ' + first.toString() + ' + ' + sectors.toString() + ': ' + areaName(areaStatus(index)))
  }
}

/** A phase has the character of the areas that it reads. */
function phaseName(phase: u32): string {
  return phase === PHASE_FINISHED ? 'finished' : 'reading ' + areaName(phase)
}

function areaName(areaStatus: u32): string {
  switch (areaStatus) {
    case AREA_NON_TRIED:
      return 'non-tried'
    case AREA_NON_TRIMMED:
      return 'non-trimmed'
    case AREA_NON_SCRAPED:
      return 'non-scraped'
    case AREA_BAD:
      return 'bad'
    default:
      return 'finished'
  }
}

export function panelLog(): string[] {
  const lines: string[] = []
  for (let line = firstLine(); line < lineCount(); line++) {
    const at = lineAt(line)
    const microseconds = <u64>(load<f64>(at) / 1000)
    lines.push(microseconds.toString() + ' µs  ' + event(load<u32>(at, 16), load<u64>(at, 8), load<u32>(at, 20)))
  }
  return lines
}

function event(what: u32, a: u64, b: u32): string {
  switch (what) {
    case LOG_BOOTED:
      return 'booted'
    case LOG_BEGUN:
      return 'job begun'
    case LOG_RESUMED:
      return 'goes on at sector ' + a.toString()
    case LOG_LOST:
      return 'sectors ' + a.toString() + ' + ' + (b >> 8).toString() + ' listed: ' + whyName(b & 0xff)
    case LOG_FLUSH_FAILED:
      return 'flush failed; copies again from sector ' + a.toString()
    case LOG_NVRAM_LOST:
      return 'no whole record of the job in the NVRAM'
    case LOG_PHASE:
      return phaseName(b & 0xff) + ', pass ' + (b >> 8).toString() + ', ' + a.toString() + ' sectors finished'
    case LOG_DROPPED:
      return 'target ' + a.toString() + ' dropped: ' + reasonName(b)
    case LOG_CANNOT_TRIM:
      return 'bay ' + b.toString() + ' cannot trim: zeros are written'
    case LOG_CANNOT_MARK:
      return 'bay ' + b.toString() + ' cannot mark sectors unreadable: zeros are written in place of lost sectors'
    default:
      return stateName(b & 0xff) + (b >> 8 !== 0 ? ': ' + reasonName(b >> 8) : '') + ' at sector ' + a.toString()
  }
}

function stateName(state: u32): string {
  switch (state) {
    case COPY_IDENTIFYING:
      return 'identifying'
    case COPY_RUNNING:
      return 'running'
    case COPY_STOPPING:
      return 'stopping'
    case COPY_STOPPED:
      return 'stopped'
    case COPY_SUSPENDED:
      return 'suspended'
    case COPY_DONE:
      return 'done'
    case COPY_FAILED:
      return 'failed'
    default:
      return 'idle'
  }
}

function reasonName(reason: u32): string {
  switch (reason) {
    case REASON_SOURCE_GONE:
      return 'no drive in the source bay'
    case REASON_TARGET_GONE:
      return 'no drive in the target bay'
    case REASON_SOURCE_DEAD:
      return 'the source does not serve commands'
    case REASON_TARGET_DEAD:
      return 'the target does not serve commands'
    case REASON_SOURCE_EXCHANGED:
      return 'another drive is in the source bay'
    case REASON_TARGET_EXCHANGED:
      return 'another drive is in the target bay'
    case REASON_TARGET_TOO_SMALL:
      return 'the target is too small'
    case REASON_SOURCE_TOO_SMALL:
      return 'the source has fewer sectors than the job'
    case REASON_SECTOR_SIZES_DIFFER:
      return 'source and target have different sector sizes'
    case REASON_TOO_MANY_LOST:
      return 'more sectors are lost than the job allows'
    case REASON_TARGET_LOSES_TOO_MUCH:
      return 'too many sectors of the target are listed'
    case REASON_TARGETS_DROPPED:
      return 'not all targets have it'
    case REASON_FLUSH_FAILS:
      return 'the target cannot flush'
    case REASON_COMMAND_REFUSED:
      return 'a drive refuses a command'
    case REASON_TARGET_REFUSES:
      return 'the target does not take what was read'
    case REASON_NO_CD_SECTORS:
      return 'the source has no CD sectors of 2352 or 2448 bytes'
    case REASON_NVRAM_LOST:
      return 'no whole record of the job in the NVRAM'
    default:
      return 'stopped'
  }
}

function whyName(why: u32): string {
  if (why === LOST_DIFFERS) return 'differ'
  const number = why >> LOST_TARGET_SHIFT
  const side = (why & LOST_TARGET) === 0 ? 'source' : number === 0 ? 'target' : 'target ' + number.toString()
  if ((why & LOST_DIFFERS) !== 0) return side + ', differs from what was written'
  const cause = why & 0xf
  if (cause === LOST_UNCORRECTABLE) return side + ', more is wrong than its code can correct'
  if (cause === LOST_MISPLACED) return side + ', a sector of another address'
  if (cause === LOST_UNSTEADY) return side + ', no two reads agree'
  if (cause === LOST_MEDIUM) return side + ', medium error'
  return side + (cause === LOST_ABORTED ? ', command aborted' : ', no answer')
}
