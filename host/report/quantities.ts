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

const LEFT_UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
]

/** For waiting, in whole seconds and at most two units: '42 s', '1 min 30 s', '2 h 5 min', '3 d 4 h' */
export function timeLeftText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const first = LEFT_UNITS.findIndex(([size]) => seconds >= size)
  if (first < 0) return '0 s'
  const [size, name] = LEFT_UNITS[first]!
  const next = LEFT_UNITS[first + 1]
  const rest = next ? Math.floor((seconds % size) / next[0]) : 0
  return `${Math.floor(seconds / size)} ${name}${next && rest > 0 ? ` ${rest} ${next[1]}` : ''}`
}
