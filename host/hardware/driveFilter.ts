// Faults are filters over the drive interface: they change what a command does or what a read delivers. The data under them stay
// pristine, so that a fault can be taken away again, and the judge can tell "lost" from "unreadable".

import type { DriveCommand } from './driveCommand'

export interface DriveFilter {
  /** A command is about to be served: the filter may set fields of `command.effect`. */
  begin(command: DriveCommand, nowNs: number): void
  /** A command that it made fail is being answered. */
  refused?(nowNs: number): void
  /** Sectors were read into `target` at `offset`: the filter may corrupt them, the same way each time. */
  delivered(lba: number, sectors: number, target: Uint8Array, offset: number): void
  /**
   * Sectors are being read into `target` at `offset`: what this one read gets wrong, another time something else. `pointers`: where in `target` a bit
   * is set for each byte that the drive cannot vouch for, highest bit first; -1: nobody asks.
   */
  misread?(lba: number, sectors: number, target: Uint8Array, offset: number, pointers: number): void
  /** Sectors were stored: what lay over them is gone. */
  stored(lba: number, sectors: number): void
  /** The first sector in the range that cannot be read because of a fault, or -1. */
  firstUnreadable(lba: number, sectors: number): number
  /** Power is back: faults that live in the electronics (a hang) are gone. */
  powerCycled(): void
}
