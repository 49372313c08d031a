// A stretch of a VMDK's disk, in a file of its own: sparse, flat, or nothing but zeros.

import type { Place } from '../blocks/blockImage'
import { type FlatStretch, flatPlace } from '../blocks/flatPlace'
import type { Finding } from '../format'

/** What is where an extent has nothing: the parent's, or zeros. */
export type Absent = (offsetBytes: number, endBytes: number) => Place

export interface VmdkExtent {
  readonly path: string | null
  /** Of the disk. */
  readonly startBytes: number
  readonly endBytes: number
  placeAt(offsetBytes: number, absent: Absent): Place
  check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void>
  close(): void
}

export class FlatExtent implements VmdkExtent {
  readonly path: string
  readonly startBytes: number
  readonly endBytes: number

  constructor(private readonly stretch: FlatStretch) {
    this.path = stretch.file.path
    this.startBytes = stretch.startBytes
    this.endBytes = stretch.endBytes
  }

  placeAt(offsetBytes: number): Place {
    return flatPlace(this.stretch, offsetBytes)
  }

  /** Only its length can be checked, and was when it was opened. */
  async check(): Promise<void> {}

  close(): void {
    this.stretch.file.close()
  }
}

export class ZeroExtent implements VmdkExtent {
  readonly path = null

  constructor(
    readonly startBytes: number,
    readonly endBytes: number,
  ) {}

  placeAt(): Place {
    return { kind: 'zero', endBytes: this.endBytes }
  }

  async check(): Promise<void> {}

  close(): void {}
}
