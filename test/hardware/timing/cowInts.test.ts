import fc from 'fast-check'
import { describe, it } from 'vitest'
import { CowInts } from '../../../host/hardware/timing/cowInts'

const LENGTH = 5000
const writes = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: LENGTH - 1 }), fc.integer()), { maxLength: 200 })

describe('an array whose copies share what they have not changed', () => {
  it('behaves as three separate arrays do, whichever of them is written to', () => {
    fc.assert(
      fc.property(writes, writes, (before, after) => {
        const first = CowInts.create(LENGTH)
        const plain = new Int32Array(LENGTH)
        for (const [, index, value] of before) {
          first.set(index, value)
          plain[index] = value
        }
        const second = first.clone()
        const arrays = [first, second, second.clone()]
        const plains = arrays.map(() => plain.slice())
        for (const [which, index, value] of after) {
          arrays[which]!.set(index, value)
          plains[which]![index] = value
        }
        for (let which = 0; which < 3; which++) {
          for (let i = 0; i < LENGTH; i += 1) {
            if (arrays[which]!.get(i) !== plains[which]![i]) throw new Error(`array ${which} differs at ${i}`)
          }
        }
      }),
    )
  })
})
