// What an array claims to be, in the words of a scenario.

import { STATUS_ARRAY_STATE, STATUS_BAY_STATE, STATUS_BAY_WORDS, STATUS_BAYS } from '../../assembly/abi/status'
import type { Site } from '../rig/site'
import { ARRAY_STATES, type ArrayStateName, BAY_STATES, type BayStateName } from './scenario'

export function arrayStateOf({ controller }: Site): ArrayStateName {
  return ARRAY_STATES[controller.statusWord(STATUS_ARRAY_STATE)] ?? 'none'
}

export function bayStatesOf({ controller, bays }: Site): BayStateName[] {
  return bays.map((_, bay) => {
    const word = STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE
    return BAY_STATES[controller.statusWord(word)] ?? 'unknown'
  })
}
