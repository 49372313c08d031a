import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HddGeometry, HddPlace } from '../../../host/hardware/timing/hddGeometry'
import type { HddParameters, HddZone } from '../../../host/hardware/timing/hddParameters'
import { ANGLE_TURN } from '../../../host/hardware/timing/hddRotation'
import { cheetah9lpMechanics } from '../../../host/hardware/timing/parameters/cheetah9lp'

interface ZoneSketch {
  cylinders: number
  blocksPerTrack: number
  slips: number[]
  spare: number
}

const HEADS = 3

function sketchDrive(sketches: ZoneSketch[]): HddParameters {
  const zones: HddZone[] = []
  let cylinder = 0
  let blockCount = 0
  for (const { cylinders, blocksPerTrack, slips, spare } of sketches) {
    const places = cylinders * HEADS * blocksPerTrack
    const spareBlocks = slips.length + spare
    zones.push({
      firstCylinder: cylinder,
      lastCylinder: cylinder + cylinders - 1,
      blocksPerTrack,
      trackSkewBlocks: 3,
      cylinderSkewBlocks: 5,
      spareBlocks,
      slips,
    })
    cylinder += cylinders + 1
    blockCount += places - spareBlocks
  }
  return { ...cheetah9lpMechanics, heads: HEADS, zones, blockCount }
}

const zoneSketch: fc.Arbitrary<ZoneSketch> = fc
  .record({
    cylinders: fc.integer({ min: 2, max: 5 }),
    blocksPerTrack: fc.integer({ min: 4, max: 12 }),
    spare: fc.nat({ max: 3 }),
    slips: fc.uniqueArray(fc.nat({ max: 2 * HEADS * 4 - 1 }), { maxLength: 14 }),
  })
  .map((sketch) => ({ ...sketch, slips: sketch.slips.toSorted((a, b) => a - b) }))

/** Every LBN's place, the plain way: walk the tracks, leave out what is slipped. */
function walk(parameters: HddParameters): { cylinder: number; head: number; sector: number; angle: number }[] {
  const places = []
  for (const zone of parameters.zones) {
    const slipped = new Set(zone.slips)
    const cylinders = zone.lastCylinder - zone.firstCylinder + 1
    const zoneBlocks = cylinders * HEADS * zone.blocksPerTrack - zone.spareBlocks
    for (let offset = 0, blocks = 0; blocks < zoneBlocks; offset++) {
      if (slipped.has(offset)) continue
      blocks++
      const track = Math.floor(offset / zone.blocksPerTrack)
      const zoneCylinder = Math.floor(track / HEADS)
      const head = track % HEADS
      const sector = offset % zone.blocksPerTrack
      const tracksSkewed = head + (HEADS - 1) * zoneCylinder
      const skewed = tracksSkewed * zone.trackSkewBlocks + zoneCylinder * zone.cylinderSkewBlocks + sector
      const angle = Math.round(((skewed % zone.blocksPerTrack) * ANGLE_TURN) / zone.blocksPerTrack)
      places.push({ cylinder: zone.firstCylinder + zoneCylinder, head, sector, angle })
    }
  }
  return places
}

describe('the geometry of a disk', () => {
  it('maps every block to the place that a walk over the medium finds, with its track and its run', () => {
    fc.assert(
      fc.property(fc.array(zoneSketch, { minLength: 1, maxLength: 3 }), (sketches) => {
        const parameters = sketchDrive(sketches)
        const places = walk(parameters)
        const geometry = new HddGeometry(parameters, parameters.blockCount)
        const place = new HddPlace()
        const onTrack = (lbn: number) =>
          places.flatMap((p, i) => (p.cylinder === places[lbn]!.cylinder && p.head === places[lbn]!.head ? [i] : []))
        for (let lbn = 0; lbn < places.length; lbn++) {
          geometry.locate(lbn, place)
          const { cylinder, head, sector, angle } = place
          expect({ cylinder, head, sector }).toEqual({ ...places[lbn], angle: undefined })
          expect(Math.abs(angle - places[lbn]!.angle)).toBeLessThanOrEqual(1)
          const track = onTrack(lbn)
          expect([geometry.trackFirstLbn(place), geometry.trackEndLbn(place)]).toEqual([track[0], track.at(-1)! + 1])
          let run = 1
          while (track.includes(lbn + run) && places[lbn + run]!.sector === sector + run) run++
          // A run may count spare places at the end of a zone: no request reaches them.
          expect(Math.min(place.runBlocks, track.at(-1)! + 1 - lbn)).toBe(run)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('uses the first blocks of the real drive when the simulated one is smaller', () => {
    const small = new HddGeometry(cheetah9lpMechanics, 300_000)
    const real = new HddGeometry(cheetah9lpMechanics, cheetah9lpMechanics.blockCount)
    const [a, b] = [new HddPlace(), new HddPlace()]
    for (let lbn = 0; lbn < 300_000; lbn += 997) {
      small.locate(lbn, a)
      real.locate(lbn, b)
      expect([a.cylinder, a.head, a.sector, a.angle]).toEqual([b.cylinder, b.head, b.sector, b.angle])
    }
    expect(small.cylinders).toBeLessThan(real.cylinders)
    expect(small.density).toBe(1)
  })

  it('gives every zone more cylinders, in proportion, when the simulated drive is larger', () => {
    const blocks = cheetah9lpMechanics.blockCount * 10
    const large = new HddGeometry(cheetah9lpMechanics, blocks)
    const real = new HddGeometry(cheetah9lpMechanics, cheetah9lpMechanics.blockCount)
    const [a, b] = [new HddPlace(), new HddPlace()]
    for (let i = 0; i < 100; i++) {
      large.locate(Math.floor((blocks * i) / 100), a)
      real.locate(Math.floor((cheetah9lpMechanics.blockCount * i) / 100), b)
      expect(a.cylinder / large.cylinders).toBeCloseTo(b.cylinder / real.cylinders, 2)
    }
    large.locate(blocks - 1, a)
    expect(a.cylinder).toBe(large.cylinders - 1)
  })
})
