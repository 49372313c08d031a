import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BlockMap } from '../../host/workload/blockMap'

it('agrees with a plain list of booleans, whatever is taken and asked', () => {
  const step = fc.record({ block: fc.nat(5000), count: fc.integer({ min: 1, max: 300 }) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2500 }), fc.array(step, { maxLength: 30 }), (blockCount, steps) => {
      const map = new BlockMap(blockCount)
      const taken = new Array<boolean>(blockCount).fill(false)
      for (const { block, count } of steps) {
        const from = block % blockCount
        const after = taken.indexOf(false, from)
        const expected = after >= 0 ? after : taken.indexOf(false)
        expect(map.nextFree(from)).toBe(expected)
        if (expected < 0) break
        let got = 0
        while (got < count && taken[expected + got] === false) taken[expected + got++] = true
        expect(map.take(expected, count)).toBe(got)
      }
      for (const [block, isTaken] of taken.entries()) expect(map.isFree(block)).toBe(!isTaken)
    }),
  )
})

it('is full when every block is taken, and empty after clear', () => {
  for (const blockCount of [1, 31, 32, 33, 1024, 1025, 33_000]) {
    const map = new BlockMap(blockCount)
    expect(map.take(0, blockCount)).toBe(blockCount)
    expect(map.nextFree(0)).toBe(-1)
    map.clear()
    expect(map.nextFree(blockCount - 1)).toBe(blockCount - 1)
  }
})
