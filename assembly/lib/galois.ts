// Arithmetic in the field of 256 elements whose polynomial is x^8 + x^4 + x^3 + x^2 + 1 (ECMA-130, annex A; also of many other Reed-Solomon codes).
// Addition is exclusive or. Alpha, the element 2, generates all elements but 0.

const POLYNOMIAL: u32 = 0x11d
/** Alpha to the power of 0 to 509: two rounds, so that a sum of two logarithms needs no remainder. */
const POWERS: usize = memory.data(512, 16)
const LOGARITHMS: usize = memory.data(256, 16)

function fillTables(): void {
  let value: u32 = 1
  for (let power: usize = 0; power < 255; power++) {
    store<u8>(POWERS + power, <u8>value)
    store<u8>(POWERS + power + 255, <u8>value)
    store<u8>(LOGARITHMS + value, <u8>power)
    value <<= 1
    if (value & 0x100) value ^= POLYNOMIAL
  }
}
fillTables()

/** `power` below 510. */
export function alphaTo(power: u32): u32 {
  return <u32>load<u8>(POWERS + power)
}

/** The power of alpha that an element is; not of 0. */
export function logarithm(value: u32): u32 {
  return <u32>load<u8>(LOGARITHMS + value)
}

export function multiply(a: u32, b: u32): u32 {
  return a === 0 || b === 0 ? 0 : alphaTo(logarithm(a) + logarithm(b))
}

/** `b` is not 0. */
export function divide(a: u32, b: u32): u32 {
  return a === 0 ? 0 : alphaTo(logarithm(a) + 255 - logarithm(b))
}

export function timesAlpha(value: u32): u32 {
  return ((value << 1) ^ (value & 0x80 ? POLYNOMIAL : 0)) & 0xff
}
