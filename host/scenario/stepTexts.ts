// Numbers that a microcode or a drive gave, in a few words. Any number at all may come: what has no name is shown as it is.

import {
  DRIVE_ABORTED,
  DRIVE_GONE,
  DRIVE_HARDWARE_ERROR,
  DRIVE_ILLEGAL,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
} from '../../assembly/abi/driveSlots'
import {
  EVENT_ASSEMBLED,
  EVENT_BAY_STATE,
  EVENT_BITMAP_BEGIN,
  EVENT_BITMAP_DONE,
  EVENT_COMMIT_BEGIN,
  EVENT_COMMIT_DONE,
  EVENT_DEADLINE,
  EVENT_GENERATION,
  EVENT_LEG_ERROR,
  EVENT_PUNCTURE,
  EVENT_READ_REPAIR,
  EVENT_REBUILD_BEGIN,
  EVENT_REBUILD_CHECKPOINT,
  EVENT_REBUILD_DONE,
  EVENT_REMOTE_STATE,
  EVENT_REMOTE_SYNC_BEGIN,
  EVENT_RESYNC_BEGIN,
  EVENT_RESYNC_DONE,
  EVENT_WRITE_ACK,
  EVENT_WRITE_LEGS,
} from '../../assembly/abi/events'
import { EVENT_CODES } from '../faults/eventNames'
import { ARRAY_STATES, BAY_STATES } from './scenario'

/** Names of REMOTE_* in assembly/abi/status.ts, at their values. */
export const REMOTE_STATES = [
  'none',
  'lost',
  'source',
  'target',
  'up',
  'split',
  'refused',
  'writes-refused',
  'behind',
] as const
/** Names of ROLE_* there. */
export const ROLES = ['none', 'primary', 'secondary'] as const

const DRIVE_STATUSES: ReadonlyMap<number, string> = new Map([
  [DRIVE_OK, 'ok'],
  [DRIVE_MEDIUM_ERROR, 'medium error'],
  [DRIVE_ABORTED, 'aborted'],
  [DRIVE_GONE, 'gone'],
  [DRIVE_ILLEGAL, 'illegal'],
  [DRIVE_HARDWARE_ERROR, 'hardware error'],
])

/** 'ok', 'medium error at 130' */
export function driveStatusText(status: number, badLba: number): string {
  const name = DRIVE_STATUSES.get(status) ?? `status ${status}`
  return status === DRIVE_MEDIUM_ERROR ? `${name} at ${badLba}` : name
}

const PREFIX = 'microcode:'

/** 'bitmap-begin', by the trace code. */
const NAMES: ReadonlyMap<number, string> = new Map(
  [...EVENT_CODES]
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, code]): [number, string] => [code, name.slice(PREFIX.length)]),
)

type Details = (a: number, b: number, c: number) => string

const ofCommit: Details = (a) => `#${a}`
const ofBitmap: Details = (a, b) => `block ${a} ${b === 1 ? 'marks' : 'clears'}`
const ofResync: Details = (a) => (a === 1 ? '1 region' : `${a} regions`)
const ofRebuild: Details = (a, b) => `bay ${a} at ${b}`
const ofWrite: Details = (a, b) => `${a}+${b}`

/** What a, b and c mean; see assembly/abi/events.ts. */
const DETAILS: ReadonlyMap<number, Details> = new Map<number, Details>([
  [EVENT_ASSEMBLED, (a) => ARRAY_STATES[a] ?? `array state ${a}`],
  [EVENT_BAY_STATE, (a, b) => `bay ${a} ${BAY_STATES[b] ?? b}`],
  [EVENT_COMMIT_BEGIN, ofCommit],
  [EVENT_COMMIT_DONE, ofCommit],
  [EVENT_BITMAP_BEGIN, ofBitmap],
  [EVENT_BITMAP_DONE, ofBitmap],
  [EVENT_RESYNC_BEGIN, ofResync],
  [EVENT_RESYNC_DONE, ofResync],
  [EVENT_REMOTE_STATE, (a, b) => `${REMOTE_STATES[a] ?? a}, ${ROLES[b] ?? `role ${b}`}`],
  [EVENT_REMOTE_SYNC_BEGIN, ofResync],
  [EVENT_GENERATION, ofCommit],
  [EVENT_REBUILD_BEGIN, ofRebuild],
  [EVENT_REBUILD_CHECKPOINT, ofRebuild],
  [EVENT_REBUILD_DONE, ofRebuild],
  [EVENT_LEG_ERROR, (a, b, c) => `bay ${a} ${driveStatusText(b, c)}`],
  [EVENT_READ_REPAIR, (a, b, c) => `bay ${a} ${b}+${c}`],
  [EVENT_DEADLINE, (a) => `bay ${a}`],
  [EVENT_PUNCTURE, (a, b) => `bay ${a} at ${b}`],
  [EVENT_WRITE_LEGS, ofWrite],
  [EVENT_WRITE_ACK, ofWrite],
])

/** 'bitmap-begin block 3 marks'; 'event 200 (1, 2, 3)' where the code has no name. */
export function microcodeText(code: number, a: number, b: number, c: number): string {
  // Words of the microcode: u32, whatever the sign that they arrive with.
  const words = [a >>> 0, b >>> 0, c >>> 0] as const
  const name = NAMES.get(code)
  if (name === undefined) return `event ${code} (${words.join(', ')})`
  const details = DETAILS.get(code)
  return details ? `${name} ${details(...words)}` : name
}
