// Reading an image whose tables say of each block of the disk where it is: the part that VHD, VMDK, VDI and VHDX share. A format says where
// a place of the disk is found; extents and reads follow from that.

import type { DiskImage, Extent, Finding, ImageFormat } from '../format'
import type { ByteSource } from './byteSource'

/** Where the disk from some offset on is found. */
export type Place =
  | { readonly kind: 'zero'; readonly endBytes: number }
  | {
      readonly kind: 'data'
      /** Up to here `fill` can be asked. */
      readonly endBytes: number
      readonly fill: (offsetBytes: number, into: Uint8Array) => void
    }

/** An extent is put together from so many places at most: asking stays cheap. */
const PLACES_MAX = 1024

export abstract class BlockImage implements DiskImage {
  abstract readonly format: ImageFormat
  abstract readonly diskBytes: number
  abstract readonly files: readonly string[]
  abstract readonly details: DiskImage['details']
  readonly sectorBytes: number = 512

  /** Reads tables only. `offsetBytes` is inside the disk; the end may be behind it. */
  abstract placeAt(offsetBytes: number): Place
  abstract check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void>
  abstract close(): void

  extentAt(offsetBytes: number): Extent {
    const { kind, endBytes } = this.placeAt(offsetBytes)
    let end = endBytes
    for (let places = 1; places < PLACES_MAX && end < this.diskBytes; places++) {
      const next = this.placeAt(end)
      if (next.kind !== kind) break
      end = next.endBytes
    }
    return { kind, endBytes: Math.min(end, this.diskBytes) }
  }

  read(offsetBytes: number, into: Uint8Array): void {
    const end = offsetBytes + into.length
    for (let at = offsetBytes; at < end; ) {
      const place = this.placeAt(at)
      const part = into.subarray(at - offsetBytes, Math.min(place.endBytes, end) - offsetBytes)
      if (place.kind === 'zero') part.fill(0)
      else place.fill(at, part)
      at += part.length
    }
  }
}

/** A place whose bytes lie in a file, one after the other. */
export function storedPlace(
  file: ByteSource,
  { startBytes, endBytes, fileOffsetBytes }: { startBytes: number; endBytes: number; fileOffsetBytes: number },
): Place {
  const fill = (offsetBytes: number, into: Uint8Array): void =>
    file.readInto(fileOffsetBytes + offsetBytes - startBytes, into, 'data')
  return { kind: 'data', endBytes, fill }
}

/** What the parent has at the same offset, until `endBytes`; behind its end it has zeros. */
export function parentPlace(parent: BlockImage, offsetBytes: number, endBytes: number): Place {
  if (offsetBytes >= parent.diskBytes) return { kind: 'zero', endBytes }
  const place = parent.placeAt(offsetBytes)
  return { ...place, endBytes: Math.min(place.endBytes, endBytes, parent.diskBytes) }
}

/** A long check lets others run, too. True: go on. */
export async function breathe(signal: AbortSignal | undefined): Promise<boolean> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  return !signal?.aborted
}
