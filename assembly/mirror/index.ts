// The mirroring controller: its entry points. Each one notes what happened, lets every operation that waited for it go as far as it can,
// and brings the status words up to date.

import { CONFIG_FIRST_COUNTERS, CONFIG_WCE, CONFIG_WORDS } from '../abi/config'
import {
  ABI_MAGIC,
  ABI_VERSION,
  BAY_PRESENT,
  BOOT_FORMAT,
  DESCRIPTOR_ABI_VERSION,
  DESCRIPTOR_BAY_COUNT,
  DESCRIPTOR_BUFFER_BYTES,
  DESCRIPTOR_BUFFER_STRIDE,
  DESCRIPTOR_BUFFERS_ADDRESS,
  DESCRIPTOR_CONFIG_ADDRESS,
  DESCRIPTOR_CONFIG_WORDS,
  DESCRIPTOR_DMA_BYTES,
  DESCRIPTOR_DRIVE_SLOT_COUNT,
  DESCRIPTOR_DRIVE_SLOTS_ADDRESS,
  DESCRIPTOR_FRAME_BYTES,
  DESCRIPTOR_FRAME_COUNT,
  DESCRIPTOR_FRAMES_ADDRESS,
  DESCRIPTOR_HOST_SLOT_COUNT,
  DESCRIPTOR_HOST_SLOTS_ADDRESS,
  DESCRIPTOR_MAGIC,
  DESCRIPTOR_NVRAM_ADDRESS,
  DESCRIPTOR_NVRAM_BYTES,
  DESCRIPTOR_STATUS_ADDRESS,
  DESCRIPTOR_STATUS_WORDS,
  DESCRIPTOR_TIMER_COUNT,
} from '../abi/descriptor'
import { BAY_STATE_EMPTY, BAY_STATE_UNKNOWN, STATUS_WORDS } from '../abi/status'
import { bayOf, setBayState, setWriteCache } from './array'
import { driveArrived, driveLeft, isAwaitingProbe, probeArrivals } from './arrivals'
import { advanceAssemble, discoveryEnded, startDiscovery } from './assemble'
import { advanceBitmap, startBitmapCounters } from './bitmap'
import { advanceCheckpoint } from './checkpoint'
import { advanceCompare } from './compare'
import { advanceCopy } from './copy'
import { advanceFlush } from './flush'
import { wantFormat } from './format'
import { dispatchCommand } from './frontEnd'
import { buffersAreFree } from './journalSend'
import { advanceJournalRead, advanceSpill } from './journalSpill'
import { startLog } from './log'
import {
  BAY_SHIFT,
  BAYS,
  BUFFER_BYTES,
  BUFFER_STRIDE,
  CONFIG,
  config,
  DESCRIPTOR,
  DMA_BYTES,
  DRIVE_SLOT_TABLE,
  DRIVE_SLOTS,
  driveSlot,
  FRAME_BYTES,
  FRAME_TABLE,
  FRAMES,
  HOST_BUFFERS,
  HOST_SLOT_TABLE,
  HOST_SLOTS,
  NVRAM,
  NVRAM_BYTES,
  OP_PROBE,
  STATUS,
} from './memory'
import { advanceMetadata, loseMember, retryMetadata, startVersions } from './metadata'
import {
  answered,
  DRIVE_TIMED_OUT,
  deadlineTick,
  KIND_ASSEMBLE,
  KIND_BITMAP,
  KIND_CHECKPOINT,
  KIND_COPY,
  KIND_FLUSH,
  KIND_JOURNAL,
  KIND_METADATA,
  KIND_PRESERVE,
  KIND_READ,
  KIND_REMOTE_COPY,
  KIND_SCRUB,
  KIND_SPILL,
  KIND_STAGE,
  KIND_SUM,
  KIND_SWEEP,
  KIND_SWITCH,
  KIND_WRITE,
  nextReady,
  Operation,
  operation,
  startTicks,
} from './operation'
import { operatorRequest } from './operator'
import { advancePreserve } from './preserve'
import { probeAnswered } from './probe'
import { startArrivals } from './ranges'
import { advanceRead, readEnded } from './read'
import { pauseEnded } from './recovery'
import { hear, linkTick } from './remote'
import { advanceRemoteCopy, remotePauseEnded } from './remoteCopy'
import { framesAreFree } from './remoteFrames'
import { goOnChanging } from './remoteRoles'
import { appointedTime } from './schedule'
import { advanceScrub } from './scrub'
import { takeSnapshotIfDue } from './snapshot'
import { advanceStage } from './stage'
import { refreshStatus } from './status'
import { advanceStop, isStopped, isStopping } from './stop'
import { advanceSweep, sweep } from './sweep'
import { advanceSwitch } from './switch'
import {
  TIMER_APPOINTED,
  TIMER_COPY,
  TIMER_DEADLINE,
  TIMER_DISCOVERY,
  TIMER_LINK,
  TIMER_REMOTE_COPY,
  TIMER_RETRY,
  TIMER_SWEEP,
  TIMERS,
} from './timers'
import { advanceWrite } from './write'

export { panelConfigure, panelIdentify, panelLog, panelSettingNames, panelStatus } from './panel'

function describeWord(word: u32, value: u32): void {
  store<u32>(DESCRIPTOR + (word << 2), value)
}

export function describe(): u32 {
  describeWord(DESCRIPTOR_MAGIC, ABI_MAGIC)
  describeWord(DESCRIPTOR_ABI_VERSION, ABI_VERSION)
  describeWord(DESCRIPTOR_HOST_SLOTS_ADDRESS, <u32>HOST_SLOT_TABLE)
  describeWord(DESCRIPTOR_HOST_SLOT_COUNT, HOST_SLOTS)
  describeWord(DESCRIPTOR_DRIVE_SLOTS_ADDRESS, <u32>DRIVE_SLOT_TABLE)
  describeWord(DESCRIPTOR_DRIVE_SLOT_COUNT, DRIVE_SLOTS)
  describeWord(DESCRIPTOR_FRAMES_ADDRESS, <u32>FRAME_TABLE)
  describeWord(DESCRIPTOR_FRAME_COUNT, FRAMES)
  describeWord(DESCRIPTOR_FRAME_BYTES, FRAME_BYTES)
  describeWord(DESCRIPTOR_BUFFERS_ADDRESS, <u32>HOST_BUFFERS)
  describeWord(DESCRIPTOR_BUFFER_BYTES, BUFFER_BYTES)
  describeWord(DESCRIPTOR_BUFFER_STRIDE, BUFFER_STRIDE)
  describeWord(DESCRIPTOR_DMA_BYTES, DMA_BYTES)
  describeWord(DESCRIPTOR_NVRAM_ADDRESS, <u32>NVRAM)
  describeWord(DESCRIPTOR_NVRAM_BYTES, NVRAM_BYTES)
  describeWord(DESCRIPTOR_CONFIG_ADDRESS, <u32>CONFIG)
  describeWord(DESCRIPTOR_CONFIG_WORDS, CONFIG_WORDS)
  describeWord(DESCRIPTOR_STATUS_ADDRESS, <u32>STATUS)
  describeWord(DESCRIPTOR_STATUS_WORDS, STATUS_WORDS)
  describeWord(DESCRIPTOR_TIMER_COUNT, TIMERS)
  describeWord(DESCRIPTOR_BAY_COUNT, BAYS)
  return <u32>DESCRIPTOR
}

export function boot(reason: u32): void {
  startCounters(config(CONFIG_FIRST_COUNTERS))
  setWriteCache(config(CONFIG_WCE) != 0)
  if (reason == BOOT_FORMAT) wantFormat()
  startDiscovery()
  leave()
}

/** All counters wrap; where they begin makes no difference to anybody. */
function startCounters(first: u32): void {
  startTicks(first)
  startArrivals(first)
  startVersions(first)
  startBitmapCounters(first)
  startLog(first)
}

export function doorbell(slot: u32): void {
  dispatchCommand(slot)
  leave()
}

export function interrupt(slot: u32): void {
  take(slot, driveSlot(slot).status)
  leave()
}

/** The other site says something. */
export function receive(frame: u32): void {
  hear(frame)
  leave()
}

export function timer(id: u32): void {
  if (id == TIMER_DEADLINE) deadlineTick(expire)
  else if (id == TIMER_DISCOVERY) discoveryEnded()
  else if (id == TIMER_SWEEP) sweep()
  else if (id == TIMER_COPY) pauseEnded()
  else if (id == TIMER_RETRY) retryMetadata()
  else if (id == TIMER_LINK) linkTick()
  else if (id == TIMER_REMOTE_COPY) remotePauseEnded()
  else if (id == TIMER_APPOINTED) appointedTime()
  leave()
}

export function hotplug(bay: u32, state: u32): void {
  if (state != BAY_PRESENT) driveLeft(bay)
  // After a stop, or on the way to it, a drive that comes is not looked at, and a loss is nobody's concern when all is recorded.
  if (state == BAY_PRESENT && isStopping()) setBayState(bay, BAY_STATE_UNKNOWN)
  else if (state == BAY_PRESENT) driveArrived(bay)
  else if (isStopped()) setBayState(bay, BAY_STATE_EMPTY)
  else if (bayOf(bay).state != BAY_STATE_EMPTY) loseMember(bay)
  leave()
}

/** An operator asks for something (abi/operator.ts). */
export function operator(request: u32, bay: u32): void {
  operatorRequest(request, bay)
  leave()
}

function expire(slot: u32): void {
  take(slot, DRIVE_TIMED_OUT)
}

/** A drive command has ended; its operation goes on. */
function take(slot: u32, status: u32): void {
  const index = slot >> BAY_SHIFT
  const bay = slot & (BAYS - 1)
  const op = operation(index)
  driveSlot(slot).status = status
  if (!answered(op, slot, status)) return
  if (index == OP_PROBE) return probeAnswered(bay, status)
  if (op.kind == KIND_READ) readEnded(op, bay)
  advance(op)
}

function advance(op: Operation): void {
  switch (op.kind) {
    case KIND_WRITE:
      return advanceWrite(op)
    case KIND_READ:
      return advanceRead(op)
    case KIND_FLUSH:
      return advanceFlush(op)
    case KIND_METADATA:
      return advanceMetadata(op)
    case KIND_BITMAP:
      return advanceBitmap(op)
    case KIND_COPY:
      return advanceCopy(op)
    case KIND_ASSEMBLE:
      return advanceAssemble(op)
    case KIND_SWEEP:
      return advanceSweep(op)
    case KIND_SCRUB:
      return advanceScrub(op)
    case KIND_REMOTE_COPY:
      return advanceRemoteCopy(op)
    case KIND_PRESERVE:
      return advancePreserve(op)
    case KIND_STAGE:
      return advanceStage(op)
    case KIND_SWITCH:
      return advanceSwitch(op)
    case KIND_SPILL:
      return advanceSpill(op)
    case KIND_SUM:
      return advanceCompare(op)
    case KIND_JOURNAL:
      return advanceJournalRead(op)
    case KIND_CHECKPOINT:
      return advanceCheckpoint(op)
  }
}

/** Before the hardware gets control back. */
function leave(): void {
  advanceReady()
  if (isAwaitingProbe()) probeArrivals()
  goOnChanging()
  takeSnapshotIfDue()
  while (isStopping() && advanceStop()) advanceReady()
  refreshStatus()
  buffersAreFree()
  framesAreFree()
}

function advanceReady(): void {
  let op = nextReady()
  while (op) {
    advance(op)
    op = nextReady()
  }
}
