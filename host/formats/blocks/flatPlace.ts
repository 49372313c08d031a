// A stretch of a disk that lies in a file as it is. Holes of the file are zeros, where the file system says where they are.

import { statSync } from 'node:fs'
import { type HoleMap, readHoleMap } from '../raw/holeMap'
import { type Place, storedPlace } from './blockImage'
import type { ByteSource } from './byteSource'

const HOLES_BYTES_MIN = 1 << 20

/** The holes of a file, when there are enough of them that asking pays. */
export async function holesOf(path: string): Promise<HoleMap | null> {
  const { size, blocks } = statSync(path)
  return size - blocks * 512 >= HOLES_BYTES_MIN ? readHoleMap(path) : null
}

export interface FlatStretch {
  readonly file: ByteSource
  readonly holes: HoleMap | null
  /** Of the disk. */
  readonly startBytes: number
  readonly endBytes: number
  /** Where in the file it begins. */
  readonly fileOffsetBytes: number
}

export function flatPlace(stretch: FlatStretch, offsetBytes: number): Place {
  const { file, holes, startBytes, endBytes, fileOffsetBytes } = stretch
  if (!holes) return storedPlace(file, stretch)
  const shift = startBytes - fileOffsetBytes
  const data = holes.dataAfter(offsetBytes - shift)
  if (data.startBytes > offsetBytes - shift)
    return { kind: 'zero', endBytes: Math.min(endBytes, data.startBytes + shift) }
  return storedPlace(file, { startBytes, endBytes: Math.min(endBytes, data.endBytes + shift), fileOffsetBytes })
}
