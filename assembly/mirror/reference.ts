// The reference: the newest superblock among drives that hold all data, and what it says of the others.

import { BAY_STATE_EMPTY } from '../abi/status'
import { bayOf, NO_SLOT } from './array'
import { FEATURE_RECOVERY_OFFSET, ROLE_FAULTY, SB_DEV_ROLES, SB_MAX_DEV, SB_SET_UUID } from './md'
import { BAYS } from './memory'
import { PROBE_DONE, superblockOf } from './probe'

/** Whether the drive may be the reference: it fills a slot and holds all data. */
export function holdsAllData(index: u32): bool {
  const bay = bayOf(index)
  return bay.recordedSlot < 8 && !(bay.recordedFeatures & FEATURE_RECOVERY_OFFSET)
}

export function isProbed(index: u32): bool {
  const bay = bayOf(index)
  return bay.state != BAY_STATE_EMPTY && bay.probe == PROBE_DONE
}

/** The bay of the reference, or NO_SLOT. */
export function findReference(): u32 {
  let best = NO_SLOT
  for (let index: u32 = 0; index < BAYS; index++) {
    if (!isProbed(index) || superblockOf(index) == 0 || !holdsAllData(index)) continue
    if (best == NO_SLOT || bayOf(index).events > bayOf(best).events) best = index
  }
  return best
}

/** Members that the reference promises and that are here: all of them? */
export function allArePresent(reference: usize): bool {
  const devices = load<u32>(reference + SB_MAX_DEV)
  for (let device: u32 = 0; device < devices; device++) {
    if (load<u16>(reference + SB_DEV_ROLES + (device << 1)) >= <u16>ROLE_FAULTY) continue
    let found = false
    for (let index: u32 = 0; index < BAYS; index++) {
      if (isProbed(index) && isOfSet(index, reference) && bayOf(index).device == device) found = true
    }
    if (!found) return false
  }
  return true
}

export function isOfSet(index: u32, reference: usize): bool {
  return hasIdentity(index, load<u64>(reference + SB_SET_UUID), load<u64>(reference + SB_SET_UUID + 8))
}

/** The drive's superblock names this array. */
export function hasIdentity(index: u32, first: u64, second: u64): bool {
  const at = superblockOf(index)
  return at != 0 && load<u64>(at + SB_SET_UUID) == first && load<u64>(at + SB_SET_UUID + 8) == second
}
