// Whether two ranges of bytes are the same. Where the machine has something faster than a loop, it is put in here.

export type EqualBytes = (a: Uint8Array, fromA: number, b: Uint8Array, fromB: number, count: number) => boolean

export let areEqualBytes: EqualBytes = (a, fromA, b, fromB, count) => {
  for (let i = 0; i < count; i++) if (a[fromA + i] !== b[fromB + i]) return false
  return true
}

export function compareBytesBy(faster: EqualBytes): void {
  areEqualBytes = faster
}
