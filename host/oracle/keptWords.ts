// What the microcode has said of itself (assembly/abi/status.ts) it has to know after a power cut as well: whoever it told relies on it. The
// judge does not know how it is kept: only what was said when power failed, with nothing half done, and what is said first of all after that.

import {
  REMOTE_LOST,
  REMOTE_WRITES_REFUSED,
  ROLE_NONE,
  ROLE_PRIMARY,
  STATUS_CHANGED_REGIONS,
  STATUS_POINT_HELD,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_ROLE,
  STATUS_REMOTE_STATE,
} from '../../assembly/abi/status'
import type { Complaint } from './verdict'

/** `said`: when power failed. `says`: as soon as the array is known again, and before anything is heard of another site. */
export function forgotten(said: Uint32Array, says: Uint32Array): Complaint | null {
  const marks = said[STATUS_CHANGED_REGIONS]!
  if (says[STATUS_CHANGED_REGIONS]! < marks) {
    const found = `${says[STATUS_CHANGED_REGIONS]} regions have changed since the last image`
    return { found: `after a power cut ${found}`, expected: `${marks} or more, as was said before it` }
  }
  if (said[STATUS_REMOTE_ROLE] === ROLE_NONE || !hasHeardNothing(says)) return null
  // One that steps down says that it is a secondary before it is.
  if (said[STATUS_REMOTE_ROLE] === ROLE_PRIMARY && says[STATUS_REMOTE_ROLE] !== ROLE_PRIMARY) {
    return { found: 'a site is no primary after a power cut', expected: 'the primary that it was' }
  }
  if (said[STATUS_REMOTE_CONSISTENT] !== says[STATUS_REMOTE_CONSISTENT]) {
    const [before, after] = said[STATUS_REMOTE_CONSISTENT] === 1 ? ['a', 'no'] : ['no', 'a']
    const found = `after a power cut what a site has is ${after} state of the LUN`
    return { found, expected: `${before} state of the LUN, as it said before it` }
  }
  if (said[STATUS_POINT_HELD] !== says[STATUS_POINT_HELD]) {
    const found = `after a power cut a site says that it holds point ${says[STATUS_POINT_HELD]}`
    return { found, expected: `point ${said[STATUS_POINT_HELD]}, as it said before it` }
  }
  const dirty = said[STATUS_REMOTE_DIRTY_REGIONS]!
  if (says[STATUS_REMOTE_DIRTY_REGIONS]! >= dirty) return null
  const found = `after a power cut the other site may differ in ${says[STATUS_REMOTE_DIRTY_REGIONS]} regions`
  return { found, expected: `${dirty} or more, as was said before it` }
}

/** Since the boot: whatever the other site has said may change all of this. */
function hasHeardNothing(says: Uint32Array): boolean {
  const state = says[STATUS_REMOTE_STATE]!
  return says[STATUS_REMOTE_ROLE] !== ROLE_NONE && (state === REMOTE_LOST || state === REMOTE_WRITES_REFUSED)
}
