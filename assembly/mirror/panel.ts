// The front panel: strings and lists of strings for people; crosses through as-bind. Nothing in the hot path calls it.

import {
  CONFIG_ASSUME_CLEAN,
  CONFIG_BITMAP_CHUNK_SECTORS,
  CONFIG_BITMAP_SWEEP_MS,
  CONFIG_CHECKPOINT_SECTORS,
  CONFIG_COMMAND_DEADLINE_MS,
  CONFIG_DISCOVERY_MS,
  CONFIG_MEMBERS,
  CONFIG_RESYNC_PAUSE_US,
  CONFIG_SPARES,
  CONFIG_WCE,
} from '../abi/config'
import {
  ARRAY_DEGRADED,
  ARRAY_DISCOVERING,
  ARRAY_FAILED,
  ARRAY_NONE,
  ARRAY_OPTIMAL,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_EMPTY,
  BAY_STATE_FAULTY,
  BAY_STATE_FOREIGN,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
  SNAPSHOT_BROKEN,
  SNAPSHOT_NONE,
  SNAPSHOT_OVERFLOWED,
} from '../abi/status'
import { slotsUsed } from './area'
import { arrayState, bayOf, events, lunSectors, memberCount } from './array'
import { dirtyRegions, undecidedRegions } from './bitmap'
import { logLines } from './log'
import { BAYS, CONFIG } from './memory'
import { hasSnapshots } from './remoteMode'
import { markedRegions } from './remoteRecord'
import { isScrubbing, scrubMismatches } from './scrub'
import { snapshotNumber, snapshotSlots, snapshotState } from './snapshotRecord'

export function panelIdentify(): string {
  return 'Platterlab mirror, RAID 1 of 1 to 8 members, mode sync'
}

const SETTING_NAMES: string[] = [
  'members',
  'spares',
  'write-cache',
  'bitmap-chunk-sectors',
  'assume-clean',
  'command-deadline-ms',
  'discovery-ms',
  'bitmap-sweep-ms',
  'resync-pause-us',
  'checkpoint-sectors',
]
const SETTING_WORDS: u32[] = [
  CONFIG_MEMBERS,
  CONFIG_SPARES,
  CONFIG_WCE,
  CONFIG_BITMAP_CHUNK_SECTORS,
  CONFIG_ASSUME_CLEAN,
  CONFIG_COMMAND_DEADLINE_MS,
  CONFIG_DISCOVERY_MS,
  CONFIG_BITMAP_SWEEP_MS,
  CONFIG_RESYNC_PAUSE_US,
  CONFIG_CHECKPOINT_SECTORS,
]

export function panelSettingNames(): string[] {
  return SETTING_NAMES
}

/** Sets a configuration word by name, before boot. Returns '' or why not. */
export function panelConfigure(name: string, value: string): string {
  const index = SETTING_NAMES.indexOf(name)
  if (index < 0) return 'no setting "' + name + '"; known: ' + SETTING_NAMES.join(', ')
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i)
    if (digit < 48 || digit > 57) return name + ' takes a whole number, not "' + value + '"'
  }
  if (value.length == 0 || value.length > 9) return name + ' takes a whole number of 1 to 9 digits'
  const number = U32.parseInt(value)
  if (name == 'members' && (number < 1 || number > 8)) return 'members: 1 to 8'
  if (name == 'bitmap-chunk-sectors' && number != 0 && (number < 8 || popcnt(number) != 1)) {
    return 'bitmap-chunk-sectors: 0, or a power of two from 8'
  }
  store<u32>(CONFIG + (SETTING_WORDS[index] << 2), number)
  return ''
}

function arrayWord(): string {
  switch (arrayState) {
    case ARRAY_DISCOVERING:
      return 'discovering'
    case ARRAY_OPTIMAL:
      return 'optimal'
    case ARRAY_DEGRADED:
      return 'degraded'
    case ARRAY_FAILED:
      return 'failed'
    case ARRAY_NONE:
      return 'no array'
    default:
      return 'stopped'
  }
}

function bayWord(state: u32): string {
  switch (state) {
    case BAY_STATE_EMPTY:
      return 'empty'
    case BAY_STATE_SPARE:
      return 'spare'
    case BAY_STATE_REBUILDING:
      return 'rebuilding'
    case BAY_STATE_CATCHING_UP:
      return 'catching up'
    case BAY_STATE_IN_SYNC:
      return 'in sync'
    case BAY_STATE_FAULTY:
      return 'faulty'
    case BAY_STATE_FOREIGN:
      return 'foreign'
    default:
      return 'unknown'
  }
}

function snapshotLine(): string {
  const changed = markedRegions.toString() + ' regions changed since the last image'
  if (snapshotState == SNAPSHOT_NONE) return 'no snapshot, ' + changed
  const name = 'snapshot ' + snapshotNumber.toString()
  if (snapshotState == SNAPSHOT_OVERFLOWED) return name + ': its area was full, it cannot be read, ' + changed
  if (snapshotState == SNAPSHOT_BROKEN) return name + ': broken, it cannot be read, ' + changed
  return name + ': ' + slotsUsed.toString() + ' of ' + snapshotSlots.toString() + ' slots in use, ' + changed
}

export function panelStatus(): string[] {
  const lines: string[] = []
  lines.push(
    'array ' +
      arrayWord() +
      ', ' +
      memberCount.toString() +
      ' slots, ' +
      lunSectors.toString() +
      ' sectors, event count ' +
      events.toString(),
  )
  lines.push('bitmap: ' + dirtyRegions.toString() + ' regions marked, ' + undecidedRegions.toString() + ' undecided')
  if (isScrubbing()) lines.push('scrub runs, ' + scrubMismatches.toString() + ' sectors differ so far')
  else if (scrubMismatches != 0) lines.push('last scrub: ' + scrubMismatches.toString() + ' sectors differ')
  if (hasSnapshots()) lines.push(snapshotLine())
  for (let index: u32 = 0; index < BAYS; index++) {
    const bay = bayOf(index)
    if (bay.state == BAY_STATE_EMPTY) continue
    let line = 'bay ' + index.toString() + ': ' + bayWord(bay.state)
    if (bay.slot < memberCount) line += ', slot ' + bay.slot.toString()
    if (bay.state == BAY_STATE_REBUILDING)
      line += ', copied ' + bay.cursor.toString() + ' of ' + lunSectors.toString() + ' sectors'
    lines.push(line)
  }
  return lines
}

export function panelLog(): string[] {
  return logLines()
}
