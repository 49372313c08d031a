// A disk or a partition of it, as whoever looks for structures sees it: reads within bounds, and a limit on all reads together.
//
// What cannot be read reads as zeros, and is noted. What lies beyond the end is answered by null. When the limit is spent, LookedEnough is
// thrown: a hostile disk can make a look short, not long.

import { Bytes } from './bytes'
import type { SectorReader } from './sectorReader'

/** A file system is recognised by a few pages; a thousand partitions fit. */
const LIMIT_BYTES = 128 << 20
/** What a read costs in addition, whatever its length. */
const READ_COST_BYTES = 4096
/** After a read that fails, pieces of this size are tried. */
const PIECE_BYTES = 4096
const NOTES_MAX = 8

export class LookedEnough extends Error {
  override readonly name = 'LookedEnough'
}

interface Shared {
  readonly reader: SectorReader
  readonly notes: string[]
  leftBytes: number
  unreadablePieces: number
}

export class DiskWindow {
  readonly startBytes: number
  readonly sizeBytes: number
  readonly #shared: Shared

  private constructor(shared: Shared, startBytes: number, sizeBytes: number) {
    this.#shared = shared
    this.startBytes = startBytes
    this.sizeBytes = sizeBytes
  }

  static whole(reader: SectorReader, limitBytes = LIMIT_BYTES): DiskWindow {
    return new DiskWindow({ reader, notes: [], leftBytes: limitBytes, unreadablePieces: 0 }, 0, reader.diskBytes)
  }

  /** What could not be read so far, in words; shared by all windows of a disk. */
  get unreadable(): readonly string[] {
    const { notes, unreadablePieces } = this.#shared
    const more = unreadablePieces - notes.length
    return more > 0 ? [...notes, `and ${more} more pieces that cannot be read`] : notes
  }

  /** Cut to what is there. */
  part(offsetBytes: number, sizeBytes: number): DiskWindow {
    const start = Math.min(Math.max(0, offsetBytes), this.sizeBytes)
    return new DiskWindow(
      this.#shared,
      this.startBytes + start,
      Math.min(Math.max(0, sizeBytes), this.sizeBytes - start),
    )
  }

  /** Null when that is not wholly inside. */
  async read(offsetBytes: number, length: number): Promise<Bytes | null> {
    const isInside = Number.isSafeInteger(offsetBytes) && offsetBytes >= 0 && offsetBytes + length <= this.sizeBytes
    if (!isInside) return null
    const into = new Uint8Array(length)
    await this.#fill(offsetBytes, into)
    return new Bytes(into)
  }

  /** From the start; zeros behind the end. */
  async head(length: number): Promise<Bytes> {
    const into = new Uint8Array(length)
    await this.#fill(0, into.subarray(0, Math.min(length, this.sizeBytes)))
    return new Bytes(into)
  }

  async #fill(offsetBytes: number, into: Uint8Array): Promise<void> {
    const shared = this.#shared
    shared.leftBytes -= into.length + READ_COST_BYTES
    if (shared.leftBytes < 0) throw new LookedEnough('the disk has more to look at than is looked at')
    try {
      await shared.reader.read(this.startBytes + offsetBytes, into)
    } catch (error) {
      if (into.length > PIECE_BYTES) await this.#fillByPieces(offsetBytes, into)
      else this.#cannotRead(offsetBytes, into, error)
    }
  }

  async #fillByPieces(offsetBytes: number, into: Uint8Array): Promise<void> {
    for (let at = 0; at < into.length; at += PIECE_BYTES) {
      await this.#fill(offsetBytes + at, into.subarray(at, at + PIECE_BYTES))
    }
  }

  #cannotRead(offsetBytes: number, into: Uint8Array, error: unknown): void {
    const shared = this.#shared
    into.fill(0)
    shared.unreadablePieces++
    if (shared.notes.length >= NOTES_MAX) return
    const where = `bytes ${this.startBytes + offsetBytes} to ${this.startBytes + offsetBytes + into.length - 1}`
    shared.notes.push(`${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
