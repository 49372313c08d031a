import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Area, checkAreas } from '../../host/controller/areas'
import { MicrocodeRefused } from '../../host/controller/microcodeRefused'

const MEMORY_BYTES = 64
const area = (name: string, address: number, bytes: number, alignment = 1): Area => ({
  name,
  address,
  bytes,
  alignment,
})

describe('areas', () => {
  it('may touch, and may reach the last byte of the memory', () => {
    checkAreas([area('b', 8, 56), area('a', 0, 8)], MEMORY_BYTES)
  })

  it('are refused when they share one byte', () => {
    expect(() => checkAreas([area('b', 7, 4), area('a', 0, 8)], MEMORY_BYTES)).toThrow(
      'area b: found bytes 7 to 10, expected none of area a, bytes 0 to 7',
    )
  })

  it('are refused when one byte lies outside', () => {
    expect(() => checkAreas([area('a', 60, 5)], MEMORY_BYTES)).toThrow('area a: found bytes 60 to 64, expected')
  })

  it('are nowhere when they have no bytes', () => {
    checkAreas([area('a', 0, 8), area('none', 3, 0, 4), area('far', 1000, 0)], MEMORY_BYTES)
  })

  it('are accepted exactly when each byte is in one area at most', () => {
    const some = fc.array(fc.tuple(fc.nat(70), fc.nat(12)), { maxLength: 8 })
    fc.assert(
      fc.property(some, (places) => {
        const areas = places.map(([address, bytes], index) => area(`${index}`, address, bytes))
        const covered = areas.flatMap(({ address, bytes }) =>
          Array.from({ length: bytes }, (_, index) => address + index),
        )
        const apart = new Set(covered).size === covered.length && covered.every((byte) => byte < MEMORY_BYTES)
        if (apart) checkAreas(areas, MEMORY_BYTES)
        else expect(() => checkAreas(areas, MEMORY_BYTES)).toThrow(MicrocodeRefused)
      }),
    )
  })
})
