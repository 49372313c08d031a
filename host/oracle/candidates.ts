// One sector about which there is more to say than "the last write": the set of versions that a read may return.
//
// It gets there by overlapping writes, by writes that failed, and by power cuts; it leaves when one version is left. A candidate is
//   PENDING  its write has no answer yet: it may take effect at any moment;
//   SETTLED  it may be the content right now;
//   FAILED   its write ended in an error: it may be there, or surface later, until a later write is acknowledged.
// A pending write that a read has already shown is PENDING and SETTLED.

import type { WriteTable } from './writeTable'

export const PENDING = 1
export const SETTLED = 2
export const FAILED = 4

export interface Candidate {
  readonly id: number
  flags: number
}

export class OpenSector {
  candidates: Candidate[]
  /** With a volatile cache: the versions that a power cut may bring back besides those not flushed yet. Null without. */
  base: number[] | null
  /** With a second site as well: what that one may have besides what is not secured yet. */
  elsewhere: number[] | null
  /** Of these the ones that may be missing there: they hide none that is older. */
  #uncertain: ReadonlySet<number> = new Set()
  /** The version that a read returned last, or -1. */
  observed: number
  /** With a volatile cache: the versions that the last power cut may have left, failed writes not counted. */
  #survivors: readonly number[] = []

  constructor(settled: number, base: number[] | null, observed: number, elsewhere: number[] | null = null) {
    this.candidates = [{ id: settled, flags: SETTLED }]
    this.base = base
    this.observed = observed
    this.elsewhere = elsewhere
  }

  clone(): OpenSector {
    const copy = new OpenSector(0, this.base && [...this.base], this.observed, this.elsewhere && [...this.elsewhere])
    copy.candidates = this.candidates.map((candidate) => ({ ...candidate }))
    copy.#survivors = this.#survivors
    copy.#uncertain = this.#uncertain
    return copy
  }

  has(id: number): boolean {
    return this.candidates.some((candidate) => candidate.id === id)
  }

  ids(): number[] {
    return this.candidates.map(({ id }) => id)
  }

  submit(id: number): void {
    this.candidates.push({ id, flags: PENDING })
  }

  /** Acknowledged: everything that had ended before this write began is overwritten. */
  acknowledge(id: number, writes: WriteTable): void {
    this.candidates = this.candidates.filter(
      (candidate) => candidate.id === id || candidate.flags & PENDING || !writes.isSuperseded(candidate.id, id),
    )
    this.#end(id, SETTLED)
  }

  fail(id: number): void {
    this.#end(id, FAILED)
    // It may be on the medium even when a later write hides it and is lost again.
    this.base?.push(id)
    if (this.elsewhere) this.mayBeElsewhere([id])
  }

  /** Power is lost, nothing acknowledged with it: what was in flight is there, or not, from now on; and at another site, or not. */
  cut(): void {
    for (const candidate of this.candidates) {
      if (!(candidate.flags & PENDING)) continue
      candidate.flags = SETTLED
      this.base?.push(candidate.id)
    }
    this.#survivors = []
  }

  /** The other site has what is here. */
  shared(): void {
    if (this.elsewhere) {
      this.elsewhere = this.#ended
      this.#uncertain = new Set(this.elsewhere)
      return
    }
    this.base = this.#ended
    this.#survivors = []
  }

  /**
   * Power is lost, and with it any of the versions that were not durable. `unflushed`: acknowledged ones, in order. `keepsSettled`: what
   * earlier power cuts left open stays so.
   */
  cutVolatile(unflushed: readonly number[], keepsSettled = false): void {
    const failed = new Set(this.candidates.filter(({ flags }) => flags === FAILED).map(({ id }) => id))
    const pending = this.candidates.filter(({ flags }) => flags & PENDING).map(({ id }) => id)
    const settled = keepsSettled ? this.candidates.filter(({ flags }) => flags === SETTLED).map(({ id }) => id) : []
    const ids = [...new Set([...this.base!, ...unflushed, ...pending, ...failed, ...settled])]
    this.candidates = ids.map((id) => ({ id, flags: failed.has(id) ? FAILED : SETTLED }))
    this.base = ids
    this.#survivors = ids.filter((id) => !failed.has(id))
    this.observed = -1
    if (this.elsewhere) this.mayBeElsewhere(pending)
  }

  /** The other site may have these versions too. */
  mayBeElsewhere(ids: readonly number[]): void {
    const known = this.elsewhere!
    this.#uncertain = new Set([...this.#uncertain, ...ids.filter((id) => !known.includes(id))])
    this.elsewhere = [...new Set([...known, ...ids])]
  }

  /** The versions that are durable there for certain, if no later one is. */
  get certainElsewhere(): number[] {
    return this.elsewhere!.filter((id) => !this.#uncertain.has(id))
  }

  /** This site serves after it has lost what was in its caches: whatever it has now it may copy to the other one. */
  mayCopy(): void {
    this.mayBeElsewhere(this.#ended)
  }

  /** Both sites have the same in their caches, and on their media. */
  sharedWithCaches(): void {
    this.elsewhere = [...new Set([...this.base!, ...this.#ended])]
    this.#uncertain = new Set(this.elsewhere)
  }

  get #ended(): number[] {
    return this.candidates.filter(({ flags }) => !(flags & PENDING)).map(({ id }) => id)
  }

  /**
   * The other site is in use from now on, and this one is the other. `lacking`: what may be missing there. `durable`: what a power cut there
   * may bring back; null: there nothing is in caches.
   */
  changeOver(lacking: readonly number[], durable: readonly number[] | null): void {
    const failed = new Set(this.candidates.filter(({ flags }) => flags === FAILED).map(({ id }) => id))
    const open = this.candidates.filter(({ flags }) => flags !== SETTLED).map(({ id }) => id)
    const ids = [...new Set([...this.elsewhere!, ...lacking, ...open])]
    const all = [...new Set([...ids, ...this.base!, ...(durable ?? []), ...this.ids()])]
    this.candidates = ids.map((id) => ({ id, flags: failed.has(id) ? FAILED : SETTLED }))
    this.elsewhere = all
    this.#uncertain = new Set(all)
    this.base = durable === null ? ids : [...all]
    this.#survivors = durable === null ? ids.filter((id) => !failed.has(id)) : []
    this.observed = -1
  }

  /** The site that was left before has come back without what was in its caches, and may have copied to this one what it has. */
  mayBeGiven(): void {
    for (const id of this.elsewhere!) if (!this.has(id)) this.candidates.push({ id, flags: SETTLED })
    this.base = [...new Set([...this.base!, ...this.elsewhere!])]
    this.#survivors = []
    this.observed = -1
  }

  /** `id` is on stable storage now. */
  makeDurable(id: number, writes: WriteTable): void {
    this.base = withDurable(id, this.base!, this.base!, writes)
  }

  /** The same of the other site. */
  secure(id: number, writes: WriteTable): void {
    this.elsewhere = withDurable(id, this.elsewhere!, this.certainElsewhere, writes)
    this.#uncertain = new Set([...this.#uncertain].filter((other) => other !== id))
  }

  /**
   * A read that was submitted at `sequence` returned content that is equal to each version in `matching`: what had been settled
   * before that read and is not among them has been decided against.
   */
  narrow(matching: readonly number[], sequence: number, writes: WriteTable): void {
    if (!this.candidates.some(({ id }) => matching.includes(id))) return
    this.candidates = this.candidates.filter(({ id, flags }) => {
      if (flags & PENDING || matching.includes(id)) return true
      if (flags === SETTLED) return !writes.endedBefore(id, sequence)
      // A failed write cannot surface over one that came after it and is there.
      return !matching.every((seen) => writes.isSuperseded(id, seen))
    })
    if (matching.length === 1) {
      const id = matching[0]!
      const seen = this.candidates.find((candidate) => candidate.id === id)
      // A failed write that was seen counts like any other from now on.
      if (seen) seen.flags = (seen.flags & PENDING) | SETTLED
      this.observed = id
    }
    // What is left came back from stable storage after the last power cut: so it is there, and the others are not.
    if (this.base && this.candidates.every(({ id }) => this.#survivors.includes(id))) {
      this.base = this.base.filter((id) => this.has(id) || !writes.endedBefore(id, sequence))
    }
  }

  /** The only version left, or -1. */
  get decided(): number {
    if (this.candidates.length !== 1) return -1
    const { id, flags } = this.candidates[0]!
    if (flags !== SETTLED) return -1
    return isOnly(id, this.base) && isOnly(id, this.elsewhere) ? id : -1
  }

  #end(id: number, flag: number): void {
    const candidate = this.candidates.find((other) => other.id === id)
    if (!candidate) return
    candidate.flags = candidate.flags & SETTLED ? SETTLED : flag
  }
}

function isOnly(id: number, ids: readonly number[] | null): boolean {
  return ids === null || (ids.length === 1 && ids[0] === id)
}

function withDurable(id: number, ids: readonly number[], certain: readonly number[], writes: WriteTable): number[] {
  const kept = ids.filter((older) => older !== id && !writes.isSuperseded(older, id))
  if (!isHiddenBy(id, certain, writes)) kept.push(id)
  return kept
}

/** Whether a version cannot come back because a later one is durable. A failed later one hides nothing: it may not be there. */
export function isHiddenBy(id: number, base: readonly number[], writes: WriteTable): boolean {
  return base.some((newer) => writes.isAcknowledged(newer) && writes.isSuperseded(id, newer))
}
