// A qcow2 image, open for reading: the active disk, over its backing files.
//
// Not verified while reading: refcounts, and whether two entries share a cluster; check() does. Data have no checksums in this format.

import type { DiskImage, Extent, ExtentKind, Finding, ImageFormat } from '../format'
import type { ImageFile } from '../imageFile'
import { RecentlyUsed } from '../recentlyUsed'
import { checkImage } from './check'
import { ClusterMap, type Piece } from './clusterMap'
import { type Codec, codecFor } from './codec'
import { describe } from './details'
import type { Header } from './header'
import type { SnapshotTable } from './snapshots'

/** Of decoded clusters, for each file of a chain. */
const DECODED_BYTES_MAX = 4 << 20
/** A question for an extent looks at so many pieces. */
const PIECES_MAX = 4096
/** So many clusters of one read are unpacked at the same time. */
const UNPACK_MAX = 8

export interface Parts {
  readonly file: ImageFile
  readonly header: Header
  readonly snapshotTable: SnapshotTable
  readonly backing: DiskImage | null
  readonly dataFile: ImageFile | null
}

type CompressedPiece = Extract<Piece, { kind: 'compressed' }>
type DataPiece = Extract<Piece, { kind: 'data' }>

export class Qcow2Image implements DiskImage {
  readonly format: ImageFormat
  readonly sectorBytes = 512
  readonly diskBytes: number
  readonly files: readonly string[]
  readonly details: DiskImage['details']
  readonly #parts: Parts
  readonly #map: ClusterMap
  readonly #codec: Codec
  readonly #decoded: RecentlyUsed<number, Uint8Array>
  #lastExtent: Extent & { readonly startBytes: number } = { kind: 'zero', startBytes: 0, endBytes: 0 }

  constructor(format: ImageFormat, parts: Parts) {
    const { file, header, backing, dataFile } = parts
    this.format = format
    this.diskBytes = header.diskBytes
    this.files = [file.path, ...(dataFile ? [dataFile.path] : []), ...(backing?.files ?? [])]
    this.details = describe(header, parts.snapshotTable.snapshots, dataFile?.path ?? null)
    this.#parts = parts
    this.#map = new ClusterMap(file, header)
    this.#codec = codecFor(header.compression)
    this.#decoded = new RecentlyUsed(Math.max(2, Math.floor(DECODED_BYTES_MAX / header.clusterBytes)))
  }

  extentAt(offsetBytes: number): Extent {
    const last = this.#lastExtent
    if (offsetBytes >= last.startBytes && offsetBytes < last.endBytes) return last
    let { kind, endBytes } = this.#extentOfPiece(offsetBytes)
    for (let count = 1; count < PIECES_MAX && endBytes < this.diskBytes; count++) {
      const next = this.#extentOfPiece(endBytes)
      if (next.kind !== kind) break
      endBytes = next.endBytes
    }
    endBytes = Math.min(endBytes, this.diskBytes)
    this.#lastExtent = { kind, startBytes: offsetBytes, endBytes }
    return this.#lastExtent
  }

  #extentOfPiece(offsetBytes: number): Extent {
    const piece = this.#map.pieceAt(offsetBytes)
    const { backing } = this.#parts
    if (piece.kind !== 'none') return extent(piece.kind === 'zero' ? 'zero' : 'data', piece.endBytes)
    if (!backing || offsetBytes >= backing.diskBytes) return extent('zero', piece.endBytes)
    const { kind, endBytes } = backing.extentAt(offsetBytes)
    return extent(kind, Math.min(endBytes, piece.endBytes))
  }

  read(offsetBytes: number, into: Uint8Array): void | Promise<void> {
    let done = 0
    while (done < into.length) {
      const rest = into.subarray(done)
      const { bytes, wait } = this.#readSome(offsetBytes + done, rest)
      done += bytes
      if (wait) return wait.then(() => this.read(offsetBytes + done, into.subarray(done)))
    }
  }

  /** Fills the first bytes of `into`, and says how many; with `wait`, when it is over. */
  #readSome(offsetBytes: number, into: Uint8Array): { bytes: number; wait?: Promise<unknown> } {
    const piece = this.#map.pieceAt(offsetBytes)
    const bytes = Math.min(piece.endBytes - offsetBytes, into.length)
    if (piece.kind === 'data') return { bytes: this.#readData(offsetBytes, piece, into) }
    if (piece.kind === 'compressed') return this.#readCompressed(offsetBytes, piece, into)
    const { backing } = this.#parts
    const there = piece.kind === 'none' && backing ? Math.max(0, Math.min(backing.diskBytes - offsetBytes, bytes)) : 0
    into.fill(0, there, bytes)
    if (there === 0 || !backing) return { bytes }
    const wait = backing.read(offsetBytes, into.subarray(0, there))
    return wait ? { bytes, wait } : { bytes }
  }

  /** With one call, as far as the clusters lie one behind the other. */
  #readData(offsetBytes: number, first: DataPiece, into: Uint8Array): number {
    let endBytes = first.endBytes
    while (endBytes < offsetBytes + into.length) {
      const next = this.#map.pieceAt(endBytes)
      if (next.kind !== 'data' || next.hostOffset - first.hostOffset !== endBytes - offsetBytes) break
      endBytes = next.endBytes
    }
    const bytes = Math.min(endBytes - offsetBytes, into.length)
    const { dataFile, file } = this.#parts
    ;(dataFile ?? file).readInto(first.hostOffset, into.subarray(0, bytes), 'cluster')
    return bytes
  }

  #readCompressed(offsetBytes: number, first: CompressedPiece, into: Uint8Array) {
    if (first.startBytes < offsetBytes || first.endBytes > offsetBytes + into.length) {
      const cluster = this.#decodedCluster(first)
      const from = offsetBytes - first.startBytes
      const bytes = Math.min(cluster.length - from, into.length)
      into.set(cluster.subarray(from, from + bytes))
      return { bytes }
    }
    const pieces = [first]
    let endBytes = first.endBytes
    while (pieces.length < UNPACK_MAX && endBytes < offsetBytes + into.length) {
      const next = this.#map.pieceAt(endBytes)
      if (next.kind !== 'compressed' || next.endBytes > offsetBytes + into.length) break
      pieces.push(next)
      endBytes = next.endBytes
    }
    if (pieces.length === 1) {
      into.set(this.unpack(first))
      return { bytes: endBytes - offsetBytes }
    }
    return { bytes: endBytes - offsetBytes, wait: this.#unpackAll(pieces, offsetBytes, into) }
  }

  async #unpackAll(pieces: readonly CompressedPiece[], offsetBytes: number, into: Uint8Array): Promise<void> {
    const { clusterBytes } = this.#parts.header
    // All of them end before the caller has its buffer back, also when one fails.
    const results = await Promise.allSettled(
      pieces.map(async (piece) => {
        const unpacked = await this.#codec.unpackLater(this.#packed(piece), clusterBytes).catch((error) => {
          throw this.#undecodable(piece, error)
        })
        into.set(unpacked, piece.startBytes - offsetBytes)
      }),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  #decodedCluster(piece: CompressedPiece): Uint8Array {
    const known = this.#decoded.get(piece.startBytes)
    if (known) return known
    const cluster = this.unpack(piece)
    this.#decoded.set(piece.startBytes, cluster)
    return cluster
  }

  unpack(piece: { readonly hostOffset: number; readonly hostBytes: number }): Uint8Array {
    const packed = this.#packed(piece)
    try {
      return this.#codec.unpack(packed, this.#parts.header.clusterBytes)
    } catch (error) {
      throw this.#undecodable(piece, error)
    }
  }

  /** The last sector may be cut off by the end of the file: the stream ends before. */
  #packed({ hostOffset, hostBytes }: { readonly hostOffset: number; readonly hostBytes: number }): Uint8Array {
    const { file } = this.#parts
    const there = Math.max(1, Math.min(hostBytes, file.sizeBytes - hostOffset))
    return file.readBytes(hostOffset, there, 'compressed cluster')
  }

  #undecodable({ hostOffset }: { readonly hostOffset: number }, error: unknown): Error {
    return this.#parts.file.damage(hostOffset, `a compressed cluster cannot be unpacked: ${(error as Error).message}`)
  }

  async check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    await checkImage(this.#parts, (piece) => this.unpack(piece), report, signal)
    if (!signal?.aborted) await this.#parts.backing?.check(report, signal)
  }

  close(): void {
    this.#parts.file.close()
    this.#parts.dataFile?.close()
    this.#parts.backing?.close()
  }
}

function extent(kind: ExtentKind, endBytes: number): Extent {
  return { kind, endBytes }
}
