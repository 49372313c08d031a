// A log-linear histogram of latencies: 32 steps per power of two, so that a percentile is right within 3 %. No allocation per sample.

const STEPS_SHIFT = 5
const STEPS = 1 << STEPS_SHIFT
const BUCKETS = 64 * STEPS

export interface LatencySummaryNs {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export class LatencyHistogram {
  count = 0
  maxNs = 0
  readonly #buckets = new Float64Array(BUCKETS)

  add(ns: number): void {
    this.count++
    if (ns > this.maxNs) this.maxNs = ns
    this.#buckets[bucketOf(ns)]!++
  }

  /** The upper end of the bucket below which the share `numerator`/`denominator` of all samples lies. */
  percentileNs(numerator: number, denominator: number): number {
    const wanted = (this.count * numerator) / denominator
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#buckets[bucket]!
      if (seen >= wanted) return Math.min(endOf(bucket), this.maxNs)
    }
    return this.maxNs
  }

  summary(): LatencySummaryNs | null {
    if (this.count === 0) return null
    return {
      p50: this.percentileNs(50, 100),
      p95: this.percentileNs(95, 100),
      p99: this.percentileNs(99, 100),
      p999: this.percentileNs(999, 1000),
      max: this.maxNs,
    }
  }
}

function bucketOf(ns: number): number {
  if (ns < STEPS) return ns
  if (ns < 0x8000_0000) {
    const shift = 31 - STEPS_SHIFT - Math.clz32(ns)
    return ((shift + 1) << STEPS_SHIFT) + ((ns >>> shift) - STEPS)
  }
  const power = 63 - Math.clz32(Math.floor(ns / 0x1_0000_0000))
  // Between 2^31 and 2^32 the upper half is 0, and its clz32 is 32.
  const step = Math.floor(ns / 2 ** (power - STEPS_SHIFT)) - STEPS
  return (power - STEPS_SHIFT + 1) * STEPS + step
}

function endOf(bucket: number): number {
  if (bucket < STEPS) return bucket
  const power = Math.floor(bucket / STEPS) + STEPS_SHIFT - 1
  return (STEPS + (bucket % STEPS) + 1) * 2 ** (power - STEPS_SHIFT) - 1
}
