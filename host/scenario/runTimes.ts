// How long the phases of a run may take, in simulated time, and how long power stays away.

/** Power is away for so long after a cut that an explorer makes: what counts is that everything volatile is gone. */
export const POWER_OFF_NS = 1_000_000_000
/** A drive that comes late comes so long after the power: when the others have served, or refused to. */
export const LATE_NS = 1_000_000_000
/** A format, and each return after a power cut, has this long. */
export const READY_NS = 120_000_000_000
/** After the workload the array has this long to become quiet. */
export const QUIET_NS = 600_000_000_000
