import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatDurationNs, parseBytes, parseDurationNs, UnitError } from '../../host/sim/units'

const count = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(5000),
  fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 40 })).map(([n, shift]) => n * 2 ** shift),
  fc.tuple(fc.nat(9000), fc.integer({ min: 0, max: 11 })).map(([n, digits]) => n * 10 ** digits),
)

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['4 KiB', 4096],
    ['4K', 4096],
    ['4k', 4096],
    ['4 kB', 4000],
    ['4 KB', 4000],
    ['1.5 GiB', 1_610_612_736],
    ['0.5KiB', 512],
    ['2 TiB', 2_199_023_255_552],
    ['64_000 B', 64_000],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each(['', ' ', 'KiB', '-1', '1.5', '0.3 KiB', '4 kib', '4 m', '1e3', '4 KiB/s', '1,5 KiB', 'NaN'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseBytes(text)).toThrow(UnitError)
    },
  )

  it('refuses what a double cannot count', () => {
    expect(() => parseBytes('8 PiB')).toThrow(/less than 2\^53/)
  })

  it('prints with the largest exact unit', () => {
    expect(formatBytes(0)).toBe('0 B')
    expect(formatBytes(4096)).toBe('4 KiB')
    expect(formatBytes(4097)).toBe('4097 B')
    expect(formatBytes(1536)).toBe('1.5 KiB')
    expect(formatBytes(1_610_612_736)).toBe('1.5 GiB')
    expect(formatBytes(10_100_000_000)).toBe('9863281.25 KiB')
  })

  it('reads back what it printed', () => {
    fc.assert(fc.property(count, (bytes) => parseBytes(formatBytes(bytes)) === bytes))
  })
})

describe('durations', () => {
  it.each([
    ['0 ns', 0],
    ['120 \u00b5s', 120_000],
    ['120 \u03bcs', 120_000],
    ['120us', 120_000],
    ['8 ms', 8_000_000],
    ['1.5 s', 1_500_000_000],
    ['0.000000001 s', 1],
    ['2 min', 120_000_000_000],
    ['1 h', 3_600_000_000_000],
    ['1 d', 86_400_000_000_000],
  ])('reads %s', (text, ns) => {
    expect(parseDurationNs(text)).toBe(ns)
  })

  it.each(['5', '0.5 ns', '1 m', '1 S', '-1 s', '1 s 5 ms', '300 d'])('refuses "%s"', (text) => {
    expect(() => parseDurationNs(text)).toThrow(UnitError)
  })

  it('says what it found and what it expected', () => {
    expect(() => parseDurationNs('5 fortnights')).toThrow(/found "5 fortnights", expected a duration with its unit/)
  })

  it('prints exactly', () => {
    expect(formatDurationNs(0)).toBe('0 ns')
    expect(formatDurationNs(120_000)).toBe('120 \u00b5s')
    expect(formatDurationNs(8_000_001)).toBe('8.000001 ms')
    expect(formatDurationNs(90_000_000_000)).toBe('90 s')
  })

  it('reads back what it printed', () => {
    fc.assert(fc.property(count, (ns) => parseDurationNs(formatDurationNs(ns)) === ns))
  })

  it('refuses to print what is no count', () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => formatDurationNs(value)).toThrow(RangeError)
  })
})
