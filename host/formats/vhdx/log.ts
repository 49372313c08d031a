// The log of a VHDX: [MS-VHDX] 2.3. A ring of entries, each a few writes of 4 KiB to the tables of the file. Who finds one that is in use has to
// carry out the writes of the newest whole sequence of entries before anything else is read.
//
//   entry | header, descriptor, descriptor ... | data sector ... |

import { crc32c, without } from '../../disk/checksums'
import type { ByteSource } from '../blocks/byteSource'
import type { VhdxHeader } from './headers'

const SECTOR_BYTES = 4096
const ENTRY_HEADER_BYTES = 64
const DESCRIPTOR_BYTES = 32
/** Logs have a MiB or a few. */
const LOG_BYTES_MAX = 32 << 20

export interface LoggedWrite {
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** null: zeros. */
  readonly bytes: Uint8Array | null
}

interface Entry {
  readonly offset: number
  readonly lengthBytes: number
  readonly tail: number
  readonly sequence: bigint
  /** The file had so many bytes, and never has fewer. */
  readonly flushedFileBytes: number
  /** All structures lie in so many bytes. */
  readonly lastFileBytes: number
  readonly writes: readonly LoggedWrite[]
}

export interface Replay {
  readonly entries: number
  /** In the order in which they are carried out. */
  readonly writes: readonly LoggedWrite[]
  readonly fileBytes: number
  /** There is a newer entry that some entry before it is missing for. */
  readonly hasNewer: boolean
}

/** What the log asks for. Throws a DamagedImage when there is no whole sequence, or the file is shorter than it was. */
export function readLog(file: ByteSource, { logOffsetBytes, logBytes, logGuid }: VhdxHeader): Replay {
  if (logBytes === 0 || logBytes > LOG_BYTES_MAX) {
    throw file.damage(logOffsetBytes, `the log is in use; one of ${logBytes} bytes is not supported`)
  }
  const log = new Ring(Buffer.from(file.readBytes(logOffsetBytes, logBytes, 'the log')), logGuid)
  const active = log.activeSequence()
  const head = active.at(-1)
  if (!head) throw file.damage(logOffsetBytes, 'the log is in use, and has no whole sequence of entries')
  if (head.flushedFileBytes > file.sizeBytes) {
    throw file.damage(file.sizeBytes, `the file was cut: by its log it had ${head.flushedFileBytes} bytes`)
  }
  if (!Number.isSafeInteger(head.lastFileBytes)) {
    throw file.damage(logOffsetBytes, `by its log the file has ${head.lastFileBytes} bytes`)
  }
  const writes = active.flatMap((entry) => entry.writes)
  const hasNewer = log.newest > head.sequence
  return { entries: active.length, writes, fileBytes: head.lastFileBytes, hasNewer }
}

class Ring {
  /** The greatest number of a valid entry, as far as the log was looked at. */
  newest = 0n

  constructor(
    private readonly bytes: Buffer,
    private readonly guid: Uint8Array,
  ) {}

  /** Of all whole sequences the one whose newest entry has the greatest number; empty when there is none. */
  activeSequence(): readonly Entry[] {
    let best: Entry[] = []
    for (let start = 0; start < this.bytes.length; ) {
      const sequence = this.#sequenceFrom(start)
      const head = sequence.at(-1)
      const whole = head ? sequence.findIndex(({ offset }) => offset === head.tail) : -1
      if (head && whole >= 0 && head.sequence > (best.at(-1)?.sequence ?? 0n)) best = sequence.slice(whole)
      const end = head ? head.offset + head.lengthBytes : start + SECTOR_BYTES
      // A sequence that goes around the end has been looked at.
      if (end <= start || (head && head.offset < start)) break
      start = end
    }
    return best
  }

  #sequenceFrom(start: number): Entry[] {
    const sequence: Entry[] = []
    let at = start
    let length = 0
    for (;;) {
      const entry = this.#entryAt(at)
      const previous = sequence.at(-1)
      if (!entry || (previous && entry.sequence !== previous.sequence + 1n)) return sequence
      length += entry.lengthBytes
      if (length > this.bytes.length) return sequence
      sequence.push(entry)
      if (entry.sequence > this.newest) this.newest = entry.sequence
      at = (at + entry.lengthBytes) % this.bytes.length
    }
  }

  /** null: no valid entry. */
  #entryAt(offset: number): Entry | null {
    const head = this.bytes.subarray(offset, offset + ENTRY_HEADER_BYTES)
    const lengthBytes = head.readUInt32LE(8)
    const tail = head.readUInt32LE(12)
    const sequence = head.readBigUInt64LE(16)
    const isPossible =
      head.toString('latin1', 0, 4) === 'loge' &&
      lengthBytes > 0 &&
      lengthBytes % SECTOR_BYTES === 0 &&
      lengthBytes <= this.bytes.length &&
      tail % SECTOR_BYTES === 0 &&
      tail < this.bytes.length &&
      sequence > 0n &&
      Buffer.compare(head.subarray(32, 48), this.guid) === 0
    if (!isPossible) return null
    const bytes = this.#cut(offset, lengthBytes)
    // Before the checksum: entries that overlap cannot all look right, and so checking them all stays cheap.
    const writes = parseWrites(bytes, head.readUInt32LE(24), sequence)
    if (!writes || head.readUInt32LE(4) !== crc32c(without(bytes, 4, 4))) return null
    const [flushedFileBytes, lastFileBytes] = [48, 56].map((at) => Number(head.readBigUInt64LE(at))) as [number, number]
    return { offset, lengthBytes, tail, sequence, flushedFileBytes, lastFileBytes, writes }
  }

  #cut(offset: number, length: number): Buffer {
    const rest = offset + length - this.bytes.length
    if (rest <= 0) return this.bytes.subarray(offset, offset + length)
    return Buffer.concat([this.bytes.subarray(offset), this.bytes.subarray(0, rest)])
  }
}

function parseWrites(entry: Buffer, count: number, sequence: bigint): LoggedWrite[] | null {
  let dataAt = Math.ceil((ENTRY_HEADER_BYTES + count * DESCRIPTOR_BYTES) / SECTOR_BYTES) * SECTOR_BYTES
  if (dataAt > entry.length) return null
  const writes: LoggedWrite[] = []
  for (let index = 0; index < count; index++) {
    const descriptor = entry.subarray(ENTRY_HEADER_BYTES + index * DESCRIPTOR_BYTES).subarray(0, DESCRIPTOR_BYTES)
    const offsetBytes = Number(descriptor.readBigUInt64LE(16))
    const kind = descriptor.toString('latin1', 0, 4)
    if (descriptor.readBigUInt64LE(24) !== sequence || offsetBytes % SECTOR_BYTES !== 0) return null
    if (kind === 'zero') {
      const lengthBytes = Number(descriptor.readBigUInt64LE(8))
      if (!Number.isSafeInteger(offsetBytes + lengthBytes)) return null
      writes.push({ offsetBytes, lengthBytes, bytes: null })
      continue
    }
    const bytes =
      kind === 'desc' ? dataSector(entry.subarray(dataAt, dataAt + SECTOR_BYTES), descriptor, sequence) : null
    if (!bytes) return null
    writes.push({ offsetBytes, lengthBytes: SECTOR_BYTES, bytes })
    dataAt += SECTOR_BYTES
  }
  return dataAt === entry.length ? writes : null
}

/** The number of the sequence stands where the first 8 and the last 4 bytes were; those are in the descriptor. */
function dataSector(sector: Buffer, descriptor: Buffer, sequence: bigint): Uint8Array | null {
  if (sector.length < SECTOR_BYTES || sector.toString('latin1', 0, 4) !== 'data') return null
  const stored = (BigInt(sector.readUInt32LE(4)) << 32n) | BigInt(sector.readUInt32LE(4092))
  if (stored !== sequence) return null
  const bytes = new Uint8Array(sector)
  bytes.set(descriptor.subarray(8, 16), 0)
  bytes.set(descriptor.subarray(4, 8), 4092)
  return bytes
}
