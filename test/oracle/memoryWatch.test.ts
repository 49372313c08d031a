// An array whose NVRAM has lost its content: when it cannot know better, and what that excuses.

import { describe, expect, it } from 'vitest'
import { excuseOf, SEEN_FOREIGN, SEEN_OLDER } from '../../host/oracle/excuse'
import { MemoryWatch } from '../../host/oracle/memoryWatch'
import { FakeRig } from './fakeRig'

const GRACE_NS = 10

/** Drives 1 and 2 are in sync until 100; then power fails, and this is in the NVRAM. */
function lost({ isOld = true, isLost = true } = {}) {
  const rig = new FakeRig()
  const watch = new MemoryWatch(rig, GRACE_NS)
  watch.look([1, 2], [1, 2], 0)
  if (isLost) rig.nvramLosses++
  rig.isNvramOld = isOld
  expect(watch.wasLost()).toBe(isLost)
  return { rig, watch }
}

describe('an array is blind', () => {
  it('when an older content was put back and nobody is there who has been in sync since', () => {
    const { watch } = lost()
    watch.look([3], [3], 200)
    expect(watch.blindSinceNs).toBe(200)
  })

  it.each([
    ['one of them is there', lost, [3, 2]],
    ['its memory is empty: it knows that it knows nothing', () => lost({ isOld: false }), [3]],
    ['its memory is as it was', () => lost({ isLost: false }), [3]],
  ])('not when %s', (_, begin, inSync) => {
    const { watch } = begin()
    watch.look(inSync, inSync, 200)
    expect(watch.blindSinceNs).toBe(-1)
  })

  it('not because the initiators have gone to another site, whose members are others', () => {
    const { watch } = lost()
    watch.changedOver()
    watch.look([3], [3], 200)
    expect(watch.blindSinceNs).toBe(-1)
  })

  it('and is excused for older contents of what was written before that, and for nothing else', () => {
    const { rig, watch } = lost()
    watch.look([3], [3], 200)
    const known = { view: rig, memory: watch }
    expect(excuseOf(known, 0, 199, SEEN_OLDER)).toContain('older content of its NVRAM')
    expect(excuseOf(known, 0, 200, SEEN_OLDER)).toBeNull()
    expect(excuseOf(known, 0, 199, SEEN_FOREIGN)).toBeNull()
  })
})

it('a loss may not be recorded yet when a drive in use has just gone, also over a power cut', () => {
  const { watch } = lost()
  expect(watch.mayHaveUnrecordedLoss(200)).toBe(false)
  watch.look([1], [1], 200)
  expect(watch.mayHaveUnrecordedLoss(200 + GRACE_NS)).toBe(true)
  expect(watch.mayHaveUnrecordedLoss(201 + GRACE_NS)).toBe(false)
})
