// Where the next request of a pass lies: the state of one walk through a region, sequential or random.
//
// `place` answers the position and the length of a request in sectors from the start of the region, or says that the pass has nowhere
// left to go. Sequential walks keep one position per direction, as fio does; a random walk with a map takes every block once.
// A random walk without a map never ends by itself.

import type { RandomStream } from '../sim/random'
import { BlockMap } from './blockMap'
import type { BlockSizeSampler } from './blockSizes'
import { type BlockPicker, type Distribution, makePicker } from './distribution'
import { type CompiledRegion, DIRECTIONS } from './generatorOptions'

export interface Placement {
  /** Set by `place`. */
  position: number
  sectors: number
  /** False: the pass is over, `position` and `sectors` mean nothing. */
  /** `direction` is one of the DIRECTION constants. */
  place(direction: number): boolean
  /** Starts the next pass. */
  restart(): void
}

/** A random length that ends inside the region: one that would not takes the smallest. */
function drawLength(sizes: BlockSizeSampler, random: RandomStream, room: number): number {
  if (sizes.minSectors === sizes.maxSectors) return sizes.minSectors
  const sectors = sizes.draw(random)
  return sectors <= room ? sectors : sizes.minSectors
}

export class SequentialPlacement implements Placement {
  position = 0
  sectors = 0
  readonly #next = new Float64Array(DIRECTIONS.length)

  constructor(
    readonly region: CompiledRegion,
    readonly sizeRandom: RandomStream,
    /** Skipped after each request; negative = backwards. */
    readonly strideSectors: number,
  ) {}

  place(direction: number): boolean {
    const sizes = this.region.sizes[direction]!
    const position = this.#next[direction]!
    const room = this.region.sectors - position
    if (room < sizes.minSectors) return false
    this.position = position
    this.sectors = drawLength(sizes, this.sizeRandom, room)
    this.#next[direction] =
      this.strideSectors === 0 ? position + this.sectors : this.#stride(position + this.sectors, sizes.minSectors)
    return true
  }

  /** With a stride the walk wraps around, both ways, and the pass is over when its bytes are done. */
  #stride(end: number, minSectors: number): number {
    const next = end + this.strideSectors
    if (next < 0) return Math.max(0, this.region.sectors + this.strideSectors)
    return next + minSectors > this.region.sectors ? 0 : next
  }

  restart(): void {
    this.#next.fill(0)
  }
}

export interface RandomWalk {
  readonly distribution: Distribution
  /** Of 2^32: a draw below means a random place, else the place after the last request. */
  readonly randomShare: number
  /** A random place only every n requests; 1 = always. */
  readonly burstRequests: number
  readonly burstThen: 'sequential' | 'identical'
}

export class RandomPlacement implements Placement {
  position = 0
  sectors = 0
  readonly #map: BlockMap | null
  readonly #pickers: readonly BlockPicker[]
  readonly #lastStart = new Float64Array(DIRECTIONS.length)
  readonly #lastEnd = new Float64Array(DIRECTIONS.length)
  #burstLeft: number

  constructor(
    readonly region: CompiledRegion,
    readonly offsetRandom: RandomStream,
    readonly sizeRandom: RandomStream,
    readonly walk: RandomWalk,
  ) {
    const { sectors, sizes, mapUnitSectors } = region
    this.#map = region.randomMap ? new BlockMap(Math.floor(sectors / mapUnitSectors)) : null
    this.#pickers = sizes.map((size) =>
      makePicker(walk.distribution, Math.max(1, Math.floor(sectors / size.minSectors))),
    )
    this.#burstLeft = walk.burstRequests
  }

  place(direction: number): boolean {
    if (this.#isRandomTurn()) {
      if (!this.#placeRandom(direction)) return false
    } else if (!this.#placeNearLast(direction) && !this.#placeRandom(direction)) return false
    this.#lastStart[direction] = this.position
    this.#lastEnd[direction] = this.position + this.sectors
    return true
  }

  #isRandomTurn(): boolean {
    if (this.walk.burstRequests > 1) {
      if (--this.#burstLeft > 0) return false
      this.#burstLeft = this.walk.burstRequests
    }
    return this.walk.randomShare >= 0x1_0000_0000 || this.offsetRandom.nextU32() < this.walk.randomShare
  }

  /** Follows or repeats the last request; the map neither hinders nor notes it, as in fio. */
  #placeNearLast(direction: number): boolean {
    const sizes = this.region.sizes[direction]!
    const identical = this.walk.burstRequests > 1 && this.walk.burstThen === 'identical'
    const position = identical ? this.#lastStart[direction]! : this.#lastEnd[direction]!
    const room = this.region.sectors - position
    if (room < sizes.minSectors) return false
    this.position = position
    this.sectors = drawLength(sizes, this.sizeRandom, room)
    return true
  }

  #placeRandom(direction: number): boolean {
    const sizes = this.region.sizes[direction]!
    const map = this.#map
    const pick = this.#pickers[direction]!.pick(this.offsetRandom)
    if (map === null) {
      const position = pick * sizes.minSectors
      this.position = position
      this.sectors = drawLength(sizes, this.sizeRandom, this.region.sectors - position)
      return true
    }
    const unit = this.region.mapUnitSectors
    const block = map.nextFree(sizes.minSectors === unit ? pick : (pick * sizes.minSectors) / unit)
    if (block < 0) return false
    const position = block * unit
    this.position = position
    if (sizes.maxSectors === unit) {
      map.takeOne(block)
      this.sectors = unit
      return true
    }
    // Where directions differ in size, what is left may be shorter than the smallest request: it is used as it is.
    const sectors = drawLength(sizes, this.sizeRandom, this.region.sectors - position)
    this.sectors = Math.min(sectors, map.take(block, Math.ceil(sectors / unit)) * unit)
    return true
  }

  restart(): void {
    this.#map?.clear()
    this.#lastStart.fill(0)
    this.#lastEnd.fill(0)
  }
}
