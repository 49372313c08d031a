import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HddGeometry, HddPlace } from '../../../host/hardware/timing/hddGeometry'
import { KnownPlaces } from '../../../host/hardware/timing/hddKnownPlaces'
import { cheetah9lp } from '../../../host/hardware/timing/parameters/cheetah9lp'

const BLOCKS = 102_400

it('places that are remembered are those that a look-up finds, whatever was asked for before', () => {
  const geometry = new HddGeometry(cheetah9lp, BLOCKS)
  // 1,024 blocks apart: many share an entry of the cache.
  const lbn = fc.integer({ min: 0, max: BLOCKS / 1024 - 1 }).map((n) => n * 1024)
  fc.assert(
    fc.property(fc.array(fc.oneof(lbn, fc.nat(BLOCKS - 1)), { maxLength: 50 }), (lbns) => {
      const known = new KnownPlaces()
      const found = new HddPlace()
      for (const each of lbns) {
        geometry.locate(each, found)
        expect(known.placeOf(each, geometry)).toEqual(found)
      }
    }),
  )
})
