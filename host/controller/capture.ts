// The data of a write on their way from the microcode's memory to a drive: bytes become pages.
//
// They are fetched when the entry that issued the command returns. Commands of one entry that write the same bytes to the same place on the
// page grid, as the legs of a mirrored write do, share the pages: the bytes are copied once. So do commands of different controllers, soon one
// after the other, with the same bytes for the same place: they are compared.

import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../hardware/driveCommand'
import type { Medium } from '../hardware/medium'
import type { PageArena } from '../hardware/pageArena'
import { NO_PAGE } from '../hardware/recentPages'
import type { MemoryViews } from './memoryViews'
import type { SlotList } from './slotList'

/** The remainder, by division and floor: LBAs are doubles, and the remainder of doubles is slow. */
function inPageOf(lba: number, sectorsPerPage: number): number {
  return lba - Math.floor(lba / sectorsPerPage) * sectorsPerPage
}

/** Whether an earlier command of the same entry, already fetched, carries what this one will. */
function carriesSameData(earlier: DriveCommand, command: DriveCommand, sectorsPerPage: number): boolean {
  return (
    earlier.op === DRIVE_WRITE &&
    earlier.bufferAddress === command.bufferAddress &&
    earlier.sectors === command.sectors &&
    earlier.pageCount > 0 &&
    inPageOf(earlier.lba, sectorsPerPage) === inPageOf(command.lba, sectorsPerPage)
  )
}

/** An earlier command of the same entry with the same data, at the same place on the page grid, as the one at `position`; or null. */
export function twinOf(
  commands: readonly DriveCommand[],
  issued: SlotList,
  position: number,
  sectorsPerPage: number,
): DriveCommand | null {
  const command = commands[issued.at(position)]!
  for (let i = position - 1; i >= 0; i--) {
    const other = commands[issued.at(i)]!
    if (carriesSameData(other, command, sectorsPerPage)) return other
  }
  return null
}

/** Fills `command.pages` from the microcode's memory `bytes`, or with the pages of `twin`. */
export function captureWrite(
  medium: Medium,
  command: DriveCommand,
  bytes: Uint8Array,
  views: MemoryViews,
  twin: DriveCommand | null,
): void {
  const { arena, sectorsPerPage, sectorBytes } = medium
  const firstPlace = Math.floor(command.lba / sectorsPerPage)
  let sector = command.lba - firstPlace * sectorsPerPage
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
    const count = Math.min(sectorsPerPage - sector, left)
    if (count === sectorsPerPage) command.pages[i] = wholePage(arena, firstPlace + i, bytes, views, from)
    else {
      const page = arena.allocate()
      command.pages[i] = page
      const to = arena.offsetOf(page) + sector * sectorBytes
      arena.slabOf(page).set(views.at(bytes, from, count * sectorBytes), to)
    }
    from += count * sectorBytes
    left -= count
    sector = 0
  }
}

/** A page with these bytes, for a place on the page grid: the one that was filled for that place last if it has them, else a new one. */
function wholePage(arena: PageArena, place: number, bytes: Uint8Array, views: MemoryViews, from: number): number {
  const known = arena.recent.at(place)
  if (known !== NO_PAGE && arena.holds(known, bytes, from)) {
    arena.retain(known)
    return known
  }
  const page = arena.allocate()
  arena.slabOf(page).set(views.at(bytes, from, arena.pageBytes), arena.offsetOf(page))
  arena.recent.note(place, page)
  return page
}
