// The data of a write on their way from the microcode's memory to a drive: bytes become pages.
//
// They are fetched when the entry that issued the command returns. Commands of one entry that write the same bytes to the same place on the
// page grid, as the legs of a mirrored write do, share the pages: the bytes are copied once.

import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../hardware/driveCommand'
import type { Medium } from '../hardware/medium'

/** Whether an earlier command of the same entry, already fetched, carries what this one will. */
export function carriesSameData(earlier: DriveCommand, command: DriveCommand, sectorsPerPage: number): boolean {
  return (
    earlier.op === DRIVE_WRITE &&
    earlier.bufferAddress === command.bufferAddress &&
    earlier.sectors === command.sectors &&
    earlier.pageCount > 0 &&
    earlier.lba % sectorsPerPage === command.lba % sectorsPerPage
  )
}

/** Fills `command.pages` from `bytes`, or with the pages of `twin`. */
export function captureWrite(
  medium: Medium,
  command: DriveCommand,
  bytes: Uint8Array,
  twin: DriveCommand | null,
): void {
  const { arena, sectorsPerPage, sectorBytes } = medium
  let sector = command.lba % sectorsPerPage
  const pageCount = Math.ceil((sector + command.sectors) / sectorsPerPage)
  command.reservePages(pageCount)
  if (twin) {
    for (let i = 0; i < pageCount; i++) {
      const page = twin.pages[i]!
      arena.retain(page)
      command.pages[i] = page
    }
    return
  }
  let from = command.bufferAddress
  let left = command.sectors
  for (let i = 0; i < pageCount; i++) {
    const page = arena.allocate()
    command.pages[i] = page
    const count = Math.min(sectorsPerPage - sector, left)
    const to = arena.offsetOf(page) + sector * sectorBytes
    arena.slabOf(page).set(bytes.subarray(from, from + count * sectorBytes), to)
    from += count * sectorBytes
    left -= count
    sector = 0
  }
}
