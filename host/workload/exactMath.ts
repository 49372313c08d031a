// Logarithm and powers that give the same bits on every machine.
//
// Math.log, Math.exp and Math.pow may differ in the last bit from engine to engine, and one bit can move a request to another block.
// These use only + - * / and comparisons, which IEEE 754 fixes. Relative error below 1e-14: for distributions, not for numerics.

const LN_2_HIGH = 0.6931471803691238 // the first 33 bits of ln 2, so that k * LN_2_HIGH is exact
const LN_2_LOW = 1.9082149292705877e-10

const float = new Float64Array(1)
/** The same eight bytes as two words; which of them holds the sign and the exponent is the machine's choice. */
const words = new Uint32Array(float.buffer)
float[0] = 1
const HIGH = words[1] === 0x3ff0_0000 ? 1 : 0

/** 2 / (2i + 1): the series of ln((1 + s) / (1 - s)) = s * (2 + 2/3 s^2 + 2/5 s^4 + ...). */
const LN_SERIES = Float64Array.from({ length: 11 }, (_, i) => 2 / (2 * i + 1))

const [EXP_2, EXP_3, EXP_4, EXP_5, EXP_6, EXP_7, EXP_8, EXP_9, EXP_10, EXP_11, EXP_12, EXP_13] = [
  1 / 2,
  1 / 6,
  1 / 24,
  1 / 120,
  1 / 720,
  1 / 5040,
  1 / 40320,
  1 / 362880,
  1 / 3628800,
  1 / 39916800,
  1 / 479001600,
  1 / 6227020800,
] as const

/** The natural logarithm of a normal x > 0. */
export function exactLn(x: number): number {
  float[0] = x
  const high = words[HIGH]!
  let exponent = (high >>> 20) - 1023
  words[HIGH] = (high & 0x000f_ffff) | 0x3ff0_0000
  let mantissa = float[0]!
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent++
  }
  // |s| < 0.172, so that its 22nd power is below 1e-16.
  const s = (mantissa - 1) / (mantissa + 1)
  const q = s * s
  let sum = LN_SERIES[10]!
  for (let i = 9; i >= 0; i--) sum = sum * q + LN_SERIES[i]!
  return exponent * LN_2_HIGH + (exponent * LN_2_LOW + s * sum)
}

/** e^x for |x| < 700. */
export function exactExp(x: number): number {
  const k = Math.round(x * Math.LOG2E)
  const r = x - k * LN_2_HIGH - k * LN_2_LOW
  // |r| < 0.35: the series to the 13th power, in a tree of short chains, because each step of one chain waits for the one before.
  const r2 = r * r
  const r4 = r2 * r2
  const low = 1 + r + r2 * (EXP_2 + r * EXP_3) + r4 * (EXP_4 + r * EXP_5 + r2 * (EXP_6 + r * EXP_7))
  const high = EXP_8 + r * EXP_9 + r2 * (EXP_10 + r * EXP_11) + r4 * (EXP_12 + r * EXP_13)
  const sum = low + r4 * r4 * high
  words[HIGH] = (k + 1023) << 20
  words[1 - HIGH] = 0
  return sum * float[0]!
}

/** base^exponent for base >= 0, as long as the result is a normal number. */
export function exactPow(base: number, exponent: number): number {
  if (base === 0) return exponent === 0 ? 1 : 0
  const x = exponent * exactLn(base)
  return x < -700 ? 0 : exactExp(x)
}
