// Compressed clusters: raw deflate streams (RFC 1951) with a window of 4 KiB, or zstd frames.

import * as zlib from 'node:zlib'
import { constants, deflateRaw, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { unpackZstd } from '../zstd/unpackZstd'
import { readFrame } from '../zstd/zstdFrame'
import type { CompressionType } from './header'

/** QEMU inflates with this window and no larger one. */
const WINDOW_BITS = 12

export interface Codec {
  /** Exactly `clusterBytes`, or an error of any kind. What lies behind the stream belongs to others. */
  unpack(packed: Uint8Array, clusterBytes: number): Uint8Array
  unpackLater(packed: Uint8Array, clusterBytes: number): Promise<Uint8Array>
  pack(cluster: Uint8Array): Promise<Uint8Array>
}

export const zlibCodec: Codec = {
  unpack: (packed, clusterBytes) => whole(inflateRawSync(packed, inflateOptions(clusterBytes)), clusterBytes),

  unpackLater: (packed, clusterBytes) =>
    new Promise((resolve, reject) => {
      inflateRaw(packed, inflateOptions(clusterBytes), (error, bytes) => {
        if (error) return reject(error)
        if (bytes.length !== clusterBytes) return reject(shortCluster(bytes.length))
        resolve(bytes)
      })
    }),

  pack: (cluster) =>
    new Promise((resolve, reject) => {
      // One chunk: a longer stream is of no use, and is seen by its length.
      const chunkSize = Math.max(constants.Z_MIN_CHUNK, cluster.length + (cluster.length >> 4) + 64)
      deflateRaw(cluster, { windowBits: WINDOW_BITS, memLevel: 9, chunkSize }, (error, bytes) => {
        if (error) reject(error)
        else resolve(bytes)
      })
    }),
}

function inflateOptions(clusterBytes: number): ZlibOptions {
  // One byte more than a cluster, so that nothing is asked for again when it is full.
  return { windowBits: WINDOW_BITS, chunkSize: clusterBytes + 1, maxOutputLength: clusterBytes }
}

function whole(bytes: Uint8Array, clusterBytes: number): Uint8Array {
  if (bytes.length === clusterBytes) return bytes
  throw shortCluster(bytes.length)
}

function shortCluster(length: number): Error {
  return new Error(`it has ${length} bytes only`)
}

// Node.js has zstd from 22.15 on; its types here are older.
interface NodeZstd {
  zstdCompress?(bytes: Uint8Array, done: (error: Error | null, packed: Uint8Array) => void): void
  zstdDecompressSync?(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Uint8Array
}

const node: NodeZstd = zlib as unknown as NodeZstd

export const zstdCodec: Codec = {
  unpack: (packed, clusterBytes) =>
    node.zstdDecompressSync
      ? unpackByNode(packed, clusterBytes, node.zstdDecompressSync)
      : unpackZstd(packed, clusterBytes),
  unpackLater: async (packed, clusterBytes) => zstdCodec.unpack(packed, clusterBytes),
  pack: (cluster) =>
    new Promise((resolve, reject) => {
      if (!node.zstdCompress) throw new Error('this Node.js cannot pack zstd')
      node.zstdCompress(cluster, (error, packed) => (error ? reject(error) : resolve(packed)))
    }),
}

/** Node.js must not see what lies behind the frames. */
function unpackByNode(
  packed: Uint8Array,
  clusterBytes: number,
  unpack: NonNullable<NodeZstd['zstdDecompressSync']>,
): Uint8Array {
  const parts: Uint8Array[] = []
  let done = 0
  for (let at = 0; done < clusterBytes; ) {
    const frame = readFrame(packed, at)
    const end = 'skipTo' in frame ? frame.skipTo : frame.end
    if (!('skipTo' in frame)) {
      // A limit of 0 is none.
      const content = unpack(packed.subarray(at, end), { maxOutputLength: clusterBytes - done })
      parts.push(content)
      done += content.length
    }
    at = end
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

export function hasZstdPacking(): boolean {
  return node.zstdCompress !== undefined
}

export function codecFor(type: CompressionType): Codec {
  return type === 'zlib' ? zlibCodec : zstdCodec
}
