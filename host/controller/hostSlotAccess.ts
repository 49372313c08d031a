// Reading and writing host command slots in a microcode's memory: assembly/abi/hostSlots.ts. `at` is the slot's address.

import {
  HOST_SLOT_CDB,
  HOST_SLOT_CDB_LENGTH,
  HOST_SLOT_DATA_IN_BYTES,
  HOST_SLOT_DATA_OUT_BYTES,
  HOST_SLOT_LUN,
  HOST_SLOT_SENSE,
  HOST_SLOT_SENSE_BYTES,
  HOST_SLOT_SENSE_LENGTH,
  HOST_SLOT_STATUS,
  HOST_SLOT_TRANSFERRED,
} from '../../assembly/abi/hostSlots'

/** A command; `cdb` is 16 bytes. */
export function putCommand(
  words: Uint32Array,
  bytes: Uint8Array,
  at: number,
  lun: number,
  cdb: Uint8Array,
  cdbLength: number,
  dataOutBytes: number,
  dataInBytes: number,
): void {
  const word = at >>> 2
  words[word + HOST_SLOT_LUN / 4] = lun
  bytes.set(cdb, at + HOST_SLOT_CDB)
  words[word + HOST_SLOT_CDB_LENGTH / 4] = cdbLength
  words[word + HOST_SLOT_DATA_OUT_BYTES / 4] = dataOutBytes
  words[word + HOST_SLOT_DATA_IN_BYTES / 4] = dataInBytes
}

export function statusOf(words: Uint32Array, at: number): number {
  return words[(at + HOST_SLOT_STATUS) >>> 2]!
}

export function dataOutOf(words: Uint32Array, at: number): number {
  return words[(at + HOST_SLOT_DATA_OUT_BYTES) >>> 2]!
}

export function transferredOf(words: Uint32Array, at: number): number {
  return words[(at + HOST_SLOT_TRANSFERRED) >>> 2]!
}

/** The sense data: a view; no longer than the slot has room for, whatever the microcode says. */
export function senseOf(words: Uint32Array, bytes: Uint8Array, at: number): Uint8Array {
  const length = Math.min(words[(at + HOST_SLOT_SENSE_LENGTH) >>> 2]!, HOST_SLOT_SENSE_BYTES)
  return bytes.subarray(at + HOST_SLOT_SENSE, at + HOST_SLOT_SENSE + length)
}
