// What an entry of an L1 or L2 table says; an entry that cannot be is told as such, with the reason, because a check goes on behind it.

import type { Header } from './header'
import { COMPRESSED_HI, COPIED_HI, OFFSET_HI, OFFSET_LO, SECTOR_BYTES, TWO_32, ZERO_LO } from './layout'

export type Entry =
  /** Nothing here: the backing file's, or zeros. */
  | { readonly kind: 'none' }
  /** `hostOffset` 0: nothing is allocated for it. */
  | { readonly kind: 'zero'; readonly hostOffset: number; readonly isCopied: boolean }
  | { readonly kind: 'standard'; readonly hostOffset: number; readonly isCopied: boolean }
  | { readonly kind: 'compressed'; readonly hostOffset: number; readonly hostBytes: number }
  | { readonly kind: 'wrong'; readonly text: string }

const NONE: Entry = { kind: 'none' }
const RESERVED_L1_HI = ~(COPIED_HI | OFFSET_HI) >>> 0
const RESERVED_L2_HI = ~(COPIED_HI | COMPRESSED_HI | OFFSET_HI) >>> 0

const wrong = (text: string): Entry => ({ kind: 'wrong', text })

/** A 'standard' entry is the place of an L2 table. */
export function decodeL1(hi: number, lo: number, header: Header): Entry {
  if (hi === 0 && lo === 0) return NONE
  const hostOffset = (hi & OFFSET_HI) * TWO_32 + ((lo & OFFSET_LO) >>> 0)
  if ((hi & RESERVED_L1_HI) !== 0 || (lo & ~OFFSET_LO) !== 0) return wrong('reserved bits of an L1 entry are set')
  if (hostOffset === 0) return wrong('an L1 entry without an L2 table has its copied bit set')
  if (hostOffset % header.clusterBytes > 0) return wrong(`an L2 table at ${hostOffset}, which is no start of a cluster`)
  return { kind: 'standard', hostOffset, isCopied: hi >>> 31 === 1 }
}

export function decodeL2(hi: number, lo: number, header: Header): Entry {
  if (hi === 0 && lo === 0) return NONE
  if ((hi & COMPRESSED_HI) !== 0) return decodeCompressed(hi, lo, header)
  const { clusterBytes, hasDataFile } = header
  const hostOffset = (hi & OFFSET_HI) * TWO_32 + ((lo & OFFSET_LO) >>> 0)
  const isCopied = hi >>> 31 === 1
  const isZero = (lo & ZERO_LO) === 1
  if ((hi & RESERVED_L2_HI) !== 0 || (lo & ~OFFSET_LO & ~ZERO_LO) !== 0) {
    return wrong('reserved bits of an L2 entry are set')
  }
  if (isZero && header.version === 2) return wrong('a zero cluster, which version 2 does not have')
  if (isZero && header.hasExtendedL2) return wrong('a zero bit in an extended L2 entry')
  if (hostOffset % clusterBytes > 0) return wrong(`a cluster at ${hostOffset}, which is no start of one`)
  if (!Number.isSafeInteger(hostOffset)) return wrong(`a cluster at ${hostOffset}`)
  const isAllocated = hostOffset > 0 || (isCopied && hasDataFile)
  if (isCopied && !isAllocated) return wrong('an L2 entry without a cluster has its copied bit set')
  if (isZero) return { kind: 'zero', hostOffset, isCopied }
  return { kind: 'standard', hostOffset, isCopied }
}

function decodeCompressed(hi: number, lo: number, header: Header): Entry {
  if (hi >>> 31 === 1) return wrong('a compressed cluster with its copied bit set')
  if (header.hasDataFile) return wrong('a compressed cluster, which an external data file does not permit')
  // The standard's x; at least 49, so that the lower half belongs to the offset as a whole.
  const offsetBits = 62 - (header.clusterBits - 8)
  const offsetHiBits = offsetBits - 32
  const top = hi & 0x3fffffff
  const offsetHi = offsetHiBits >= 30 ? top : top & ((1 << offsetHiBits) - 1)
  if (offsetHi > OFFSET_HI) return wrong('the offset of a compressed cluster is too large')
  const hostOffset = offsetHi * TWO_32 + lo
  if (!Number.isSafeInteger(hostOffset)) return wrong('the offset of a compressed cluster is too large')
  const sectors = (offsetHiBits >= 30 ? 0 : top >>> offsetHiBits) + 1
  return { kind: 'compressed', hostOffset, hostBytes: sectors * SECTOR_BYTES - (hostOffset % SECTOR_BYTES) }
}
