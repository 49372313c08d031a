// Who sends initiators to a site goes on asking it, also when its power fails in the middle of the first request.
import { expect, it } from 'vitest'
import { ROLE_SECONDARY } from '../../assembly/abi/status'
import { KIND_FAILOVER } from '../../host/rig/eventKinds'
import type { Rig } from '../../host/rig/rig'
import { SiteOperator } from '../../host/scenario/siteOperator'
import { EventQueue } from '../../host/sim/eventQueue'

it('a site whose power fails while it is asked to take over is asked again', () => {
  const events = new EventQueue()
  let asked = 0
  const site = {
    isPowered: true,
    controller: { statusWord: () => ROLE_SECONDARY },
    operate: () => {
      asked++
      throw new Error('power fails at a crash point in the middle of the entry point')
    },
  }
  const operator = new SiteOperator({ site, sites: [site, site], activeIndex: 0 } as unknown as Rig, events, false)
  expect(() => operator.welcome()).toThrow('power fails')
  for (let looks = 1; looks <= 3; looks++) {
    expect(asked).toBe(looks)
    expect(events.pop()).toBe(true)
    expect(events.kind).toBe(KIND_FAILOVER)
    expect(() => operator.lookAfter(events.a, events.b)).toThrow('power fails')
  }
})
