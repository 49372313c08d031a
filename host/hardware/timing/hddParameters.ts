// What describes a disk drive to the hdd model: plain numbers, all times in integer nanoseconds.
//
// A parameter set is data: it holds no behaviour, and names the source of its numbers. Blocks are the units of the drive's own
// format (`blockBytes`); what the simulated drive calls a sector may be larger or smaller (see hddGeometry.ts).

/** A range of cylinders whose tracks hold the same number of blocks. */
export interface HddZone {
  readonly firstCylinder: number
  readonly lastCylinder: number
  readonly blocksPerTrack: number
  /** Blocks by which the first block of a track lags behind that of the track before it on the same cylinder. */
  readonly trackSkewBlocks: number
  /** The same, from the last track of a cylinder to the first of the next one. */
  readonly cylinderSkewBlocks: number
  /** Blocks at the end of the zone that hold no logical block. */
  readonly spareBlocks: number
  /** Places within the zone (counted from its first block) that are skipped because the medium is bad there; ascending. */
  readonly slips: readonly number[]
}

/** Time that the drive's electronics spend on a command before it does anything else, by the kind of the command before it. */
export interface HddOverheads {
  readonly readHitAfterReadNs: number
  readonly readHitAfterWriteNs: number
  readonly readMissAfterReadNs: number
  readonly readMissAfterWriteNs: number
  readonly writeHitAfterReadNs: number
  readonly writeHitAfterWriteNs: number
  readonly writeMissAfterReadNs: number
  readonly writeMissAfterWriteNs: number
}

/**
 * The drive's buffer memory: a few segments, each a run of consecutive blocks. While nothing else is to do, the drive reads on after
 * a read: to the end of the track, and one track more when the segment began on an earlier track (a sequential reader).
 */
export interface HddBufferParameters {
  readonly segments: number
  readonly segmentBlocks: number
  /** True: a write ends when its data are in the buffer, and reaches the medium before anything else is done. */
  readonly writeBack: boolean
}

export interface HddParameters {
  readonly name: string
  /** Where the numbers come from. */
  readonly source: string
  readonly blockBytes: number
  /** How many blocks the last zone is cut at; the drive's capacity. */
  readonly blockCount: number
  readonly rpm: number
  readonly heads: number
  readonly headSwitchNs: number
  readonly writeSettleNs: number
  /** Pairs (distance in cylinders, time in µs), ascending by distance; linear in between and beyond the last. */
  readonly seekCurveUs: readonly (readonly [distance: number, timeUs: number])[]
  readonly zones: readonly HddZone[]
  /** Absent: commands cost mechanics only. */
  readonly overheads?: HddOverheads
  /** Time of one block on the bus to the controller; 0: not counted. */
  readonly busBlockNs: number
  /** Absent: nothing is buffered. */
  readonly buffer?: HddBufferParameters
}
