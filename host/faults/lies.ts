// Where a drive has lied: it answered GOOD, or delivers with GOOD, although the sector is not what was written. For the judge alone.
//
// Entries stay for ever: a resync may have carried the wrong content to another drive before the sector was written again. A lie explains
// only content of sectors whose last write began before it (`of(lba, sinceNs)`); so each new write of the host ends it.

/** The drive kept an older content of the sector: lost write, home of a misdirected write, a flush that was ignored before a power cut. */
export const LIE_STALE = 1
/** Half new, half old. */
export const LIE_TORN = 2
/** Content that belongs to another LBA: target of a misdirected write. */
export const LIE_FOREIGN = 4
/** Delivered with flipped bits. */
export const LIE_ROT = 8

interface Lie {
  kinds: number
  atNs: number
}

export class LieRecord {
  readonly #lies = new Map<number, Lie>()
  /** Begin of the last flush or FUA write that was acknowledged without effect. */
  #ignoredFlushNs = Number.NEGATIVE_INFINITY
  /** Power was lost after it: what such flushes promised may be gone, anywhere on the drive. */
  #ignoredFlushCut = false

  /** Whether the drive ever lied. */
  get any(): boolean {
    return this.#lies.size > 0 || this.#ignoredFlushNs >= 0
  }

  /** Whether the drive ever lied about a sector below this one. */
  anyBelow(lba: number): boolean {
    for (const at of this.#lies.keys()) if (at < lba) return true
    return false
  }

  /** Whether the drive lied about a sector from this one on, at `sinceNs` or later. */
  anyFrom(lba: number, sinceNs: number): boolean {
    if (this.#ignoredFlushCut && this.#ignoredFlushNs >= sinceNs) return true
    for (const [at, { atNs }] of this.#lies) if (at >= lba && atNs >= sinceNs) return true
    return false
  }

  copyFrom(other: LieRecord): void {
    for (const [lba, lie] of other.#lies) this.#lies.set(lba, { ...lie })
    this.#ignoredFlushNs = other.#ignoredFlushNs
    this.#ignoredFlushCut = other.#ignoredFlushCut
  }

  add(lba: number, sectors: number, kind: number, atNs: number): void {
    for (let at = lba; at < lba + sectors; at++) {
      const lie = this.#lies.get(at)
      if (lie) {
        lie.kinds |= kind
        lie.atNs = atNs
      } else {
        this.#lies.set(at, { kinds: kind, atNs })
      }
    }
  }

  flushIgnored(atNs: number): void {
    this.#ignoredFlushNs = atNs
  }

  /** Whether a flush or FUA write was ignored at `sinceNs` or later: what the drive acknowledged as durable may not be. */
  ignoredFlushSince(sinceNs: number): boolean {
    return this.#ignoredFlushNs >= sinceNs
  }

  powerCycled(): void {
    this.#ignoredFlushCut ||= this.#ignoredFlushNs >= 0
  }

  /** LIE_* bits of what happened to a sector at `sinceNs` or later. */
  of(lba: number, sinceNs: number): number {
    const lie = this.#lies.get(lba)
    const kinds = lie && lie.atNs >= sinceNs ? lie.kinds : 0
    return this.#ignoredFlushCut && this.#ignoredFlushNs >= sinceNs ? kinds | LIE_STALE : kinds
  }
}
