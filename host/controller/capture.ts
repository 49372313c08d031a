// The data of a write on their way from the microcode's memory to a drive: bytes become pages.
//
// They are fetched when the entry that issued the command returns. Commands of one entry that write the same bytes to the same place on the
// page grid, as the legs of a mirrored write do, share the pages: the bytes are copied once.

import { DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../hardware/driveCommand'
import type { Medium } from '../hardware/medium'
import type { SlotList } from './slotList'

const VIEWS = 256

/** Views of a microcode's memory, kept: buffers are used again and again, and making a view costs as much as copying half a page. */
export class BufferViews {
  #bytes: Uint8Array = new Uint8Array(0)
  readonly #views: (Uint8Array | null)[] = new Array<Uint8Array | null>(VIEWS).fill(null)

  reset(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#views.fill(null)
  }

  at(address: number, length: number): Uint8Array {
    const index = (address >>> 12) & (VIEWS - 1)
    const kept = this.#views[index]
    if (kept && kept.byteOffset === address && kept.byteLength === length) return kept
    const view = this.#bytes.subarray(address, address + length)
    this.#views[index] = view
    return view
  }
}

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

/** Fills `command.pages` from the microcode's memory, or with the pages of `twin`. */
export function captureWrite(
  medium: Medium,
  command: DriveCommand,
  views: BufferViews,
  twin: DriveCommand | null,
): void {
  const { arena, sectorsPerPage, sectorBytes } = medium
  let sector = inPageOf(command.lba, sectorsPerPage)
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
    arena.slabOf(page).set(views.at(from, count * sectorBytes), to)
    from += count * sectorBytes
    left -= count
    sector = 0
  }
}
