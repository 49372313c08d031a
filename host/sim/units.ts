// Sizes and durations as people write them: '4 KiB', '120 µs', '1.5 s'. One reader and one printer for scenarios, options and reports.
//
// Exact: a text stands for one integer (bytes, or nanoseconds) or is refused, and what the printers print reads back as the same
// integer. Not for floating measurements, rates or negative numbers, and not for fio's own units (those live in workload/fio).
//
// Binary units are KiB, MiB, ... (IEC 80000-13); a bare K, M, G, T, P is binary too, as in dd and qemu-img; kB, MB, ... are decimal (SI).
// A number without a unit counts bytes; a duration must have a unit, because people disagree on its default.

/** The text is no size or duration, or does not stand for an integer that a double holds. */
export class UnitError extends Error {
  override readonly name = 'UnitError'

  constructor(
    readonly found: string,
    readonly expected: string,
  ) {
    super(`found ${JSON.stringify(found)}, expected ${expected}`)
  }
}

const BYTE_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['B', 1n],
  ...['K', 'M', 'G', 'T', 'P'].flatMap((prefix, index): [string, bigint][] => {
    const binary = 1024n ** BigInt(index + 1)
    const decimal = 1000n ** BigInt(index + 1)
    const units: [string, bigint][] = [
      [`${prefix}iB`, binary],
      [prefix, binary],
      [`${prefix}B`, decimal],
    ]
    return prefix === 'K' ? [...units, ['k', binary], ['kB', decimal], ['kiB', binary]] : units
  }),
])

const DURATION_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n], // the micro sign
  ['\u03bcs', 1_000n], // the Greek letter, which looks the same
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['min', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
])

const QUANTITY = /^\s*([0-9][0-9_]*)(?:\.([0-9]+))?\s*([A-Za-z\u00b5\u03bc]*)\s*$/

function parseQuantity(text: string, units: ReadonlyMap<string, bigint>, expected: string): number {
  const match = QUANTITY.exec(text)
  const unit = match ? units.get(match[3]!) : undefined
  if (!match || unit === undefined) throw new UnitError(text, expected)
  const fraction = match[2] ?? ''
  const scaled = BigInt(match[1]!.replaceAll('_', '') + fraction) * unit
  const divisor = 10n ** BigInt(fraction.length)
  if (scaled % divisor !== 0n) throw new UnitError(text, `${expected}, a whole number of the smallest unit`)
  const value = scaled / divisor
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnitError(text, `${expected}, less than 2^53`)
  return Number(value)
}

/** '4 KiB' = '4K' = '4096' = 4096; '1.5 GiB'; '4 kB' = 4000. Throws UnitError. */
export function parseBytes(text: string): number {
  return parseQuantity(text, BYTE_UNITS, "a size such as '4 KiB', '1.5 GiB', '4 kB' or '4096'")
}

/** '120 µs' = '120us' = 120000; ns, us, ms, s, min, h, d. Throws UnitError. */
export function parseDurationNs(text: string): number {
  return parseQuantity(text, DURATION_UNITS, "a duration with its unit, such as '120 µs', '8 ms', '1.5 s' or '2 min'")
}

/** value = whole . decimals, without trailing zeros; the decimals are exact or absent. */
function decimal(value: bigint, unit: bigint, decimalsMax: number): string | null {
  const scale = 10n ** BigInt(decimalsMax)
  if ((value * scale) % unit !== 0n) return null
  const scaled = (value * scale) / unit
  const fraction = (scaled % scale).toString().padStart(decimalsMax, '0').replace(/0+$/, '')
  return fraction === '' ? `${scaled / scale}` : `${scaled / scale}.${fraction}`
}

function printable(value: number): bigint {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a printable count: ${value}`)
  return BigInt(value)
}

/** The largest binary unit that shows `bytes` exactly in at most three decimals: '4 KiB', '1.5 GiB', '4097 B'. */
export function formatBytes(bytes: number): string {
  const value = printable(bytes)
  for (const [index, prefix] of ['P', 'T', 'G', 'M', 'K'].entries()) {
    const unit = 1024n ** BigInt(5 - index)
    const text = value >= unit ? decimal(value, unit, 3) : null
    if (text !== null) return `${text} ${prefix}iB`
  }
  return `${value} B`
}

/** The largest of s, ms, µs, ns that is not larger than the duration, exactly: '1.5 s', '8.000001 ms', '0 ns'. */
export function formatDurationNs(durationNs: number): string {
  const value = printable(durationNs)
  if (value >= 1_000_000_000n) return `${decimal(value, 1_000_000_000n, 9)} s`
  if (value >= 1_000_000n) return `${decimal(value, 1_000_000n, 6)} ms`
  if (value >= 1_000n) return `${decimal(value, 1_000n, 3)} \u00b5s`
  return `${value} ns`
}
