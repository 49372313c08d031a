// What one sector may hold, the slow and obvious way: every world that is consistent with what was seen so far, written out.
//
// A world is one order in which writes took effect. `applied` lists the versions in that order; a power cut may go back to any of them
// that is not older than `applied[durable]`. A write takes effect at some instant between its submission and its end; a failed one
// perhaps later, but not after a write that was submitted after it had failed. A read returns what was there at some instant of its flight.

interface World {
  readonly applied: readonly number[]
  /** Index of the oldest version that a power cut may bring back. */
  readonly durable: number
  /** Writes that have not taken effect (yet). */
  readonly waiting: readonly number[]
  /** For each read in flight: what was there since it was submitted. */
  readonly seen: ReadonlyMap<number, readonly number[]>
}

interface Write {
  submitted: number
  failed: number
  acknowledged: boolean
}

const last = (world: World): number => world.applied[world.applied.length - 1]!

function key({ applied, durable, waiting, seen }: World): string {
  return JSON.stringify([applied, durable, [...waiting].sort(), [...seen].map(([tag, ids]) => [tag, [...ids].sort()])])
}

export class ReferenceSector {
  #worlds: World[] = [{ applied: [0], durable: 0, waiting: [], seen: new Map() }]
  readonly #writes = new Map<number, Write>()
  readonly #volatile: boolean
  readonly #flushes = new Map<number, readonly number[]>()
  #clock = 0

  constructor(writeCacheEnabled: boolean) {
    this.#volatile = writeCacheEnabled
  }

  submitWrite(id: number): void {
    this.#writes.set(id, { submitted: ++this.#clock, failed: Number.POSITIVE_INFINITY, acknowledged: false })
    this.#each((world) => [{ ...world, waiting: [...world.waiting, id] }])
  }

  acknowledge(id: number, fua: boolean): void {
    this.#clock++
    this.#writes.get(id)!.acknowledged = true
    this.#each((world) => {
      const at = world.applied.indexOf(id)
      if (at < 0) return []
      return [this.#volatile && !fua ? world : { ...world, durable: Math.max(world.durable, at) }]
    })
  }

  fail(id: number): void {
    this.#writes.get(id)!.failed = ++this.#clock
    this.#each((world) => [world])
  }

  submitFlush(tag: number): void {
    this.#flushes.set(
      tag,
      [...this.#writes].filter(([, write]) => write.acknowledged).map(([id]) => id),
    )
  }

  flushDone(tag: number, good: boolean): void {
    const covered = this.#flushes.get(tag)!
    this.#flushes.delete(tag)
    if (!good) return
    this.#each((world) => {
      const indexes = covered.map((id) => world.applied.indexOf(id))
      return [{ ...world, durable: Math.max(world.durable, ...indexes) }]
    })
  }

  powerCut(): void {
    this.#clock++
    this.#each((world) => {
      const waiting = world.waiting.filter((id) => this.#writes.get(id)!.failed < Number.POSITIVE_INFINITY)
      const kept = this.#volatile ? world.applied.slice(world.durable) : [last(world)]
      return kept.map((id) => ({ applied: [id], durable: 0, waiting, seen: new Map() }))
    })
    this.#flushes.clear()
  }

  submitRead(tag: number): void {
    this.#each((world) => [{ ...world, seen: new Map([...world.seen, [tag, [last(world)]]]) }])
  }

  /** The versions that the read may return. */
  allowed(tag: number): Set<number> {
    this.#each((world) => [world])
    return new Set(this.#worlds.flatMap(({ seen }) => seen.get(tag)!))
  }

  readDone(tag: number, version: number): void {
    this.#each((world) => {
      if (!world.seen.get(tag)!.includes(version)) return []
      return [{ ...world, seen: new Map([...world.seen].filter(([other]) => other !== tag)) }]
    })
  }

  /** Lets waiting writes take effect in every possible way, then moves each world on. */
  #each(step: (world: World) => World[]): void {
    const open = [...this.#worlds]
    const found = new Map(open.map((world) => [key(world), world]))
    for (let world = open.pop(); world; world = open.pop()) {
      for (const id of world.waiting) {
        const next = this.#apply(world, id)
        if (found.has(key(next))) continue
        found.set(key(next), next)
        open.push(next)
      }
    }
    this.#worlds = [...new Map([...found.values()].flatMap(step).map((world) => [key(world), world])).values()]
  }

  #apply(world: World, id: number): World {
    const { submitted } = this.#writes.get(id)!
    // What had failed before this write began cannot come after it.
    const waiting = world.waiting.filter((other) => other !== id && this.#writes.get(other)!.failed > submitted)
    const seen = new Map([...world.seen].map(([tag, ids]) => [tag, ids.includes(id) ? ids : [...ids, id]] as const))
    return { ...world, applied: [...world.applied, id], waiting, seen }
  }
}
