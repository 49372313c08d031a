// Status words: what the microcode claims about its array. The judge takes them as claims, and checks them against the media
// (law TRUTH). u32 each; kept true at every return from an entry point.

export const STATUS_ARRAY_STATE = 0
export const STATUS_EVENTS_LOW = 1
export const STATUS_EVENTS_HIGH = 2
/** Regions marked in the write-intent bitmap in memory. */
export const STATUS_DIRTY_REGIONS = 3
/** Regions whose replicas may differ and that wait for resync. */
export const STATUS_UNDECIDED_REGIONS = 4
/** Sectors of the data space: of all LUNs together, and of what none of them has. */
export const STATUS_LUN_SECTORS_LOW = 5
export const STATUS_LUN_SECTORS_HIGH = 6
/** Where sector 0 of LUN 0 lies on every member; the LUNs lie one behind the other (config.ts). */
export const STATUS_DATA_OFFSET_SECTORS = 7
export const STATUS_BITMAP_CHUNK_SECTORS = 8
/** Operations inside the controller: 0 = nothing of its own is going on. */
export const STATUS_BUSY = 9
/** Sectors on which the scrub that runs, or ran last, found replicas to differ. */
export const STATUS_SCRUB_MISMATCHES = 10
/** 1 = a scrub is running; STATUS_BUSY counts it, too. */
export const STATUS_SCRUBBING = 11
/** What is so between this site and the other one: REMOTE_… */
export const STATUS_REMOTE_STATE = 12
/** ROLE_… */
export const STATUS_REMOTE_ROLE = 13
/** Regions in which the other site may differ, as far as this site knows. */
export const STATUS_REMOTE_DIRTY_REGIONS = 14
/** 1 = what is here is a state that the LUN once had: it may be promoted. */
export const STATUS_REMOTE_CONSISTENT = 15
/** Bit per bay: STATUS_BAY_STATE of bay b is at STATUS_BAYS + b * STATUS_BAY_WORDS. */
export const STATUS_BAYS = 16
export const STATUS_BAY_WORDS = 4
export const STATUS_BAY_STATE = 0
/** Slot of the array that the drive fills, or 0xffffffff. */
export const STATUS_BAY_SLOT = 1
/** With BAY_STATE_REBUILDING: LUN sectors below this one are copied. */
export const STATUS_BAY_CURSOR_LOW = 2
export const STATUS_BAY_CURSOR_HIGH = 3
/** Mode scheduled: number of the last point in time that this site has taken as a primary; 0: none. */
export const STATUS_POINT_TAKEN = 80
/** Mode scheduled: number of the point in time that this site holds, or held last, as the copy; 0: none. */
export const STATUS_POINT_HELD = 81
/** Mode scheduled: number of the last point in time of this site's of which the other one has said that it holds it; 0: none. */
export const STATUS_POINT_ARRIVED = 82
/** Number of the snapshot that is there, or was last; 0: there was none. */
export const STATUS_SNAPSHOT = 83
/** SNAPSHOT_… */
export const STATUS_SNAPSHOT_STATE = 84
/** How many regions the area has room for, and how many it keeps as they were. */
export const STATUS_SNAPSHOT_SLOTS = 85
export const STATUS_SNAPSHOT_SLOTS_USED = 86
/** Regions that have changed since the last image. */
export const STATUS_CHANGED_REGIONS = 87
export const STATUS_WORDS = 128

export const SNAPSHOT_NONE = 0
/** It reads as the LUNs were when it was taken. */
export const SNAPSHOT_THERE = 1
/** The area had no room for what a region was: it cannot be read any more. */
export const SNAPSHOT_OVERFLOWED = 2
/** What a region was could not be kept, or the members have no room for it: it cannot be read any more. */
export const SNAPSHOT_BROKEN = 3

/** Still looking for members. */
export const ARRAY_DISCOVERING = 0
/** Every slot is filled by an in-sync member. */
export const ARRAY_OPTIMAL = 1
/** The LUN is served; at least one slot has no in-sync member. */
export const ARRAY_DEGRADED = 2
/** No in-sync member is reachable: the LUN is not served. */
export const ARRAY_FAILED = 3
/** Nothing on the drives is known to this microcode. */
export const ARRAY_NONE = 4
/** Stopped in an orderly way. */
export const ARRAY_STOPPED = 5

/** There is no other site. */
export const REMOTE_NONE = 0
/** Nothing is heard of the other site. */
export const REMOTE_LOST = 1
/** The other site is brought up to date. */
export const REMOTE_SOURCE = 2
/** This site is brought up to date. */
export const REMOTE_TARGET = 3
/** Both hold the same, but for writes in flight. */
export const REMOTE_UP = 4
/** Both have changed without the other: an operator must say whose changes are given up. */
export const REMOTE_SPLIT = 5
/** The other site cannot be a copy of this one: another size, or a history that has nothing in common. */
export const REMOTE_REFUSED = 6
/** As LOST, and writes are refused because the configuration says so. */
export const REMOTE_WRITES_REFUSED = 7
/** In modes async and scheduled: the other site lags behind by more than it may. */
export const REMOTE_BEHIND = 8
/** In mode scheduled: the other site holds the LUN as it was at the last appointed time. */
export const REMOTE_DATED = 9

export const ROLE_NONE = 0
/** Serves the LUN. */
export const ROLE_PRIMARY = 1
/** Follows the other site, and refuses the LUN's commands: NOT READY, target port in standby state. */
export const ROLE_SECONDARY = 2

export const BAY_STATE_EMPTY = 0
/** Present, not looked at yet. */
export const BAY_STATE_UNKNOWN = 1
export const BAY_STATE_SPARE = 2
/** Being copied to from the beginning (to the cursor). */
export const BAY_STATE_REBUILDING = 3
/** A former member that is brought up to date by bitmap. */
export const BAY_STATE_CATCHING_UP = 4
export const BAY_STATE_IN_SYNC = 5
/** Failed, and recorded as failed. */
export const BAY_STATE_FAULTY = 6
/** Holds something that is not of this array. */
export const BAY_STATE_FOREIGN = 7
