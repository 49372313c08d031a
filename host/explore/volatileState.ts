// What of a site a power cut would put at stake now.

import { BAY_STATE_IN_SYNC, STATUS_BAY_STATE, STATUS_BAY_WORDS, STATUS_BAYS } from '../../assembly/abi/status'
import { uncommittedWords } from '../hardware/nvram'
import type { Site } from '../rig/site'
import type { VolatileWrites } from './crashChoice'

/** By bay: the lengths of the writes in its cache and in flight, oldest first. */
export function volatileWrites(site: Site): VolatileWrites[] {
  return site.bays.map((drive) => {
    if (!drive) return null
    const lengths: number[] = []
    drive.visitVolatile((_lba, sectors) => lengths.push(sectors))
    return lengths
  })
}

/** NVRAM words that were stored and not committed. */
export function uncommittedCount({ controller, nvram }: Site): number {
  return uncommittedWords(controller.nvramWindow, nvram).length
}

/** Bays that are claimed in sync, with a drive in them. */
export function inSyncBays({ controller, bays }: Site): number[] {
  const inSync: number[] = []
  for (const [bay, drive] of bays.entries()) {
    const state = controller.statusWord(STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE)
    if (drive && state === BAY_STATE_IN_SYNC) inSync.push(bay)
  }
  return inSync
}
