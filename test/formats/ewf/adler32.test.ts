import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { adler32 } from '../../../host/formats/ewf/adler32'

/** zlib ends its data with the checksum of what was packed. */
function zlibsSum(bytes: Uint8Array): number {
  const packed = deflateSync(bytes, { level: 0 })
  return packed.readUInt32BE(packed.length - 4)
}

it('is what zlib has, at any place in memory and in any parts', () => {
  const bytes = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(200), fc.nat(5), fc.nat(70_000))
  fc.assert(
    fc.property(bytes, ([pattern, times, shift, cut]) => {
      const all = Buffer.alloc(shift + pattern.length * times)
      for (let index = 0; index < times; index++) all.set(pattern, shift + index * pattern.length)
      const whole = new Uint8Array(all.buffer, all.byteOffset + shift, all.length - shift)
      const at = Math.min(cut, whole.length)
      expect(adler32(whole)).toBe(zlibsSum(whole))
      expect(adler32(whole.subarray(at), adler32(whole.subarray(0, at)))).toBe(zlibsSum(whole))
    }),
  )
})

it('is right for the largest sums', () => {
  for (const length of [5503, 5504, 5552, 5553, 70_000]) {
    const bytes = new Uint8Array(length).fill(255)
    expect(adler32(bytes)).toBe(zlibsSum(bytes))
  }
})
