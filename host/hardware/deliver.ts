// How sectors come from a drive's medium into a controller's memory: as they are stored, then what faults make of them, then what this
// one read gets wrong. A read with pointers has those of each sector behind it (assembly/abi/optical.ts).

import { C2_BYTES, DRIVE_READ_C2 } from '../../assembly/abi/optical'
import type { DriveCommand } from './driveCommand'
import type { DriveFilter } from './driveFilter'
import type { Medium } from './medium'

export function deliver(
  medium: Medium,
  filters: readonly DriveFilter[],
  command: DriveCommand,
  target: Uint8Array,
): void {
  const { lba, sectors, bufferAddress } = command
  if (command.op !== DRIVE_READ_C2) {
    deliverRange(medium, filters, lba, sectors, target, bufferAddress, -1)
    return
  }
  const { sectorBytes } = medium
  for (let at = 0; at < sectors; at++) {
    const address = bufferAddress + at * (sectorBytes + C2_BYTES)
    const pointers = address + sectorBytes
    target.fill(0, pointers, pointers + C2_BYTES)
    deliverRange(medium, filters, lba + at, 1, target, address, pointers)
  }
}

function deliverRange(
  medium: Medium,
  filters: readonly DriveFilter[],
  lba: number,
  sectors: number,
  target: Uint8Array,
  address: number,
  pointers: number,
): void {
  medium.read(lba, sectors, target, address)
  for (const filter of filters) filter.delivered(lba, sectors, target, address)
  for (const filter of filters) filter.misread?.(lba, sectors, target, address, pointers)
}
