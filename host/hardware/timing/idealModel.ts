// A drive whose commands take a fixed time and a fixed time per sector, wherever they lie: for tests, and to see what a controller
// does without the mechanics.
//
// Commands are independent of each other; `channels` says how many the drive may carry out at once. No state.

import {
  DRIVE_FLUSH,
  DRIVE_READ,
  DRIVE_TRIM,
  DRIVE_VERIFY,
  DRIVE_WRITE,
  DRIVE_WRITE_UNCORRECTABLE,
} from '../../../assembly/abi/driveSlots'
import type { TimingModel, TimingOp } from './timingModel'

export interface IdealParameters {
  readonly channels: number
  readonly readNs: number
  readonly writeNs: number
  readonly flushNs: number
  readonly trimNs: number
  /** For VERIFY, beside the time for its sectors, and for what has no time of its own. */
  readonly otherNs: number
  readonly readSectorNs: number
  readonly writeSectorNs: number
}

export const IDEAL_DEFAULTS: IdealParameters = {
  channels: 1,
  readNs: 100_000,
  writeNs: 100_000,
  flushNs: 100_000,
  trimNs: 100_000,
  otherNs: 100_000,
  readSectorNs: 1_000,
  writeSectorNs: 1_000,
}

export class IdealModel implements TimingModel {
  readonly channels: number
  readonly #parameters: IdealParameters

  constructor(parameters: Partial<IdealParameters> = {}) {
    this.#parameters = { ...IDEAL_DEFAULTS, ...parameters }
    for (const [name, value] of Object.entries(this.#parameters)) {
      const least = name === 'channels' ? 1 : 0
      if (!Number.isSafeInteger(value) || value < least) {
        throw new RangeError(`ideal drive: ${name} is ${value}, expected an integer of at least ${least}`)
      }
    }
    this.channels = this.#parameters.channels
  }

  serve(op: TimingOp, _lba: number, sectors: number, startNs: number): number {
    const times = this.#parameters
    switch (op) {
      case DRIVE_READ:
        return startNs + times.readNs + sectors * times.readSectorNs
      case DRIVE_WRITE:
      case DRIVE_WRITE_UNCORRECTABLE:
        return startNs + times.writeNs + sectors * times.writeSectorNs
      case DRIVE_FLUSH:
        return startNs + times.flushNs
      case DRIVE_TRIM:
        return startNs + times.trimNs
      case DRIVE_VERIFY:
        return startNs + times.otherNs + sectors * times.readSectorNs
      default:
        return startNs + times.otherNs
    }
  }

  positioningNs(): number {
    return 0
  }

  reset(): void {}

  clone(): IdealModel {
    return this
  }
}
