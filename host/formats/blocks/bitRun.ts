// Runs of equal bits in a bitmap of sectors.

/** Of the eight sectors of a byte, which bit is the first one's. */
export type BitOrder = 'high bit first' | 'low bit first'

export function bitAt(bitmap: Uint8Array, index: number, order: BitOrder): boolean {
  const bit = order === 'high bit first' ? 7 - (index & 7) : index & 7
  return ((bitmap[index >> 3]! >> bit) & 1) === 1
}

/** The first bit from `index` on that is not as bit `index` is, or `end`. */
export function endOfRun(bitmap: Uint8Array, index: number, end: number, order: BitOrder): number {
  const value = bitAt(bitmap, index, order)
  const whole = value ? 0xff : 0
  let at = index + 1
  while (at < end) {
    if ((at & 7) === 0 && bitmap[at >> 3] === whole) at += 8
    else if (bitAt(bitmap, at, order) === value) at++
    else return at
  }
  return end
}

export function setBit(bitmap: Uint8Array, index: number, order: BitOrder): void {
  bitmap[index >> 3]! |= order === 'high bit first' ? 0x80 >> (index & 7) : 1 << (index & 7)
}
