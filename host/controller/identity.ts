// What a drive answers to IDENTIFY: assembly/abi/driveSlots.ts.

import {
  DRIVE_IDENTITY_BYTES,
  DRIVE_IDENTITY_ID,
  DRIVE_IDENTITY_MODEL,
  DRIVE_IDENTITY_MODEL_BYTES,
  DRIVE_IDENTITY_SECTOR_BYTES,
  DRIVE_IDENTITY_SECTORS_HIGH,
  DRIVE_IDENTITY_SECTORS_LOW,
} from '../../assembly/abi/driveSlots'
import type { Drive } from '../hardware/drive'

export function identityOf(drive: Drive): Uint8Array {
  const bytes = new Uint8Array(DRIVE_IDENTITY_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(DRIVE_IDENTITY_SECTORS_LOW, drive.sectorCount >>> 0, true)
  view.setUint32(DRIVE_IDENTITY_SECTORS_HIGH, Math.floor(drive.sectorCount / 0x1_0000_0000), true)
  view.setUint32(DRIVE_IDENTITY_SECTOR_BYTES, drive.medium.sectorBytes, true)
  view.setUint32(DRIVE_IDENTITY_ID, drive.id, true)
  for (let i = 0; i < DRIVE_IDENTITY_MODEL_BYTES; i++) {
    bytes[DRIVE_IDENTITY_MODEL + i] = i < drive.model.length ? drive.model.charCodeAt(i) & 0x7f : 0x20
  }
  return bytes
}
