// The first cluster of a new image: header, header extensions, name of the backing file.

import { ImageInputError } from '../imageInputError'
import type { Table } from './header'
import {
  BACKING_NAME_BYTES_MAX,
  Extension,
  FEATURE_NAME_BYTES,
  FEATURES,
  Incompatible,
  MAGIC,
  TWO_32,
  V2_HEADER_BYTES,
  V3_HEADER_BYTES,
} from './layout'
import type { Plan } from './newOptions'

const REFCOUNT_ORDER = 4

export interface NewHeader {
  readonly plan: Plan
  readonly backingFormat: string | null
  readonly l1: Table
  readonly refcountTable: { readonly offset: number; readonly clusters: number }
}

/** One cluster. Throws an ImageInputError when the name of the backing file has no room in it. */
export function encodeHeader({ plan, backingFormat, l1, refcountTable }: NewHeader): Buffer {
  const { version, clusterBits, diskBytes, compression } = plan
  const cluster = Buffer.alloc(2 ** clusterBits)
  cluster.writeUInt32BE(MAGIC, 0)
  cluster.writeUInt32BE(version, 4)
  cluster.writeUInt32BE(clusterBits, 20)
  writeU64(cluster, diskBytes, 24)
  cluster.writeUInt32BE(l1.entries, 36)
  writeU64(cluster, l1.offset, 40)
  writeU64(cluster, refcountTable.offset, 48)
  cluster.writeUInt32BE(refcountTable.clusters, 56)
  if (version === 3) {
    const isZstd = compression === 'zstd'
    writeU64(cluster, isZstd ? 2 ** Incompatible.compressionType : 0, 72)
    cluster.writeUInt32BE(REFCOUNT_ORDER, 96)
    cluster.writeUInt32BE(V3_HEADER_BYTES, 100)
    cluster[104] = isZstd ? 1 : 0
  }
  writeRest(cluster, plan, backingFormat)
  return cluster
}

function writeRest(cluster: Buffer, { version, backing }: Plan, backingFormat: string | null): void {
  const name = Buffer.from(backing ?? '')
  const required = backingFormat === null ? [] : [extension(Extension.backingFormat, Buffer.from(backingFormat))]
  const end = Buffer.alloc(8)
  const headerBytes = version === 2 ? V2_HEADER_BYTES : V3_HEADER_BYTES
  const room = cluster.length - headerBytes - lengthOf(required) - end.length - name.length
  if (room < 0 || name.length > BACKING_NAME_BYTES_MAX) {
    throw new ImageInputError(
      `backing=${backing}: the name is too long for the header. Use a shorter name, or a larger cluster_size`,
    )
  }
  const names = featureNames()
  // Only for people: left out of small clusters.
  const extensions = version === 3 && names.length <= room ? [...required, names] : required
  let at = headerBytes
  for (const part of [...extensions, end]) at += part.copy(cluster, at)
  if (backing === null) return
  name.copy(cluster, at)
  writeU64(cluster, at, 8)
  cluster.writeUInt32BE(name.length, 16)
}

function featureNames(): Buffer {
  const names = Buffer.alloc(FEATURES.length * FEATURE_NAME_BYTES)
  FEATURES.forEach(([type, bit, name], index) => {
    const at = index * FEATURE_NAME_BYTES
    names[at] = type
    names[at + 1] = bit
    names.write(name, at + 2)
  })
  return extension(Extension.featureNames, names)
}

function extension(type: number, data: Buffer): Buffer {
  const bytes = Buffer.alloc(8 + Math.ceil(data.length / 8) * 8)
  bytes.writeUInt32BE(type, 0)
  bytes.writeUInt32BE(data.length, 4)
  data.copy(bytes, 8)
  return bytes
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

function writeU64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value % TWO_32, at + 4)
}
