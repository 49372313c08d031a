// Sets of small numbers: a bit each, lowest bit of a byte first.

export const NO_BIT: u32 = 0xffffffff

export function hasBit(set: usize, bit: u32): bool {
  return ((load<u8>(set + (bit >> 3)) >> <u8>(bit & 7)) & 1) != 0
}

export function setBit(set: usize, bit: u32): void {
  const at = set + (bit >> 3)
  store<u8>(at, load<u8>(at) | ((<u8>1) << (<u8>(bit & 7))))
}

export function clearBit(set: usize, bit: u32): void {
  const at = set + (bit >> 3)
  store<u8>(at, load<u8>(at) & ~((<u8>1) << (<u8>(bit & 7))))
}

/** The first bit that is set, from `from` on and before `end`; or NO_BIT. */
export function nextBit(set: usize, from: u32, end: u32): u32 {
  for (let bit = from; bit < end; ) {
    const rest = load<u8>(set + (bit >> 3)) >> <u8>(bit & 7)
    if (rest != 0) {
      const found = bit + ctz<u32>(rest)
      return found < end ? found : NO_BIT
    }
    bit = (bit | 7) + 1
  }
  return NO_BIT
}

/** How many are set before `end`. */
export function countBits(set: usize, end: u32): u32 {
  let count: u32 = 0
  for (let bit = nextBit(set, 0, end); bit != NO_BIT; bit = nextBit(set, bit + 1, end)) count++
  return count
}
