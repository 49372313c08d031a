// Comparing long ranges of memory, eight bytes at a time. Lengths are multiples of 8: every sector size is.

/** Whether a range holds nothing but zeros. Data that are no zeros are found out at their first bytes. */
export function isZero(address: usize, bytes: usize): bool {
  const end = address + bytes
  const unrolled = address + (bytes & ~63)
  for (; address < unrolled; address += 64) {
    const any =
      load<u64>(address) |
      load<u64>(address, 8) |
      load<u64>(address, 16) |
      load<u64>(address, 24) |
      load<u64>(address, 32) |
      load<u64>(address, 40) |
      load<u64>(address, 48) |
      load<u64>(address, 56)
    if (any !== 0) return false
  }
  for (; address < end; address += 8) if (load<u64>(address) !== 0) return false
  return true
}

export function isEqual(left: usize, right: usize, bytes: usize): bool {
  const end = left + bytes
  const unrolled = left + (bytes & ~31)
  for (; left < unrolled; left += 32, right += 32) {
    const any =
      (load<u64>(left) ^ load<u64>(right)) |
      (load<u64>(left, 8) ^ load<u64>(right, 8)) |
      (load<u64>(left, 16) ^ load<u64>(right, 16)) |
      (load<u64>(left, 24) ^ load<u64>(right, 24))
    if (any !== 0) return false
  }
  for (; left < end; left += 8, right += 8) if (load<u64>(left) !== load<u64>(right)) return false
  return true
}
