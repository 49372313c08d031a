import { describe, expect, it } from 'vitest'
import { tickStep } from '../../host/report/html/svg'
import { bytesText, countText, durationText, plural } from '../../host/report/quantities'

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('%d is counted as %s', (count, text) => {
    expect(countText(count)).toBe(text)
  })

  it.each([
    [0, '0 ns'],
    [999, '999 ns'],
    [1000, '1 µs'],
    [1234, '1.23 µs'],
    [12_340_000, '12.3 ms'],
    [999_999, '1 ms'],
    [999_000, '999 µs'],
    [1_207_345_678, '1.21 s'],
    [4_000_000_000_000, '4,000 s'],
    [Infinity, 'forever'],
  ])('%d ns are %s', (ns, text) => {
    expect(durationText(ns)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [4096, '4 KiB'],
    [81_920_000, '78.1 MiB'],
    [2 ** 50, '1 PiB'],
    [2 ** 60, '1,024 PiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })

  it('one thing is one thing', () => {
    expect([plural(1, 'flush', 'flushes'), plural(2, 'flush', 'flushes'), plural(0, 'read')]).toEqual([
      '1 flush',
      '2 flushes',
      '0 reads',
    ])
  })

  it.each([
    [100, 5, 20],
    [7, 6, 2],
    [1_207_345_678, 6, 500_000_000],
  ])('an axis to %d has round steps', (max, count, step) => {
    expect(tickStep(max, count)).toBe(step)
  })
})
