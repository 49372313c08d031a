// Whether what an array says of itself as a whole agrees with what it says of its bays (law TRUTH; assembly/abi/status.ts, ARRAY_…): at any
// instant, and whatever became of the drives, for both are its own words.

import {
  ARRAY_DEGRADED,
  ARRAY_OPTIMAL,
  STATUS_ARRAY_STATE,
  STATUS_BAY_SLOT,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
} from '../../assembly/abi/status'
import { isClaimedInSync, type RigView } from './rigView'
import type { Complaint } from './verdict'

/** `members`: how many slots the array is configured for; 0: nobody knows. */
export function stateFault(view: RigView, members: number): Complaint | null {
  const state = view.status[STATUS_ARRAY_STATE]
  if (members === 0 || (state !== ARRAY_OPTIMAL && state !== ARRAY_DEGRADED)) return null
  const filled = slotsInSync(view)
  const isComplete = filled >= members
  if (filled > 0 && isComplete === (state === ARRAY_OPTIMAL)) return null
  const name = state === ARRAY_OPTIMAL ? 'optimal' : 'degraded'
  const found = `the array says that it is ${name}, and that ${filled} of its ${members} slots are in sync`
  const expected = filled === 0 ? 'failed: nobody has the data' : isComplete ? 'optimal' : 'degraded'
  return { found, expected }
}

function slotsInSync(view: RigView): number {
  const slots = new Set<number>()
  for (let bay = 0; bay < view.bayCount; bay++) {
    const slot = view.status[STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_SLOT]!
    if (isClaimedInSync(view, bay)) slots.add(slot)
  }
  return slots.size
}
