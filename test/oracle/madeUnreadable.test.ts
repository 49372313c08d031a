// Sectors that the microcode made unreadable: where no drive ever had a fault nobody had a reason for it (AVAIL).

import { describe, expect, it } from 'vitest'
import { DATA_OFFSET, FakeRig } from './fakeRig'

describe('an unreadable sector at the end', () => {
  it('breaks AVAIL where no drive ever had a fault, though it is so on all members', () => {
    const rig = new FakeRig()
    for (const bay of [0, 1]) rig.drives[bay]!.medium.makeUnreadable(DATA_OFFSET + 8, 1)
    rig.finish()
    expect(rig.laws).toContain('AVAIL')
  })

  it('may be where some drive had one', () => {
    const rig = new FakeRig()
    rig.filter(1)
    for (const bay of [0, 1]) rig.drives[bay]!.medium.makeUnreadable(DATA_OFFSET + 8, 1)
    rig.finish()
    expect(rig.laws).toEqual([])
  })

  it('is looked for at the other site, too', () => {
    const copy = new FakeRig()
    copy.drives[0]!.medium.makeUnreadable(DATA_OFFSET + 8, 1)
    const rig = new FakeRig({ otherView: copy })
    rig.finish()
    expect(rig.laws).toEqual(['AVAIL'])
  })
})
