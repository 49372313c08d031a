// What an operator may ask of a microcode while it runs: `operator(request, bay)`, an export that a module need not have.
//
// Requests are hints. One that makes no sense now is ignored, and none is carried out by half; what came of it is to be seen in the
// status words and events. `bay` means something to detach and attach only.

/** Compare all replicas of the LUN, in the background. */
export const OPERATOR_SCRUB = 1
/** Take the member in the bay out of the array, recorded durably as a failed member is; the last one in sync is kept. */
export const OPERATOR_DETACH = 2
/** Put the drive in the bay, which was detached or is faulty, back: it is looked at anew, and joins as a drive that came back does. */
export const OPERATOR_ATTACH = 3
/**
 * Stop in good order: commands are refused from now on (NOT READY, INITIALIZING COMMAND REQUIRED), those in flight end, caches are flushed, the
 * members are left as clean as they can be, and then the array is ARRAY_STOPPED. The next boot assembles it again.
 */
export const OPERATOR_STOP = 4
/** Take over: the LUN is served here from now on. Refused while the other site serves it, or when what is here is not consistent. */
export const OPERATOR_PROMOTE = 5
/** Give the LUN up: commands are refused from now on, and the other site may take over. */
export const OPERATOR_DEMOTE = 6
/** The same as PROMOTE, also with contents that are not consistent. */
export const OPERATOR_PROMOTE_FORCED = 7
/** After a split brain: what this site has and the other has not is given up; it becomes a copy of the other. */
export const OPERATOR_DISCARD = 8
/** In mode scheduled: take a point in time now, for the other site; while the last one is on its way, when that has arrived. */
export const OPERATOR_POINT = 9
/**
 * Take a snapshot of all LUNs, as they are now (CONFIG_SNAPSHOT_PERCENT). Ignored while there is one. EVENT_SNAPSHOT_TAKEN tells that it is
 * taken, and the status words whether it is there.
 */
export const OPERATOR_SNAPSHOT = 10
/** Give the snapshot up. What had changed before it still counts as changed. */
export const OPERATOR_SNAPSHOT_DROP = 11
/** The same, and an image of it was made: what changes from its instant on is what the next incremental image needs. */
export const OPERATOR_SNAPSHOT_IMAGED = 12
/** The same, and the image is the base of differential images from now on. */
export const OPERATOR_SNAPSHOT_BASE = 13
