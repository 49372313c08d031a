// What the other site says of itself, and how what it has relates to what is here. Both sides come to the same by the same facts.

import { ROLE_NONE, ROLE_PRIMARY, ROLE_SECONDARY } from '../abi/status'
import { lunSectors } from './array'
import { Header } from './remoteFrames'
import { base, current, isConsistent, isDiscarded, isForgotten, offered, role } from './remoteRecord'

// In a HELLO: `sectors` has the role, `lba` what was offered, `tag` these flags.
const CONSISTENT: u32 = 1
const DISCARDED: u32 = 2
const FORGOTTEN: u32 = 4

let peerRole: u32 = ROLE_NONE
let peerFlags: u32 = 0
export let peerCurrent: u64 = 0
let peerBase: u64 = 0
let peerOffered: u64 = 0
let peerSectors: u64 = 0

/** Fills in who this site is. */
export function introduce(header: Header): void {
  header.sectors = role
  header.tag = (isConsistent ? CONSISTENT : 0) | (isDiscarded ? DISCARDED : 0) | (isForgotten ? FORGOTTEN : 0)
  header.current = current
  header.base = base
  header.lba = offered
  header.size = lunSectors
}

export function notePeer(header: Header): void {
  peerRole = header.sectors
  peerFlags = header.tag
  peerCurrent = header.current
  peerBase = header.base
  peerOffered = header.lba
  peerSectors = header.size
}

export function peerIsPrimary(): bool {
  return peerRole == ROLE_PRIMARY
}

/** What it has is a state of the LUN. */
export function peerIsConsistent(): bool {
  return (peerFlags & CONSISTENT) != 0
}

/** It is behind, and knows it: it does not serve any more. */
export function peerStepsDown(): void {
  if (peerRole == ROLE_PRIMARY) peerRole = ROLE_SECONDARY
}

function peerHasForgotten(): bool {
  return (peerFlags & FORGOTTEN) != 0
}

const EQUAL: u32 = 0
export const AHEAD: u32 = 1
export const BEHIND: u32 = 2
export const APART: u32 = 3
export const UNRELATED: u32 = 4

/** This site's contents, seen from here. */
export function relation(): u32 {
  if (peerSectors != lunSectors) return UNRELATED
  if (isDiscarded != ((peerFlags & DISCARDED) != 0)) return isDiscarded ? BEHIND : AHEAD
  // Which of us has the newer contents nobody knows any more: an operator has to give up one of them.
  if (isForgotten || peerHasForgotten()) return UNRELATED
  if (current == peerCurrent) {
    // A resync between them was broken off.
    if (isConsistent != ((peerFlags & CONSISTENT) != 0)) return isConsistent ? AHEAD : BEHIND
    return EQUAL
  }
  // Nothing is known of what is here, or there.
  if (current == 0) return BEHIND
  if (peerCurrent == 0) return AHEAD
  if (base != 0 && base == peerBase) return APART
  if (base == peerCurrent || offered == peerCurrent) return AHEAD
  if (peerBase == current || peerOffered == current) return BEHIND
  return base != 0 && peerBase != 0 ? APART : UNRELATED
}
