// What a controller of files has in a bay: a file, a device, or an image in some format. The microcode sees a drive.

import {
  DRIVE_IDENTITY_BYTES,
  DRIVE_IDENTITY_ID,
  DRIVE_IDENTITY_MODEL,
  DRIVE_IDENTITY_MODEL_BYTES,
  DRIVE_IDENTITY_SECTOR_BYTES,
  DRIVE_IDENTITY_SECTORS_HIGH,
  DRIVE_IDENTITY_SECTORS_LOW,
} from '../../assembly/abi/driveSlots'

/** A DRIVE_* status of assembly/abi/driveSlots.ts, or its promise: the memory stays as it is until then. */
export type DriveAnswer = number | Promise<number>

export interface ZeroStretch {
  /** From the LBA of the question on: sectors that are zero and need not be read, then sectors that hold data. */
  readonly zeroSectors: number
  readonly dataSectors: number
}

export interface BayDrive {
  readonly sectorBytes: number
  readonly sectorCount: number
  /** Whether FLUSH waits for the device. Without it a flush means: other processes see it. */
  isDurable: boolean
  /** In people's words, why the last command failed. */
  readonly lastError: string
  /** After a medium error: its first sector. */
  readonly badLba: number
  identify(memory: Uint8Array, address: number): void
  read(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer
  write(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer
  trim(lba: number, sectors: number): DriveAnswer
  /** Makes sectors unreadable. */
  writeUncorrectable(lba: number, sectors: number): DriveAnswer
  flush(): DriveAnswer
  /** null: nothing is known. */
  zerosFrom(lba: number): ZeroStretch | null
}

export interface DriveIdentity {
  readonly sectorCount: number
  readonly sectorBytes: number
  readonly id: number
  /** Printable ASCII counts. */
  readonly model: string
}

export function writeIdentity(identity: DriveIdentity, memory: Uint8Array, address: number): void {
  const view = new DataView(memory.buffer, memory.byteOffset + address, DRIVE_IDENTITY_BYTES)
  view.setUint32(DRIVE_IDENTITY_SECTORS_LOW, identity.sectorCount % 2 ** 32, true)
  view.setUint32(DRIVE_IDENTITY_SECTORS_HIGH, Math.floor(identity.sectorCount / 2 ** 32), true)
  view.setUint32(DRIVE_IDENTITY_SECTOR_BYTES, identity.sectorBytes, true)
  view.setUint32(DRIVE_IDENTITY_ID, identity.id, true)
  const model = identity.model.replace(/[^\x20-\x7e]/g, '?').padEnd(DRIVE_IDENTITY_MODEL_BYTES)
  for (let i = 0; i < DRIVE_IDENTITY_MODEL_BYTES; i++) view.setUint8(DRIVE_IDENTITY_MODEL + i, model.charCodeAt(i))
}
