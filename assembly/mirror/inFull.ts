// Windows of a resync of which the copy has said that they differ there: they are sent in full, before others.

/** As many as may be on their way. */
const MAX: u32 = 64
const ENTRY_BYTES: u32 = 16
const TABLE: usize = memory.data(64 * 16, 16)

let first: u32 = 0
let count: u32 = 0
/** In this resync. */
export let windowsInFull: u32 = 0

export function forgetInFull(): void {
  count = 0
  windowsInFull = 0
}

export function wantInFull(lba: u64, sectors: u32): void {
  const at = TABLE + ((first + count) % MAX) * ENTRY_BYTES
  store<u64>(at, lba)
  store<u32>(at + 8, sectors)
  count++
  windowsInFull++
}

export function hasInFull(): bool {
  return count != 0
}

export function inFullLba(): u64 {
  return load<u64>(TABLE + first * ENTRY_BYTES)
}

export function inFullSectors(): u32 {
  return load<u32>(TABLE + first * ENTRY_BYTES + 8)
}

export function sentInFull(): void {
  first = (first + 1) % MAX
  count--
}
