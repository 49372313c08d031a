import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, nearest } from '../../host/scenario/didYouMean'

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('from %j to %j is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  it('is the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

describe('a suggestion', () => {
  const known = ['driveCapacity', 'members', 'microcode:bitmap-begin']

  it('forgives case and dashes', () => {
    expect(nearest('drive-capacity', known)).toEqual(['driveCapacity'])
    expect(nearest('DRIVE_CAPACITY', known)).toEqual(['driveCapacity'])
  })

  it('completes a name without its prefix', () => {
    expect(nearest('bitmap-begin', known)).toEqual(['microcode:bitmap-begin'])
  })

  it('is silent when nothing is near', () => {
    expect(didYouMean('colour', known)).toBeNull()
    expect(didYouMean('', known)).toBeNull()
  })
})
