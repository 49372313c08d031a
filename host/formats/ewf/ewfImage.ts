// An EWF image that is open for reading.

import { DamagedImage } from '../damagedImage'
import type { DiskImage, Extent, Finding, ImageFormat } from '../format'
import { RecentlyUsed } from '../recentlyUsed'
import { checkSet } from './check'
import { ChunkReader } from './chunkReader'
import { HEADER_NAMES } from './headerValues'
import { MEDIA_TYPES } from './media'
import type { ScannedSet } from './scan'

const CACHE_BYTES = 8 << 20
/** So many chunks are looked at for one answer about an extent. */
const EXTENT_CHUNKS_MAX = 1024

export class EwfImage implements DiskImage {
  readonly diskBytes: number
  readonly sectorBytes: number
  readonly files: readonly string[]
  readonly details: DiskImage['details']
  private readonly chunks: ChunkReader
  private readonly unpacked: RecentlyUsed<number, Uint8Array>

  constructor(
    readonly format: ImageFormat,
    private readonly set: ScannedSet,
  ) {
    this.diskBytes = set.diskBytes
    this.sectorBytes = set.media.sectorBytes
    this.files = set.files.paths
    this.chunks = new ChunkReader(set)
    this.unpacked = new RecentlyUsed(Math.max(2, Math.floor(CACHE_BYTES / this.chunks.chunkBytes)))
    this.details = detailsOf(set)
  }

  extentAt(offsetBytes: number): Extent {
    const unread = this.set.unread.after(offsetBytes)
    if (unread && unread.startBytes <= offsetBytes) return { kind: 'unread', endBytes: unread.endBytes }
    const limit = unread?.startBytes ?? this.diskBytes
    if (this.set.isUnreadUnknown) return { kind: 'data', endBytes: limit }
    const { chunkBytes } = this.chunks
    const first = Math.floor(offsetBytes / chunkBytes)
    const last = Math.min(Math.ceil(limit / chunkBytes), first + EXTENT_CHUNKS_MAX)
    const isZero = this.chunks.isZero(first)
    let end = first + 1
    while (end < last && this.chunks.isZero(end) === isZero) end++
    return { kind: isZero ? 'zero' : 'data', endBytes: Math.min(end * chunkBytes, limit) }
  }

  read(offsetBytes: number, into: Uint8Array): void {
    const { chunkBytes } = this.chunks
    const end = offsetBytes + into.length
    for (let at = offsetBytes; at < end; ) {
      const chunk = Math.floor(at / chunkBytes)
      const start = chunk * chunkBytes
      const next = Math.min(end, start + chunkBytes)
      into.set(this.chunk(chunk).subarray(at - start, next - start), at - offsetBytes)
      at = next
    }
    this.minusUnread(offsetBytes, into)
  }

  check(
    report: (finding: Finding) => void,
    signal?: AbortSignal,
    onProgress?: (doneBytes: number) => void,
  ): Promise<void> {
    return checkSet(this.set, this.chunks, report, { signal, onProgress })
  }

  close(): void {
    this.set.files.close()
  }

  private chunk(number: number): Uint8Array {
    let bytes = this.unpacked.get(number)
    if (!bytes) {
      bytes = this.chunks.decode(number).slice()
      this.unpacked.set(number, bytes)
    }
    return bytes
  }

  /** Zeros for what was unread; where that is not known, zeros are no answer. */
  private minusUnread(offsetBytes: number, into: Uint8Array): void {
    const end = offsetBytes + into.length
    if (this.set.isUnreadUnknown) this.refuseZeros(offsetBytes, into)
    for (let range = this.set.unread.after(offsetBytes); range && range.startBytes < end; ) {
      into.fill(0, Math.max(0, range.startBytes - offsetBytes), Math.min(into.length, range.endBytes - offsetBytes))
      range = this.set.unread.after(range.endBytes)
    }
  }

  private refuseZeros(offsetBytes: number, into: Uint8Array): void {
    const { sectorBytes } = this
    for (let at = 0; at < into.length; ) {
      const end = Math.min(into.length, at + sectorBytes - ((offsetBytes + at) % sectorBytes))
      if (into.subarray(at, end).every((byte) => byte === 0)) {
        const sector = Math.floor((offsetBytes + at) / sectorBytes)
        const text = `sector ${sector} has zeros, or could not be read: the list of unread sectors is damaged or missing`
        throw new DamagedImage(this.files.at(-1)!, 0, text)
      }
      at = end
    }
  }
}

function detailsOf(set: ScannedSet): [string, string][] {
  const { media, headers, unread, digests } = set
  const details: [string, string][] = HEADER_NAMES.flatMap(([name, title]) => {
    const value = headers.get(name)
    return value === undefined ? [] : [[title, value] as [string, string]]
  })
  details.push(['media', MEDIA_TYPES.get(media.type) ?? `type ${media.type}`])
  details.push(['sectors per chunk', String(media.sectorsPerChunk)])
  // EnCase 4 and all before it say none of whatever they compressed.
  if (media.compression && media.compression !== 'none') details.push(['compression', media.compression])
  if (!/^0*$/.test(media.setIdentifier)) details.push(['set identifier', media.setIdentifier])
  for (const name of ['md5', 'sha1'] as const) {
    const digest = digests.map((one) => one.digests[name]).find((one) => one !== null)
    details.push([name === 'md5' ? 'MD5' : 'SHA-1', digest ?? 'not stored'])
  }
  if (set.sessionCount !== null) details.push(['sessions', String(set.sessionCount)])
  if (unread.count > 0) details.push(['unread', `${unread.totalBytes} bytes in ${unread.count} places`])
  const [problem] = set.problems
  if (problem) {
    const others = set.problems.length - 1
    details.push(['damage', problem.message + (others > 0 ? ` (and ${others} more)` : '')])
  }
  return details
}
