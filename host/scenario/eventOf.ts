// Which event a command is, for triggers.

import { DRIVE_FLUSH, DRIVE_READ, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import {
  EVENT_DRIVE_FLUSH,
  EVENT_DRIVE_READ,
  EVENT_DRIVE_WRITE,
  EVENT_HOST_ACK,
  EVENT_HOST_FLUSH,
  EVENT_HOST_READ,
  EVENT_HOST_WRITE,
} from '../faults/eventNames'
import { IO_FLUSH, IO_WRITE } from '../workload/io'

/** 0: none. */
export function driveEventOf(op: number): number {
  if (op === DRIVE_WRITE) return EVENT_DRIVE_WRITE
  if (op === DRIVE_READ) return EVENT_DRIVE_READ
  return op === DRIVE_FLUSH ? EVENT_DRIVE_FLUSH : 0
}

/** `op`: IO_*; 0 = an answer. */
export function hostEventOf(op: number): number {
  if (op === IO_WRITE) return EVENT_HOST_WRITE
  if (op === 0) return EVENT_HOST_ACK
  return op === IO_FLUSH ? EVENT_HOST_FLUSH : EVENT_HOST_READ
}
