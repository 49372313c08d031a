// A new array over the drives in the bays: the lowest become members, the next ones spares. What was on them is given up.

import {
  CONFIG_AREA_PERCENT,
  CONFIG_ASSUME_CLEAN,
  CONFIG_DATA_OFFSET_SECTORS,
  CONFIG_FIRST_EVENTS_HIGH,
  CONFIG_FIRST_EVENTS_LOW,
  CONFIG_MEMBERS,
  CONFIG_SNAPSHOT_PERCENT,
  CONFIG_SPARES,
  CONFIG_UUID_0,
  CONFIG_UUID_2,
} from '../abi/config'
import { ARRAY_NONE, BAY_STATE_EMPTY, BAY_STATE_IN_SYNC, BAY_STATE_SPARE } from '../abi/status'
import {
  bayOf,
  forgetMembers,
  NO_SLOT,
  setArrayState,
  setBayState,
  setDevices,
  setEvents,
  setIdentity,
  setRole,
  setShape,
  writeTargets,
} from './array'
import { markedBecomeUndecided, presetAll, reset, rewriteAll } from './bitmap'
import { ROLE_SPARE } from './md'
import { BAYS, CONFIG, config } from './memory'
import { requestCommit, resetCommits } from './metadata'
import { PROBE_DONE } from './probe'
import { serveAfter } from './recovery'
import { chooseChunk } from './regions'
import { hasSnapshots, isAsync, isScheduled } from './remoteMode'
import { wallSeconds } from './superblock'

/** 1 MiB, as mdadm leaves on small members. */
const DATA_OFFSET: u64 = 2048
/** Size of members is rounded down to whole 4 KiB blocks: one, at least. */
const LEAST_SECTORS: u64 = 8

/** All of the LUN has room beside itself. */
const AREA_PERCENT: u32 = 50
const JOURNAL_PERCENT: u32 = 10
const AREA_PERCENT_MAX: u32 = 90

let formatting: bool = false
let formatted: bool = false

/** The array was made since the boot. */
export function wasFormatted(): bool {
  return formatted
}

export function wantFormat(): void {
  formatting = true
}

export function isFormatting(): bool {
  return formatting
}

export function formatIfComplete(discoveryOver: bool): void {
  const members = config(CONFIG_MEMBERS)
  const spares = config(CONFIG_SPARES)
  let present: u32 = 0
  for (let index: u32 = 0; index < BAYS; index++) if (isHere(index)) present++
  // A drive that ends before its data would begin cannot be a member.
  const tooSmall = smallestCapacity(members + spares) < dataOffsetWanted() + LEAST_SECTORS
  if (present < members || members == 0 || members > 8 || tooSmall) {
    if (discoveryOver) setArrayState(ARRAY_NONE)
    return
  }
  if (present < members + spares && !discoveryOver) return
  format(members, spares)
}

function isHere(index: u32): bool {
  const bay = bayOf(index)
  return bay.state != BAY_STATE_EMPTY && bay.probe == PROBE_DONE
}

function dataOffsetWanted(): u64 {
  const configured: u64 = config(CONFIG_DATA_OFFSET_SECTORS)
  return configured != 0 ? configured : DATA_OFFSET
}

function smallestCapacity(count: u32): u64 {
  let smallest: u64 = u64.MAX_VALUE
  let seen: u32 = 0
  for (let index: u32 = 0; index < BAYS && seen < count; index++) {
    if (!isHere(index)) continue
    seen++
    if (bayOf(index).capacity < smallest) smallest = bayOf(index).capacity
  }
  return smallest
}

/** Sectors to be kept free behind the LUN for points in time, a snapshot, or the journal. */
function areaWanted(room: u64): u64 {
  if (!isScheduled() && !isAsync() && !hasSnapshots()) return 0
  const configured = config(hasSnapshots() ? CONFIG_SNAPSHOT_PERCENT : CONFIG_AREA_PERCENT)
  const usual = isAsync() ? JOURNAL_PERCENT : AREA_PERCENT
  const percent = configured != 0 ? min(configured, AREA_PERCENT_MAX) : usual
  return min(room - LEAST_SECTORS, (room * percent) / 100)
}

function format(members: u32, spares: u32): void {
  formatting = false
  formatted = true
  forgetMembers()
  resetCommits()
  setIdentity(load<u64>(CONFIG + (CONFIG_UUID_0 << 2)), load<u64>(CONFIG + (CONFIG_UUID_2 << 2)))
  setEvents(((<u64>config(CONFIG_FIRST_EVENTS_HIGH)) << 32) | config(CONFIG_FIRST_EVENTS_LOW))
  const offset = dataOffsetWanted()
  // Whole 4 KiB blocks, as md rounds the size of members without chunks.
  const room = smallestCapacity(members + spares) - offset
  setShape(members, (room - areaWanted(room)) & ~7, offset, 0, wallSeconds())
  reset()
  chooseChunk()
  let number: u32 = 0
  for (let index: u32 = 0; index < BAYS && number < members + spares; index++) {
    if (!isHere(index)) continue
    const bay = bayOf(index)
    bay.device = number
    bay.known = 1
    bay.slot = number < members ? number : NO_SLOT
    setRole(number, number < members ? number : ROLE_SPARE)
    setBayState(index, number < members ? BAY_STATE_IN_SYNC : BAY_STATE_SPARE)
    number++
  }
  setDevices(number)
  if (!config(CONFIG_ASSUME_CLEAN)) {
    presetAll()
    if (popcnt(writeTargets) > 1) markedBecomeUndecided()
  }
  // Two commits: both backup slots get a superblock of the new array, and none of an older one is found there.
  serveAfter(requestCommit() + 1)
  rewriteAll()
}
