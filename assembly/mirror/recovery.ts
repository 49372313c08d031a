// What the controller does on its own account while it serves: resync of undecided regions, catching up, rebuild, spares.
//
// One window at a time, in this order: regions that a read waits for, other undecided regions, then the rebuild of a member; a scrub when
// there is nothing else. A member is promoted only when everything was copied to it and its bitmap is complete: from then on its word counts at assembly.

import { CONFIG_CHECKPOINT_SECTORS, CONFIG_RESYNC_PAUSE_US } from '../abi/config'
import {
  EVENT_ASSEMBLED,
  EVENT_REBUILD_BEGIN,
  EVENT_REBUILD_CHECKPOINT,
  EVENT_REBUILD_DONE,
  EVENT_RESYNC_BEGIN,
  EVENT_RESYNC_DONE,
} from '../abi/events'
import {
  ARRAY_DEGRADED,
  ARRAY_FAILED,
  ARRAY_OPTIMAL,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_IN_SYNC,
  BAY_STATE_REBUILDING,
  BAY_STATE_SPARE,
} from '../abi/status'
import { cancelTimer, setTimer } from '../hal/hal'
import { areaWindowCopied, forgetAreaCopy, hasArea } from './areaCopy'
import {
  arrayState,
  bayInState,
  bayOf,
  inSync,
  lunSectors,
  NO_SLOT,
  noteBaysChanged,
  refreshArrayState,
  setArrayState,
  setBayState,
  setRole,
  vacantSlot,
  writeCacheEnabled,
  writeTargets,
} from './array'
import {
  decide,
  isSettled,
  isUndecided,
  markedBecomeUndecided,
  nextUndecided,
  rewriteAll,
  undecidedMarks,
  undecidedRegions,
} from './bitmap'
import { cachesAreLost } from './checkpoint'
import { isCopying, startCopy } from './copy'
import { raiseAttention } from './frontEnd'
import { note } from './log'
import { BUFFER_BYTES, config, HOST_SLOTS, SECTOR_BYTES } from './memory'
import { isDurable, isIdle, recordPromotion, requestCommit } from './metadata'
import { KIND_NONE, KIND_PRESERVE, KIND_READ, operation, wake, wakeAt } from './operation'
import { PRESERVE_UNDECIDED } from './preserve'
import { READ_UNDECIDED } from './read'
import { regionCount, regionEnd, regionOf, regionStart } from './regions'
import { hasRemote } from './remoteMode'
import { arrayServes } from './remoteStart'
import { scrubNext } from './scrub'
import { checkRoom, takeSnapshotIfDue } from './snapshot'
import { isDrained } from './stop'
import { startSweeping } from './sweep'
import { TIMER_COPY } from './timers'

export const WINDOW_SECTORS: u32 = BUFFER_BYTES / SECTOR_BYTES
/** A stalled copy is tried again after this long. */
const STALL_NS: f64 = 1e9
/** A rebuild is checkpointed this often, unless configured: every 64th of the LUN, at least 1 MiB. */
const CHECKPOINTS: u64 = 64
const CHECKPOINT_SECTORS_MIN: u64 = 2048

const NOTHING: u32 = 0
const REGION: u32 = 1
const REBUILD: u32 = 2

let serving: bool = false
/** Since the boot: an array that failed and serves again has lost what was in its members' caches. */
let hasServed: bool = false
/** The array is put together and waits for a commit, after which it may be served. */
let assembled: bool = false
let servingVersion: u32 = 0
/** A LUN sector that a read waits for, or none. */
let wantedLba: u64 = u64.MAX_VALUE
let doing: u32 = NOTHING
/** The region that is being copied, the next sector in it, and what `undecidedMarks` was at its start. */
let region: u32 = 0
let nextLba: u64 = 0
let marksAtStart: u32 = 0
let resyncing: bool = false
/** The bay that is being rebuilt, and where it was last checkpointed. */
let rebuildBay: u32 = 0
let checkpointLba: u64 = 0
let pausing: bool = false

export function isServing(): bool {
  return serving && (arrayState == ARRAY_OPTIMAL || arrayState == ARRAY_DEGRADED)
}

/** The array is put together; it is served as soon as the members know. */
export function serveAfter(version: u32): void {
  servingVersion = version
  assembled = true
  serving = false
  doing = NOTHING
  resyncing = false
}

/** The array is put together, and some member is there; its commit is under way. */
export function isAboutToServe(): bool {
  return assembled && !serving && inSync != 0
}

/** A commit is durable, or the bitmap is settled. */
export function afterCommit(): void {
  if (!serving && assembled && !isDurable(servingVersion) && isIdle()) requestCommit()
  if (!serving && assembled && isDurable(servingVersion) && isSettled() && inSync != 0) {
    serving = true
    if (hasServed && writeCacheEnabled) {
      raiseAttention()
      if (hasRemote()) cachesAreLost()
    }
    if (!hasServed) arrayServes()
    hasServed = true
    setArrayState(ARRAY_OPTIMAL)
    refreshArrayState()
    note(EVENT_ASSEMBLED, arrayState, 0, 0)
    startSweeping()
  }
  if (arrayState == ARRAY_FAILED) failWaiting()
  scheduleCopy()
}

/** No member is left: everybody who waits for one is told. */
function failWaiting(): void {
  for (let index: u32 = 0; index < HOST_SLOTS; index++) if (operation(index).kind != KIND_NONE) wake(operation(index))
}

/** A read needs an undecided region: it goes first. */
export function copySoon(lba: u64): void {
  wantedLba = lba
  scheduleCopy()
}

/** A drive has become a target: what is marked may differ on it, and it needs the whole bitmap. */
export function joinSlot(index: u32, slot: u32, state: u32): void {
  const bay = bayOf(index)
  bay.slot = slot
  checkRoom(index)
  forgetAreaCopy()
  setRole(bay.device, slot)
  setBayState(index, state)
  refreshArrayState()
  if (popcnt(writeTargets) > 1) markedBecomeUndecided()
  rewriteAll()
  requestCommit()
}

/** Starts the next piece of work, if there is one and nothing is under way. */
export function scheduleCopy(): void {
  if (isCopying() || pausing || !isServing() || isDrained()) return
  if (undecidedRegions != 0) {
    if (popcnt(writeTargets) > 1) return copyRegion()
    decideAll()
  }
  if (resyncing) {
    resyncing = false
    note(EVENT_RESYNC_DONE, 0, 0, 0)
  }
  if (doing == REGION) doing = NOTHING
  // A new member's bitmap must be complete before its word counts.
  if (!isSettled()) return
  const behind = bayInState(BAY_STATE_CATCHING_UP)
  if (behind != NO_SLOT) {
    if (hasArea(behind)) promote(behind)
    return
  }
  const empty = bayInState(BAY_STATE_REBUILDING)
  if (empty != NO_SLOT) return rebuildNext(empty)
  if (!useSpare()) scrubNext()
}

/** With one member there is nothing to decide between. */
function decideAll(): void {
  for (let r = nextUndecided(0); r < regionCount; r = nextUndecided(r + 1)) decide(r)
  wakeUndecided()
}

function copyRegion(): void {
  if (!resyncing) {
    resyncing = true
    note(EVENT_RESYNC_BEGIN, undecidedRegions, 0, 0)
  }
  const wanted = wantedLba != u64.MAX_VALUE ? regionOf(wantedLba) : regionCount
  const wantedFirst = wanted < regionCount && isUndecided(wanted)
  if (doing != REGION || !isUndecided(region) || (wantedFirst && wanted != region)) {
    doing = REGION
    region = wantedFirst ? wanted : nextUndecided(0)
    nextLba = regionStart(region)
    marksAtStart = undecidedMarks
  }
  copyWindow(regionEnd(region), writeTargets)
}

function copyWindow(end: u64, targets: u32): void {
  const left = end - nextLba
  startCopy(nextLba, left < <u64>WINDOW_SECTORS ? <u32>left : WINDOW_SECTORS, targets)
}

/** The copy engine has finished a window. */
export function windowCopied(lba: u64, sectors: u32): void {
  if (lba >= lunSectors) {
    areaWindowCopied(sectors)
    takeSnapshotIfDue()
    return goOnAfterPause()
  }
  nextLba = lba + sectors
  if (doing == REGION) regionAdvanced()
  else if (doing == REBUILD) rebuildAdvanced()
  goOnAfterPause()
}

/** Leaves the drives to the initiators for a while. */
export function goOnAfterPause(): void {
  const pauseUs = config(CONFIG_RESYNC_PAUSE_US)
  if (pauseUs == 0) return scheduleCopy()
  pausing = true
  setTimer(TIMER_COPY, <f64>pauseUs * 1e3)
}

/** No source could be read just now. */
export function windowStalled(): void {
  pausing = true
  setTimer(TIMER_COPY, STALL_NS)
}

/** Between two steps of its own work: there is more to come. */
export function isPausing(): bool {
  return pausing
}

/** The array is stopped: there is nothing more to come. */
export function forgetPause(): void {
  pausing = false
  cancelTimer(TIMER_COPY)
}

export function pauseEnded(): void {
  pausing = false
  scheduleCopy()
}

function regionAdvanced(): void {
  if (nextLba < regionEnd(region)) return
  doing = NOTHING
  // A write failed, or a member joined, while the region was copied: once more.
  if (marksAtStart != undecidedMarks) return
  decide(region)
  if (wantedLba != u64.MAX_VALUE && regionOf(wantedLba) == region) wantedLba = u64.MAX_VALUE
  wakeUndecided()
}

/** Replicas are equal that were not known to be. */
function wakeUndecided(): void {
  wakeAt(KIND_READ, READ_UNDECIDED)
  wakeAt(KIND_PRESERVE, PRESERVE_UNDECIDED)
}

/** Everything is on it: from now on it is read, and its word counts. */
function promote(index: u32): void {
  setBayState(index, BAY_STATE_IN_SYNC)
  refreshArrayState()
  recordPromotion()
  startSweeping()
  scheduleCopy()
}

/** Puts a spare into an empty slot; false: there is none, or no use for it. */
function useSpare(): bool {
  const slot = vacantSlot()
  const spare = bayInState(BAY_STATE_SPARE)
  if (slot == NO_SLOT || spare == NO_SLOT) return false
  bayOf(spare).cursor = 0
  joinSlot(spare, slot, BAY_STATE_REBUILDING)
  return true
}

function rebuildNext(index: u32): void {
  const bay = bayOf(index)
  if (doing != REBUILD || rebuildBay != index) {
    rebuildBay = index
    checkpointLba = bay.cursor
    note(EVENT_REBUILD_BEGIN, index, <u32>bay.cursor, 0)
  }
  if (bay.cursor >= lunSectors) {
    if (!hasArea(index)) return
    note(EVENT_REBUILD_DONE, index, 0, 0)
    return promote(index)
  }
  doing = REBUILD
  nextLba = bay.cursor
  copyWindow(lunSectors, 1 << index)
}

function rebuildAdvanced(): void {
  const bay = bayOf(rebuildBay)
  if (bay.state != BAY_STATE_REBUILDING) return
  bay.cursor = nextLba
  noteBaysChanged()
  const configured: u64 = config(CONFIG_CHECKPOINT_SECTORS)
  const distance = configured != 0 ? configured : max(lunSectors / CHECKPOINTS, CHECKPOINT_SECTORS_MIN)
  if (nextLba - checkpointLba < distance || nextLba >= lunSectors) return
  // All copied data are on the medium (FUA): the superblock may say so.
  checkpointLba = nextLba
  note(EVENT_REBUILD_CHECKPOINT, rebuildBay, <u32>nextLba, 0)
  requestCommit()
}
