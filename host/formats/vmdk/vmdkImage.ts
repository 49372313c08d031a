// Reading a VMDK: extents one after the other, and what they do not have from the parent.

import { BlockImage, type Place, parentPlace } from '../blocks/blockImage'
import type { Finding } from '../format'
import type { Descriptor } from './descriptor'
import type { Absent, VmdkExtent } from './extent'
import { SECTOR_BYTES } from './sparseHeader'
import { vmdkFormat } from './vmdkFormat'

export interface VmdkParts {
  readonly path: string
  /** null: an extent alone, whose descriptor is elsewhere. */
  readonly descriptor: Descriptor | null
  readonly extents: readonly VmdkExtent[]
  readonly parent: VmdkImage | null
}

export class VmdkImage extends BlockImage {
  readonly format = vmdkFormat
  readonly diskBytes: number
  readonly files: readonly string[]
  readonly #absent: Absent

  constructor(readonly parts: VmdkParts) {
    super()
    const { path, extents, parent } = parts
    const others = extents.flatMap((extent) => (extent.path === null || extent.path === path ? [] : [extent.path]))
    this.files = [...new Set([path, ...others, ...(parent?.files ?? [])])]
    this.diskBytes = extents.at(-1)!.endBytes
    this.#absent = parent
      ? (offsetBytes, endBytes) => parentPlace(parent, offsetBytes, endBytes)
      : (_, endBytes) => ({ kind: 'zero', endBytes })
  }

  get details(): [string, string][] {
    const { descriptor, extents, parent } = this.parts
    return [
      ['subformat', descriptor?.createType ?? 'an extent without its descriptor'],
      ['extents', `${extents.length}`],
      ...(descriptor ? ([['content id', descriptor.cid]] as [string, string][]) : []),
      ...(parent ? ([['parent', parent.files[0]!]] as [string, string][]) : []),
    ]
  }

  placeAt(offsetBytes: number): Place {
    const { extents } = this.parts
    let [low, high] = [0, extents.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (extents[middle]!.endBytes > offsetBytes) high = middle
      else low = middle + 1
    }
    return extents[low]!.placeAt(offsetBytes, this.#absent)
  }

  async check(report: (finding: Finding) => void, signal?: AbortSignal): Promise<void> {
    const { path, descriptor, extents, parent } = this.parts
    const named = descriptor?.extents.reduce((sum, { sectors }) => sum + sectors, 0)
    if (named !== undefined && named * SECTOR_BYTES !== this.diskBytes) {
      const text = `the descriptor names ${named} sectors; the disk has ${this.diskBytes / SECTOR_BYTES}`
      report({ kind: 'damage', file: path, fileOffsetBytes: 0, disk: null, text })
    }
    for (const extent of extents) await extent.check(report, signal)
    await parent?.check(report, signal)
  }

  close(): void {
    for (const extent of this.parts.extents) extent.close()
    this.parts.parent?.close()
  }
}
