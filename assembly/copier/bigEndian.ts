// Parameters and answers in SCSI byte order (SPC-5 4.2.3: the most significant byte first).

export function word(at: usize): u32 {
  return bswap<u32>(load<u32>(at))
}

export function longWord(at: usize): u64 {
  return bswap<u64>(load<u64>(at))
}

export function putWord(at: usize, value: u32): void {
  store<u32>(at, bswap<u32>(value))
}

export function putLongWord(at: usize, value: u64): void {
  store<u64>(at, bswap<u64>(value))
}
