// Numbers for people: rounded to what an eye can compare, always with a unit. Exact values are in the JSON report.

/** 1234567 -> '1,234,567' */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** '1 write', '2 writes' */
export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${countText(count)} ${count === 1 ? singular : several}`
}

/** Three significant digits, without exponent: 1.23, 12.3, 123, 1,230. */
function rounded(value: number): string {
  if (value >= 1000) return countText(value)
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  const text = value.toFixed(digits)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

const DURATION_UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
]

/** '1.21 s', '350 µs' */
export function durationText(ns: number): string {
  if (ns === Infinity) return 'forever'
  // What rounds to the next unit is told in it: 999,999 ns are 1 ms.
  const [unit, name] = DURATION_UNITS.find(([size]) => ns >= size * 0.9995) ?? [1, 'ns']
  return `${rounded(ns / unit)} ${name}`
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** '7.81 MiB' */
export function bytesText(bytes: number): string {
  let index = 0
  let value = bytes
  while (value >= 1024 && index < BYTE_UNITS.length - 1) {
    value /= 1024
    index++
  }
  return `${rounded(value)} ${BYTE_UNITS[index]}`
}
