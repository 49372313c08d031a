// How a write reaches a medium when something goes wrong with it, and whether it may be there after a power cut.

import { DRIVE_OK, DRIVE_WRITE } from '../../assembly/abi/driveSlots'
import { COMMAND_QUEUED, type DriveCommand } from './driveCommand'
import type { Medium } from './medium'

/** All sectors but one are stored; of that one, only the first half. */
export function storeTorn(medium: Medium, command: DriveCommand, tornSector: number): void {
  const { lba, sectors, pages } = command
  const half = new Uint8Array(medium.sectorBytes)
  medium.read(lba + tornSector, 1, half, 0)
  medium.writeExtent(lba, pages, 0, lba, sectors)
  const whole = new Uint8Array(medium.sectorBytes)
  medium.read(lba + tornSector, 1, whole, 0)
  half.set(whole.subarray(0, medium.sectorBytes >> 1))
  medium.write(lba + tornSector, half)
}

export function storeElsewhere(medium: Medium, command: DriveCommand): void {
  const bytes = new Uint8Array(command.sectors * medium.sectorBytes)
  const perPage = medium.sectorsPerPage
  const first = command.lba % perPage
  for (let i = 0; i < command.sectors; i++) {
    const page = command.pages[Math.floor((first + i) / perPage)]!
    const from = medium.arena.offsetOf(page) + ((first + i) % perPage) * medium.sectorBytes
    bytes.set(medium.arena.slabOf(page).subarray(from, from + medium.sectorBytes), i * medium.sectorBytes)
  }
  medium.write(command.effect.elsewhereLba, bytes)
}

/** A write that the drive has and has not refused: it may be on the medium after a power cut. */
export function mayPersist({ op, state, effect, lba, sectors }: DriveCommand, sectorCount: number): boolean {
  if (op !== DRIVE_WRITE || lba + sectors > sectorCount) return false
  return state === COMMAND_QUEUED || (effect.status === DRIVE_OK && !effect.hang)
}
