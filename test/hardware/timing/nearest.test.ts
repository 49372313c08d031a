import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DRIVE_WRITE } from '../../../assembly/abi/driveSlots'
import { createTimingModel } from '../../../host/hardware/timing/timingModels'

const SECTORS = 1_000_000

it('a limit changes how long the search for the nearest command takes, not which it is', () => {
  const lba = fc.nat(SECTORS - 8)
  fc.assert(
    fc.property(fc.array(lba, { minLength: 2, maxLength: 32 }), lba, fc.nat(1e9), (lbas, arm, nowNs) => {
      const model = createTimingModel('hdd', undefined, SECTORS, 512)
      const freeNs = model.serve(DRIVE_WRITE, arm, 8, nowNs)
      const exact = lbas.map((at) => model.positioningNs(DRIVE_WRITE, at, freeNs))
      let bestNs = Number.POSITIVE_INFINITY
      let best = -1
      for (const [index, at] of lbas.entries()) {
        const ns = model.positioningNs(DRIVE_WRITE, at, freeNs, bestNs)
        if (ns < bestNs) {
          bestNs = ns
          best = index
        }
      }
      expect(best).toBe(exact.indexOf(Math.min(...exact)))
    }),
  )
})

it('where the platters stand is worked out anew for each time', () => {
  const asked = fc.array(fc.tuple(fc.nat(SECTORS - 8), fc.nat(1e12)), { minLength: 2, maxLength: 8 })
  fc.assert(
    fc.property(asked, (places) => {
      const model = createTimingModel('hdd', undefined, SECTORS, 512)
      for (const [lba, nowNs] of places) {
        expect(model.positioningNs(DRIVE_WRITE, lba, nowNs)).toBe(model.clone().positioningNs(DRIVE_WRITE, lba, nowNs))
      }
    }),
  )
})
