// Where random requests go: index pickers over blocks 0 .. blockCount-1.
//
// uniform   every block is equally likely
// zipf      the k-th most popular block with probability ~ 1 / k^theta; fast approximation of Gray et al., "Quickly generating
//           billion-record synthetic databases", SIGMOD 1994. Popular blocks are scattered over the region.
// pareto    self-similar: h of the accesses go to 1-h of the blocks, and so on within them; scattered too.
// normal    bell around the centre of the region; a draw outside the region is drawn again
// zoned     a share of the accesses to each share of the region, uniform within
//
// Draws depend on the stream alone. Uniform draws are even to within 2^-12 of a block's share. Nothing here remembers what it drew: covering
// every block once is BlockMap's work.

import type { RandomStream } from '../sim/random'
import { exactLn, exactPow } from './exactMath'

export type Distribution =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'zipf'; readonly theta: number }
  | { readonly kind: 'pareto'; readonly h: number }
  | { readonly kind: 'normal'; readonly deviationPercent: number; readonly center?: number }
  | { readonly kind: 'zoned'; readonly zones: readonly { accessPercent: number; sizePercent: number }[] }

export interface BlockPicker {
  pick(random: RandomStream): number
}

/** A double in [0, 1) with 53 random bits. */
export function unitInterval(random: RandomStream): number {
  const high = random.nextU32() >>> 5
  const low = random.nextU32() >>> 6
  return (high * 0x400_0000 + low) / 0x20_0000_0000_0000
}

/** Up to so many blocks one 32-bit draw is even enough: to within 2^-12 of a block's share. */
const ONE_DRAW_BLOCKS_MAX = 2 ** 20

class UniformPicker implements BlockPicker {
  readonly #scale: number

  constructor(readonly blockCount: number) {
    this.#scale = blockCount <= ONE_DRAW_BLOCKS_MAX ? blockCount / 0x1_0000_0000 : 0
  }

  pick(random: RandomStream): number {
    if (this.#scale > 0) return (random.nextU32() * this.#scale) | 0
    return Math.floor(unitInterval(random) * this.blockCount)
  }
}

/** A bijection of 0 .. count-1 that spreads neighbours: multiplication by a number near the golden section of count, coprime with it. */
class Scatter {
  readonly #multiplier: number

  constructor(readonly count: number) {
    let multiplier = Math.max(1, Math.round(count * 0.6180339887498949))
    while (gcd(multiplier, count) !== 1) multiplier++
    this.#multiplier = multiplier
  }

  place(rank: number): number {
    // The product in two steps, so that every intermediate value stays below 2^53 (count < 2^36).
    const high = Math.floor(rank / 0x1_0000)
    const low = rank - high * 0x1_0000
    const upper = modulo(high * this.#multiplier, this.count)
    return modulo(modulo(upper * 0x1_0000, this.count) + low * this.#multiplier, this.count)
  }
}

/** a mod n for integers 0 <= a < 2^53; several times faster than the remainder operator on doubles. */
function modulo(a: number, n: number): number {
  if (a < n) return a
  const rest = a - Math.floor(a / n) * n
  if (rest < 0) return rest + n
  return rest < n ? rest : rest - n
}

/** [a, a + b, a + b + c, ...] */
export function cumulate(values: readonly number[]): number[] {
  let sum = 0
  return values.map((value) => {
    sum += value
    return sum
  })
}

export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

/** sum of k^-theta for k = 1 .. count; Euler-Maclaurin beyond the first thousand terms. */
function zeta(count: number, theta: number): number {
  const direct = Math.min(count, 1000)
  let sum = 0
  for (let k = direct; k >= 1; k--) sum += exactPow(k, -theta)
  if (count === direct) return sum
  const power = (x: number) => exactPow(x, -theta)
  const integral = (count * power(count) - direct * power(direct)) / (1 - theta)
  const ends = (power(count) - power(direct)) / 2
  const slopes = (theta * (power(direct) / direct - power(count) / count)) / 12
  return sum + integral + ends + slopes
}

class ZipfPicker implements BlockPicker {
  readonly #scatter: Scatter
  readonly #zetaAll: number
  readonly #secondEnds: number
  readonly #alpha: number
  readonly #eta: number

  constructor(
    readonly blockCount: number,
    theta: number,
  ) {
    this.#scatter = new Scatter(blockCount)
    this.#zetaAll = zeta(blockCount, theta)
    this.#secondEnds = 1 + exactPow(2, -theta)
    this.#alpha = 1 / (1 - theta)
    this.#eta = (1 - exactPow(2 / blockCount, 1 - theta)) / (1 - this.#secondEnds / this.#zetaAll)
  }

  rank(random: RandomStream): number {
    const u = unitInterval(random)
    const share = u * this.#zetaAll
    if (share < 1) return 0
    if (share < this.#secondEnds) return 1
    const rank = Math.floor(this.blockCount * exactPow(this.#eta * u - this.#eta + 1, this.#alpha))
    return Math.min(rank, this.blockCount - 1)
  }

  pick(random: RandomStream): number {
    return this.#scatter.place(this.rank(random))
  }
}

class ParetoPicker implements BlockPicker {
  readonly #scatter: Scatter
  readonly #power: number

  constructor(
    readonly blockCount: number,
    h: number,
  ) {
    this.#scatter = new Scatter(blockCount)
    this.#power = exactLn(h) / exactLn(1 - h)
  }

  pick(random: RandomStream): number {
    const rank = Math.floor((this.blockCount - 1) * exactPow(unitInterval(random), this.#power))
    return this.#scatter.place(rank)
  }
}

class NormalPicker implements BlockPicker {
  /** Marsaglia's polar method makes two at a time. */
  #spare = Number.NaN

  constructor(
    readonly blockCount: number,
    readonly deviation: number,
    readonly center: number,
  ) {}

  #standard(random: RandomStream): number {
    if (!Number.isNaN(this.#spare)) {
      const value = this.#spare
      this.#spare = Number.NaN
      return value
    }
    for (;;) {
      const x = 2 * unitInterval(random) - 1
      const y = 2 * unitInterval(random) - 1
      const r = x * x + y * y
      if (r >= 1 || r === 0) continue
      const scale = Math.sqrt((-2 * exactLn(r)) / r)
      this.#spare = y * scale
      return x * scale
    }
  }

  pick(random: RandomStream): number {
    for (;;) {
      const block = Math.floor(this.center + this.deviation * this.#standard(random))
      if (block >= 0 && block < this.blockCount) return block
    }
  }
}

class ZonedPicker implements BlockPicker {
  /** Cumulative share of the accesses (of 1), and the blocks at which each zone ends. */
  readonly #accessEnds: Float64Array
  readonly #blockEnds: Float64Array

  constructor(blockCount: number, zones: readonly { accessPercent: number; sizePercent: number }[]) {
    const ends = (key: 'accessPercent' | 'sizePercent') => cumulate(zones.map((zone) => zone[key] / 100))
    this.#accessEnds = Float64Array.from(ends('accessPercent'))
    this.#blockEnds = Float64Array.from(ends('sizePercent'), (share) => Math.floor(blockCount * share))
    this.#accessEnds[zones.length - 1] = 1
    this.#blockEnds[zones.length - 1] = blockCount
  }

  pick(random: RandomStream): number {
    const u = unitInterval(random)
    let zone = 0
    while (u >= this.#accessEnds[zone]!) zone++
    const first = zone === 0 ? 0 : this.#blockEnds[zone - 1]!
    const blocks = this.#blockEnds[zone]! - first
    return blocks === 0
      ? Math.min(first, this.#blockEnds.at(-1)! - 1)
      : first + Math.floor(unitInterval(random) * blocks)
  }
}

/** What is wrong with the parameters, or null. */
export function distributionProblem(distribution: Distribution): string | null {
  switch (distribution.kind) {
    case 'uniform':
      return null
    case 'zipf':
      return distribution.theta > 0 && distribution.theta !== 1 && distribution.theta <= 5
        ? null
        : 'a theta above 0 and up to 5, other than 1'
    case 'pareto':
      return distribution.h > 0 && distribution.h < 1 ? null : 'a power between 0 and 1'
    case 'normal': {
      const center = distribution.center ?? 0.5
      if (!(center >= 0 && center <= 1)) return 'a centre between 0 and 1'
      return distribution.deviationPercent > 0 && distribution.deviationPercent <= 100
        ? null
        : 'a deviation above 0 and up to 100 percent'
    }
    case 'zoned': {
      const sum = (key: 'accessPercent' | 'sizePercent') =>
        distribution.zones.reduce((total, zone) => total + zone[key], 0)
      return sum('accessPercent') === 100 && sum('sizePercent') === 100
        ? null
        : 'access and size shares that each sum to 100'
    }
  }
}

/** Requires: distributionProblem is null; 1 <= blockCount < 2^36. */
export function makePicker(distribution: Distribution, blockCount: number): BlockPicker {
  if (blockCount < 3) return new UniformPicker(blockCount)
  switch (distribution.kind) {
    case 'uniform':
      return new UniformPicker(blockCount)
    case 'zipf':
      return new ZipfPicker(blockCount, distribution.theta)
    case 'pareto':
      return new ParetoPicker(blockCount, distribution.h)
    case 'normal':
      return new NormalPicker(
        blockCount,
        Math.max(1, (blockCount * distribution.deviationPercent) / 100),
        blockCount * (distribution.center ?? 0.5),
      )
    case 'zoned':
      return new ZonedPicker(blockCount, distribution.zones)
  }
}
