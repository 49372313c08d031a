// How this site mirrors to another one, if it does (CONFIG_REMOTE_MODE), or what it keeps in that one's place; and what the code asks of it.

import {
  CONFIG_REMOTE_MODE,
  CONFIG_SNAPSHOT_PERCENT,
  REMOTE_MODE_ASYNC,
  REMOTE_MODE_NONE,
  REMOTE_MODE_ONE_BEHIND,
  REMOTE_MODE_RECEIVED,
  REMOTE_MODE_SCHEDULED,
  REMOTE_MODE_SYNC,
} from '../abi/config'
import { config } from './memory'

export function hasRemote(): bool {
  return config(CONFIG_REMOTE_MODE) != REMOTE_MODE_NONE
}

/** Without another site: there is room for a snapshot behind the LUNs. */
export function hasSnapshots(): bool {
  return config(CONFIG_SNAPSHOT_PERCENT) != 0 && !hasRemote()
}

export function isSync(): bool {
  return config(CONFIG_REMOTE_MODE) == REMOTE_MODE_SYNC
}

export function isAsync(): bool {
  return config(CONFIG_REMOTE_MODE) == REMOTE_MODE_ASYNC
}

/** The secondary has a prefix of the order in which writes were acknowledged, and keeps it over power cuts by a journal. */
export function isOrdered(): bool {
  const mode = config(CONFIG_REMOTE_MODE)
  return mode == REMOTE_MODE_RECEIVED || mode == REMOTE_MODE_ONE_BEHIND || mode == REMOTE_MODE_ASYNC
}

export function isScheduled(): bool {
  return config(CONFIG_REMOTE_MODE) == REMOTE_MODE_SCHEDULED
}
