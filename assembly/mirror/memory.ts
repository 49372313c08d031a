// The memory map of the mirroring controller: every area once, in one place. RAM is zeros at boot.
//
// An operation is one thing that the controller does: a host command (operations 0 to HOST_SLOTS - 1 belong to the host slots of
// the same number), or one of its own. Each operation has one drive slot per bay: slot = operation * BAYS + bay. So nothing
// is ever allocated, and an interrupt finds its operation by a shift.

import { CONFIG_NVRAM_BYTES, CONFIG_WORDS } from '../abi/config'
import { DESCRIPTOR_WORDS } from '../abi/descriptor'
import { DRIVE_SLOT_BYTES } from '../abi/driveSlots'
import { HOST_SLOT_BYTES } from '../abi/hostSlots'
import { STATUS_WORDS } from '../abi/status'
import { DriveSlot, FrameSlot, HostSlot } from '../hal/slots'

export const BAYS: u32 = 16
export const BAY_SHIFT: u32 = 4
export const HOST_SLOTS: u32 = 64

/** The controller's own operations. */
export const OP_METADATA: u32 = HOST_SLOTS
export const OP_BITMAP: u32 = HOST_SLOTS + 1
export const OP_COPY: u32 = HOST_SLOTS + 2
export const OP_PROBE: u32 = HOST_SLOTS + 3
export const OP_ASSEMBLE: u32 = HOST_SLOTS + 4
export const OP_SWEEP: u32 = HOST_SLOTS + 5
export const OP_SCRUB: u32 = HOST_SLOTS + 6
export const OP_STOP: u32 = HOST_SLOTS + 7
export const OP_REMOTE_COPY: u32 = HOST_SLOTS + 8
export const OP_PRESERVE: u32 = HOST_SLOTS + 9
export const OP_SWITCH: u32 = HOST_SLOTS + 10
export const OP_SPILL: u32 = HOST_SLOTS + 11
export const OP_JOURNAL: u32 = HOST_SLOTS + 12
export const OP_CHECKPOINT: u32 = HOST_SLOTS + 13
/** The first operation behind the controller's own. */
export const OWN_END: u32 = HOST_SLOTS + 14
/** Writes of the other site: operation REMOTE_BASE + i has what frame slot i received. */
export const REMOTE_BASE: u32 = OWN_END
export const REMOTE_SLOTS: u32 = 32
/** What was staged goes to its place (switch.ts): a write like those of the other site, but from the members' own area. */
export const OP_APPLY: u32 = REMOTE_BASE + REMOTE_SLOTS
export const OPERATIONS: u32 = OP_APPLY + 1
export const DRIVE_SLOTS: u32 = OPERATIONS * BAYS

export const SECTOR_BYTES: u32 = 512

/** Largest transfer of one host command, and of one step of resync. */
export const BUFFER_BYTES: u32 = 131072
/** One page more than the buffer: neighbouring buffers do not compete for the same cache sets. */
export const BUFFER_STRIDE: u32 = BUFFER_BYTES + 4096

/** Room for the write-intent bitmap: header (256 bytes) and bits. */
export const BITMAP_BYTES: u32 = 16384
/** Bits that fit behind the header. */
export const REGIONS_MAX: u32 = (BITMAP_BYTES - 256) * 8
/** 9 KiB of records and marks, and 4 MiB for the ring of the journal (journalRing.ts): what a board may be fitted with at most. */
export const NVRAM_BYTES: u32 = 4203520

// Data buffers: hosts first (descriptor.ts), then the controller's own.
/** All of the DMA area: 98 * 135168 + 7 * 131072 + 2 * 65536 + 2 * 16384 + 4096 bytes. */
export const DMA_BYTES: u32 = 14331904
export const HOST_BUFFERS: usize = memory.data(14331904, 4096)
/** What frames of the other site bring. */
const REMOTE_BUFFERS: usize = HOST_BUFFERS + HOST_SLOTS * BUFFER_STRIDE
export const COPY_BUFFER: usize = REMOTE_BUFFERS + REMOTE_SLOTS * BUFFER_STRIDE
/** One page a bay: what discovery reads. */
export const PROBE_BUFFERS: usize = COPY_BUFFER + BUFFER_BYTES
/** One page a bay: the superblock to be written. */
export const SUPERBLOCK_BUFFERS: usize = PROBE_BUFFERS + BAYS * 4096
/** The bitmap as it shall be on the members: header and bits. */
export const BITMAP_IMAGE: usize = SUPERBLOCK_BUFFERS + BAYS * 4096
/** A member's bitmap while the array is assembled. */
export const BITMAP_READ: usize = BITMAP_IMAGE + BITMAP_BYTES
/** Scrub: what the first member holds, and what another one does. */
export const SCRUB_REFERENCE: usize = BITMAP_READ + BITMAP_BYTES
export const SCRUB_OTHER: usize = SCRUB_REFERENCE + BUFFER_BYTES
/** What is on its way to the other site in a resync. */
export const REMOTE_COPY_BUFFER: usize = SCRUB_OTHER + BUFFER_BYTES
/** Marks on their way to the other site. */
export const MARKS_BUFFER: usize = REMOTE_COPY_BUFFER + BUFFER_BYTES
/** What is in the slots of the members' area (area.ts), as it is or shall be at its head. */
export const AREA_TABLE: usize = MARKS_BUFFER + 4096
/** A window on its way into a slot of the area. */
export const PRESERVE_BUFFER: usize = AREA_TABLE + BUFFER_BYTES
/** A window on its way out of one, to its place. */
export const APPLY_BUFFER: usize = PRESERVE_BUFFER + BUFFER_BYTES
/** Records of the journal on their way to the drives, and back from them: at least the largest one. */
export const SPILL_BUFFER: usize = APPLY_BUFFER + BUFFER_BYTES
export const JOURNAL_BUFFER: usize = SPILL_BUFFER + BUFFER_STRIDE

export const DESCRIPTOR: usize = memory.data(DESCRIPTOR_WORDS * 4, 16)
export const HOST_SLOT_TABLE: usize = memory.data(HOST_SLOTS * HOST_SLOT_BYTES, 16)
export const DRIVE_SLOT_TABLE: usize = memory.data(DRIVE_SLOTS * DRIVE_SLOT_BYTES, 16)
/**
 * Frame slots: those that receive, one for each remote operation, and those that send. These are free again after each entry point, which
 * may send what all host slots have, in frames of 4 KiB, and some more of the controller's own.
 */
export const SEND_FRAMES: u32 = 2304
export const FRAMES: u32 = REMOTE_SLOTS + SEND_FRAMES
export const FRAME_BYTES: u32 = 80
export const FRAME_TABLE: usize = memory.data(2336 * 80, 16)
export const NVRAM: usize = memory.data(NVRAM_BYTES, 16)
export const CONFIG: usize = memory.data(CONFIG_WORDS * 4, 16)
export const STATUS: usize = memory.data(STATUS_WORDS * 4, 16)

export function config(word: u32): u32 {
  return load<u32>(CONFIG + (word << 2))
}

/** How much of the NVRAM's window is battery-backed: what the board is fitted with. */
export function fittedNvram(): u32 {
  const fitted = config(CONFIG_NVRAM_BYTES)
  return fitted == 0 ? NVRAM_BYTES : min(fitted, NVRAM_BYTES)
}

export function setStatus(word: u32, value: u32): void {
  store<u32>(STATUS + (word << 2), value)
}

export function hostSlot(slot: u32): HostSlot {
  return changetype<HostSlot>(HOST_SLOT_TABLE + slot * HOST_SLOT_BYTES)
}

export function hostBuffer(slot: u32): usize {
  return HOST_BUFFERS + slot * BUFFER_STRIDE
}

export function remoteBuffer(index: u32): usize {
  return REMOTE_BUFFERS + index * BUFFER_STRIDE
}

export function frameSlot(frame: u32): FrameSlot {
  return changetype<FrameSlot>(FRAME_TABLE + frame * FRAME_BYTES)
}

export function driveSlot(slot: u32): DriveSlot {
  return changetype<DriveSlot>(DRIVE_SLOT_TABLE + slot * DRIVE_SLOT_BYTES)
}
