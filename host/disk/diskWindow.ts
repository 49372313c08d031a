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
  /** Numbers of pieces that could not be read, and why. */
  readonly unreadable: Map<number, string>
  leftBytes: number
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
    return new DiskWindow({ reader, unreadable: new Map(), leftBytes: limitBytes }, 0, reader.diskBytes)
  }

  /** What could not be read so far, in words; shared by all windows of a disk. */
  get unreadable(): readonly string[] {
    const pieces = [...this.#shared.unreadable]
    const notes = pieces
      .slice(0, NOTES_MAX)
      .map(([piece, why]) => `cannot be read at byte ${piece * PIECE_BYTES}: ${why}`)
    const more = pieces.length - notes.length
    return more > 0 ? [...notes, `cannot be read in ${more} more places`] : notes
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
    const at = this.startBytes + offsetBytes
    if (shared.unreadable.size === 0 || !this.#touchesUnreadable(at, into.length)) {
      try {
        return await shared.reader.read(at, into)
      } catch {
        // By pieces it will show which one is the cause.
      }
    }
    await this.#fillByPieces(at, into)
  }

  #touchesUnreadable(at: number, length: number): boolean {
    const last = Math.floor((at + length - 1) / PIECE_BYTES)
    for (let piece = Math.floor(at / PIECE_BYTES); piece <= last; piece++) {
      if (this.#shared.unreadable.has(piece)) return true
    }
    return false
  }

  /** A piece that could not be read is not tried again: each try may take a failing drive seconds. */
  async #fillByPieces(start: number, into: Uint8Array): Promise<void> {
    const { reader, unreadable } = this.#shared
    const end = start + into.length
    for (let at = start; at < end; ) {
      const piece = Math.floor(at / PIECE_BYTES)
      const next = Math.min(end, (piece + 1) * PIECE_BYTES)
      const part = into.subarray(at - start, next - start)
      at = next
      if (unreadable.has(piece)) {
        part.fill(0)
        continue
      }
      try {
        await reader.read(next - part.length, part)
      } catch (error) {
        part.fill(0)
        unreadable.set(piece, error instanceof Error ? error.message : String(error))
      }
    }
  }
}
