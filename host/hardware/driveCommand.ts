// One command inside a drive: a record that the controller owns, one for each of its drive slots, and uses again.

/** Where a command is. */
export const COMMAND_FREE = 0
export const COMMAND_QUEUED = 1
export const COMMAND_ACTIVE = 2

export class DriveCommand {
  /** The controller's slot number: how the answer finds its way. */
  readonly slot: number
  state = COMMAND_FREE
  op = 0
  lba = 0
  sectors = 0
  fua = false
  /** Address in the controller's memory that data of a read go to. */
  bufferAddress = 0
  /** Data of a write: pages on the drive's page grid, each with a reference of this command. */
  pages = new Int32Array(4)
  pageCount = 0
  /** When the command reaches the drive: after its data crossed the bus. */
  arrivalNs = 0
  /** Counts the uses of this record: an event that carries an older number is stale. */
  generation = 0

  /** The answer. */
  status = 0
  badLba = 0

  /** What filters have decided about this command; see driveFilter.ts. */
  readonly effect = new CommandEffect()

  constructor(slot: number) {
    this.slot = slot
  }

  reservePages(count: number): void {
    if (count > this.pages.length) this.pages = new Int32Array(count * 2)
    this.pageCount = count
  }
}

/** The data are stored as they should be. */
export const STORE_ALL = 0
/** Acknowledged, not stored. */
export const STORE_NOTHING = 1
/** The first half of sector `effect.tornSector` (counted from the command's first) is stored, the rest of that sector is not. */
export const STORE_TORN = 2
/** Stored at `effect.elsewhereLba` instead. */
export const STORE_ELSEWHERE = 3

/** How faults change one command. Set to "no effect" before the filters see the command. */
export class CommandEffect {
  /** Not DRIVE_OK: the command ends with this status and does nothing to the medium. */
  status = 0
  badLba = 0
  /** Service time is multiplied by this. */
  slowFactor = 1
  /** Added to it: what the drive spends on recovering from errors. */
  extraNs = 0
  /** The drive never answers; it takes up no time of the others. */
  hang = false
  store = STORE_ALL
  tornSector = 0
  elsewhereLba = 0
  /** FLUSH and FUA are acknowledged without making anything durable. */
  ignoreFlush = false

  /** The end of a command that would be served until `endNs`. */
  delayed(startNs: number, endNs: number): number {
    return this.extraNs + (this.slowFactor === 1 ? endNs : Math.round(startNs + (endNs - startNs) * this.slowFactor))
  }

  clear(): void {
    this.status = 0
    this.badLba = 0
    this.slowFactor = 1
    this.extraNs = 0
    this.hang = false
    this.store = STORE_ALL
    this.tornSector = 0
    this.elsewhereLba = 0
    this.ignoreFlush = false
  }
}
