// Where a block lies: LBN -> cylinder, head, sector, and the angle of that sector.
//
// Zones hold consecutive LBNs in order, track by track, cylinder by cylinder (no serpentine). Places that are bad are slipped: the
// next LBN simply lies one further. So the map is a list of *extents*, runs of LBNs that lie one after the other; an LBN's extent is
// found in a coarse table and a short walk. Angles are integers, in ANGLE_TURN-ths of a turn (see hddRotation.ts).
//
// A simulated drive smaller than the real one uses its first blocks. A larger one has more cylinders in every zone, in proportion,
// with denser tracks on the same platter: a seek over the same fraction of the stroke takes as long as before, and only the real
// cylinders have slips. Not modelled: defects that were remapped to spares after formatting.

import type { HddParameters } from './hddParameters'
import { ANGLE_TURN } from './hddRotation'

/** LBNs per entry of the coarse table: 2^12. */
const BUCKET_BLOCKS = 4096
const BUCKETS_PER_BLOCK = 1 / BUCKET_BLOCKS

/** A place on the medium; `locate` fills one in, so that looking up allocates nothing. */
export class HddPlace {
  cylinder = 0
  head = 0
  /** Index within the track. */
  sector = 0
  blocksPerTrack = 0
  zone = 0
  /** Blocks from here on that lie on this track one after the other without a slip: at least 1. */
  runBlocks = 0
  /** LBN of the extent's end and of this block, for walking on. */
  lbn = 0
  /** Extent that holds the block. */
  extent = 0
  /** Angle at which the block starts, in [0, ANGLE_TURN). */
  angle = 0
  /** By how much the platters turn while a block passes; not an integer. */
  blockTurn = 0
}

export class HddGeometry {
  /** Blocks that the simulated drive uses. */
  readonly blockCount: number
  /** Cylinders from 0 to the last one used. */
  readonly cylinders: number
  readonly heads: number
  /** By how much the cylinders of the real drive were multiplied: 1 unless the simulated drive is larger. */
  readonly density: number

  // By extent; one entry more than there are extents ends the list.
  readonly #extentFirstLbn: Float64Array
  readonly #extentOffset: Float64Array // Place in the zone = lbn + offset.
  readonly #extentZone: Uint16Array
  readonly #bucketExtent: Uint32Array

  // By zone.
  readonly #firstCylinder: Uint32Array
  readonly #blocksPerTrack: Uint32Array
  readonly #tracksPerBlock: Float64Array
  readonly #blockTurn: Float64Array
  readonly #trackSkew: Uint32Array
  readonly #cylindersPerTrack: number
  readonly #cylinderSkew: Uint32Array // From one cylinder to the same head of the next, modulo a track.

  constructor(parameters: HddParameters, blockCount: number) {
    const { heads, zones } = parameters
    this.blockCount = blockCount
    this.heads = heads
    this.density = Math.max(1, blockCount / parameters.blockCount)
    this.#firstCylinder = new Uint32Array(zones.length)
    this.#blocksPerTrack = Uint32Array.from(zones, (zone) => zone.blocksPerTrack)
    this.#tracksPerBlock = Float64Array.from(zones, (zone) => 1 / zone.blocksPerTrack)
    this.#blockTurn = Float64Array.from(zones, (zone) => ANGLE_TURN / zone.blocksPerTrack)
    this.#cylindersPerTrack = 1 / heads
    this.#trackSkew = Uint32Array.from(zones, (zone) => zone.trackSkewBlocks % zone.blocksPerTrack)
    this.#cylinderSkew = Uint32Array.from(
      zones,
      (zone) => ((heads - 1) * zone.trackSkewBlocks + zone.cylinderSkewBlocks) % zone.blocksPerTrack,
    )

    const firstLbn: number[] = []
    const offset: number[] = []
    const zoneOf: number[] = []
    let lbn = 0
    let cylinder = 0
    let previousLast = -1
    for (let z = 0; z < zones.length && lbn < blockCount; z++) {
      const zone = zones[z]!
      // Cylinders between zones are unused, and stay as many as they are.
      cylinder += zone.firstCylinder - previousLast - 1
      previousLast = zone.lastCylinder
      this.#firstCylinder[z] = cylinder
      const realCylinders = zone.lastCylinder - zone.firstCylinder + 1
      const cylinders = this.density === 1 ? realCylinders : Math.ceil(realCylinders * this.density)
      const zoneBlocks = cylinders * heads * zone.blocksPerTrack - zone.spareBlocks
      addZone(lbn, zoneBlocks, z, zone.slips, firstLbn, offset, zoneOf)
      lbn += zoneBlocks
      cylinder += cylinders
    }
    if (lbn < blockCount) throw new RangeError(`geometry: ${lbn} blocks in all zones, ${blockCount} wanted`)
    firstLbn.push(Number.POSITIVE_INFINITY)
    this.#extentFirstLbn = Float64Array.from(firstLbn)
    this.#extentOffset = Float64Array.from(offset)
    this.#extentZone = Uint16Array.from(zoneOf)
    this.#bucketExtent = buildBuckets(this.#extentFirstLbn, blockCount)

    const last = new HddPlace()
    this.locate(blockCount - 1, last)
    this.cylinders = last.cylinder + 1
  }

  /** Fills `place` for an LBN in [0, blockCount). */
  locate(lbn: number, place: HddPlace): void {
    let extent = this.#bucketExtent[Math.floor(lbn * BUCKETS_PER_BLOCK)]!
    while (this.#extentFirstLbn[extent + 1]! <= lbn) extent++
    const zone = this.#extentZone[extent]!
    const blocksPerTrack = this.#blocksPerTrack[zone]!
    const tracksPerBlock = this.#tracksPerBlock[zone]!
    const offset = lbn + this.#extentOffset[extent]!
    // Multiplications by reciprocals are faster than divisions; where the quotient is off by one, the remainder shows it.
    let track = Math.floor(offset * tracksPerBlock)
    let sector = offset - track * blocksPerTrack
    if (sector >= blocksPerTrack) {
      track++
      sector = 0
    } else if (sector < 0) {
      track--
      sector = blocksPerTrack - 1
    }
    let zoneCylinder = Math.floor(track * this.#cylindersPerTrack)
    let head = track - zoneCylinder * this.heads
    if (head >= this.heads) {
      zoneCylinder++
      head = 0
    } else if (head < 0) {
      zoneCylinder--
      head = this.heads - 1
    }
    const trackLeft = blocksPerTrack - sector
    const extentLeft = this.#extentFirstLbn[extent + 1]! - lbn
    place.lbn = lbn
    place.extent = extent
    place.zone = zone
    place.cylinder = this.#firstCylinder[zone]! + zoneCylinder
    place.head = head
    place.sector = sector
    place.blocksPerTrack = blocksPerTrack
    place.runBlocks = Math.min(trackLeft, extentLeft)
    place.blockTurn = this.#blockTurn[zone]!
    const skewed = head * this.#trackSkew[zone]! + zoneCylinder * this.#cylinderSkew[zone]! + sector
    let turned = skewed - Math.floor(skewed * tracksPerBlock) * blocksPerTrack
    if (turned >= blocksPerTrack) turned = 0
    else if (turned < 0) turned = blocksPerTrack - 1
    place.angle = Math.round(turned * place.blockTurn)
  }

  /** First LBN of the track that holds `place`. */
  trackFirstLbn(place: HddPlace): number {
    return this.#firstLbnFrom(place, place.lbn + this.#extentOffset[place.extent]! - place.sector)
  }

  /** LBN after the last one of the track that holds `place`; at most `blockCount`. */
  trackEndLbn(place: HddPlace): number {
    const trackOffset = place.lbn + this.#extentOffset[place.extent]! - place.sector
    return Math.min(this.#firstLbnFrom(place, trackOffset + place.blocksPerTrack), this.blockCount)
  }

  /** The first LBN that lies at `offset` of the place's zone or after it, which is at most one track away. */
  #firstLbnFrom(place: HddPlace, offset: number): number {
    const first = this.#extentFirstLbn
    const shift = this.#extentOffset
    let extent = place.extent
    while (this.#extentZone[extent + 1] === place.zone && first[extent + 1]! + shift[extent + 1]! <= offset) extent++
    while (first[extent]! + shift[extent]! > offset && this.#extentZone[extent - 1] === place.zone) extent--
    // Beyond the end of an extent there are only slips and spares: the next LBN is the first of the next extent.
    return Math.max(first[extent]!, Math.min(offset - shift[extent]!, first[extent + 1]!))
  }
}

/** Appends the extents of one zone that starts at `firstZoneLbn`. */
function addZone(
  firstZoneLbn: number,
  zoneBlocks: number,
  zone: number,
  slips: readonly number[],
  firstLbn: number[],
  offset: number[],
  zoneOf: number[],
): void {
  firstLbn.push(firstZoneLbn)
  offset.push(-firstZoneLbn)
  zoneOf.push(zone)
  for (let i = 0; i < slips.length; i++) {
    // The i-th slip comes after i skipped places: the LBN that would lie on it, and all after it, lie i + 1 further.
    const lbn = firstZoneLbn + slips[i]! - i
    if (lbn >= firstZoneLbn + zoneBlocks) return
    const last = firstLbn.length - 1
    if (firstLbn[last] === lbn) {
      offset[last] = i + 1 - firstZoneLbn
    } else {
      firstLbn.push(lbn)
      offset.push(i + 1 - firstZoneLbn)
      zoneOf.push(zone)
    }
  }
}

/** For each bucket of LBNs the extent that holds its first one. */
function buildBuckets(extentFirstLbn: Float64Array, blockCount: number): Uint32Array {
  const buckets = new Uint32Array(Math.ceil(blockCount / BUCKET_BLOCKS))
  let extent = 0
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    while (extentFirstLbn[extent + 1]! <= bucket * BUCKET_BLOCKS) extent++
    buckets[bucket] = extent
  }
  return buckets
}
