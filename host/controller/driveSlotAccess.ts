// Reading and writing drive command slots in a microcode's memory: assembly/abi/driveSlots.ts. `at` is the slot's address.

import {
  DRIVE_FLAG_FUA,
  DRIVE_SLOT_BAD_LBA_HIGH,
  DRIVE_SLOT_BAD_LBA_LOW,
  DRIVE_SLOT_BUFFER,
  DRIVE_SLOT_FLAGS,
  DRIVE_SLOT_LBA_HIGH,
  DRIVE_SLOT_LBA_LOW,
  DRIVE_SLOT_OP,
  DRIVE_SLOT_SECTORS,
  DRIVE_SLOT_STATUS,
} from '../../assembly/abi/driveSlots'
import type { DriveCommand } from '../hardware/driveCommand'
import { ControllerFault } from './controllerFault'
import type { Descriptor } from './descriptor'

/** A drive or a frame may be pointed at the DMA area only; `kind` of slot: for the message. Throws ControllerFault. */
export function checkBuffer(
  descriptor: Descriptor,
  kind: 'drive' | 'frame',
  slot: number,
  address: number,
  bytes: number,
): void {
  const { buffersAddress, dmaBytes } = descriptor
  if (bytes > 0 && address >= buffersAddress && address + bytes <= buffersAddress + dmaBytes) return
  throw new ControllerFault(`${kind} slot ${slot} points at ${bytes} bytes from ${address}, outside the DMA area`)
}

/** Takes over what the microcode asks for, unchecked. */
export function readCommand(words: Uint32Array, at: number, command: DriveCommand): void {
  const word = at >>> 2
  command.op = words[word + DRIVE_SLOT_OP / 4]!
  command.fua = (words[word + DRIVE_SLOT_FLAGS / 4]! & DRIVE_FLAG_FUA) !== 0
  command.sectors = words[word + DRIVE_SLOT_SECTORS / 4]!
  command.lba = words[word + DRIVE_SLOT_LBA_LOW / 4]! + words[word + DRIVE_SLOT_LBA_HIGH / 4]! * 0x1_0000_0000
  command.bufferAddress = words[word + DRIVE_SLOT_BUFFER / 4]!
}

export function putAnswer(words: Uint32Array, at: number, status: number, badLba: number): void {
  const word = at >>> 2
  words[word + DRIVE_SLOT_STATUS / 4] = status
  words[word + DRIVE_SLOT_BAD_LBA_LOW / 4] = badLba >>> 0
  words[word + DRIVE_SLOT_BAD_LBA_HIGH / 4] = Math.floor(badLba / 0x1_0000_0000)
}
