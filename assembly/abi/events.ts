// Codes of `trace(code, a, b, c)`: what the microcode says that it does. They go into the run's trace, name the states at which a
// fault can be told to strike, and mean nothing to the hardware.

/** The array serves; a = array state. */
export const EVENT_ASSEMBLED = 1
/** A bay changed its state; a = bay, b = BAY_STATE_*. */
export const EVENT_BAY_STATE = 2
/** A superblock commit starts or is durable on all survivors; a = event count (low). */
export const EVENT_COMMIT_BEGIN = 3
export const EVENT_COMMIT_DONE = 4
/** A bitmap block is written; a = block, b = marks (1) or clears (0). */
export const EVENT_BITMAP_BEGIN = 5
export const EVENT_BITMAP_DONE = 6
/** Resync (by bitmap) of regions begins or has ended; a = regions. */
export const EVENT_RESYNC_BEGIN = 7
export const EVENT_RESYNC_DONE = 8
/** A full rebuild begins, is checkpointed, or has ended; a = bay, b = cursor (low). */
export const EVENT_REBUILD_BEGIN = 9
export const EVENT_REBUILD_CHECKPOINT = 10
export const EVENT_REBUILD_DONE = 11
/** A leg failed a command; a = bay, b = drive status, c = LBA (low). */
export const EVENT_LEG_ERROR = 12
/** A sector was rewritten from another member; a = bay, b = LBA (low), c = sectors. */
export const EVENT_READ_REPAIR = 13
/** A drive command took too long and was aborted; a = bay, b = operation. */
export const EVENT_DEADLINE = 14
/** A sector that no member could read was made unreadable on the target; a = bay, b = LBA (low). */
export const EVENT_PUNCTURE = 15
/** A mirrored write starts its legs, or is acknowledged; a = LBA (low), b = sectors. */
export const EVENT_WRITE_LEGS = 16
export const EVENT_WRITE_ACK = 17
/** A scrub begins, finds a sector on which replicas differ (a = bay, b = LBA (low)), or ends (a = sectors on which they differ). */
export const EVENT_SCRUB_BEGIN = 18
export const EVENT_SCRUB_MISMATCH = 19
export const EVENT_SCRUB_DONE = 20
/** The array is stopped in good order: nothing is written any more. */
export const EVENT_STOPPED = 21
/** a = REMOTE_…, b = ROLE_… (abi/status.ts). */
export const EVENT_REMOTE_STATE = 22
/** Regions have been found that the other site must get; a = how many. */
export const EVENT_REMOTE_SYNC_BEGIN = 23
export const EVENT_REMOTE_SYNC_DONE = 24
/** A new generation of the contents begins: what is written from now on the other site does not have; a = low word. */
export const EVENT_GENERATION = 25
/** Mode scheduled: the primary has frozen a point in time for the other site; a = its number, b = regions that differ. */
export const EVENT_POINT_TAKEN = 26
/** The other site has it: to the primary it says so; at the copy it took the place of the last one. a = its number. */
export const EVENT_POINT_HELD = 27
/** Mode async: the journal is full, or nobody has a part of it any more. What it held is marked for the other site instead; a = regions. */
export const EVENT_JOURNAL_OVERFLOW = 28
/** Mode async: the oldest part of the journal went from the NVRAM to the drives; a = sectors, b = sectors of it that are there now. */
export const EVENT_JOURNAL_SPILL = 29
/** After a boot: writes that were in the journal go to the members once more; a = sectors of the journal. */
export const EVENT_JOURNAL_REPLAY = 30
/** A snapshot of all LUNs is taken; a = its number, b = regions that have changed since the last image. */
export const EVENT_SNAPSHOT_TAKEN = 31
/** Copier: progress, a sector given up, the end; see copier.ts. */
export const EVENT_COPY_PROGRESS = 32
export const EVENT_COPY_BAD_SECTOR = 33
export const EVENT_COPY_DONE = 34
/** The snapshot cannot be read any more; a = its number, b = SNAPSHOT_OVERFLOWED or SNAPSHOT_BROKEN (abi/status.ts). */
export const EVENT_SNAPSHOT_INVALID = 35
/** The snapshot is given up; a = its number, b = the operator's request. */
export const EVENT_SNAPSHOT_RELEASED = 36
/** What a region was when the snapshot was taken is in the area; a = the region, b = its slot. */
export const EVENT_SNAPSHOT_KEPT = 37
/** After a boot: there is a snapshot; a = its number, b = SNAPSHOT_… (abi/status.ts). */
export const EVENT_SNAPSHOT_RECALLED = 38
/** After a boot: the NVRAM is not the one that this array had at its latest boot, and nothing in it counts. */
export const EVENT_NVRAM_LOST = 39
/** With a write cache, at a copy: what was in the journal and in the drives' caches is on the media; a = sectors of the journal. */
export const EVENT_JOURNAL_CHECKPOINT = 40
