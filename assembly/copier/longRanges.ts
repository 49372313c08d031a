// Comparing chunks, 16 bytes at a time (WebAssembly's SIMD of fixed width, in its standard since 2.0): of a verify it is most of the
// work. lib/bytes.ts does the same for everybody, without instructions that a reader of modules may not know.

/** Whether a range holds nothing but zeros. Data that are no zeros are found out at their first bytes. */
export function isZero(address: usize, bytes: usize): bool {
  const end = address + bytes
  const unrolled = address + (bytes & ~63)
  for (; address < unrolled; address += 64) {
    const any = v128.or(
      v128.or(v128.load(address), v128.load(address, 16)),
      v128.or(v128.load(address, 32), v128.load(address, 48)),
    )
    if (v128.any_true(any)) return false
  }
  for (; address < end; address += 8) if (load<u64>(address) !== 0) return false
  return true
}

export function isEqual(left: usize, right: usize, bytes: usize): bool {
  const end = left + bytes
  const unrolled = left + (bytes & ~63)
  for (; left < unrolled; left += 64, right += 64) {
    const any = v128.or(
      v128.or(v128.xor(v128.load(left), v128.load(right)), v128.xor(v128.load(left, 16), v128.load(right, 16))),
      v128.or(v128.xor(v128.load(left, 32), v128.load(right, 32)), v128.xor(v128.load(left, 48), v128.load(right, 48))),
    )
    if (v128.any_true(any)) return false
  }
  for (; left < end; left += 8, right += 8) if (load<u64>(left) !== load<u64>(right)) return false
  return true
}
