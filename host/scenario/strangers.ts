// Two sites that were told of each other, and know nothing of each other any more. What a site knows of the other one is in its NVRAM: as long as
// neither has lost that, no power cut may make strangers of them. They hold the same, or go that way, or say that they have gone apart.
//
// Not judged: sites that cannot hear each other, and those that have no array.

import { REMOTE_REFUSED, STATUS_REMOTE_STATE } from '../../assembly/abi/status'
import { isAssembled } from '../oracle/rigView'
import type { Violation } from '../oracle/verdict'
import type { Rig } from '../rig/rig'
import { viewOf } from './viewOf'

/** At the end. What breaks LIVE: an empty list, or one. */
export function strangers({ sites, link }: Rig, nowNs: number): Violation[] {
  if (sites.length < 2 || !link!.directions.every(({ isUp }) => isUp)) return []
  const know = sites.every((site) => site.isPowered && site.nvramLosses === 0 && isAssembled(viewOf(() => site, [])))
  const refusing = sites.findIndex(({ controller }) => controller.statusWord(STATUS_REMOTE_STATE) === REMOTE_REFUSED)
  if (!know || refusing < 0) return []
  const found = `site ${'ab'[refusing]} refuses the other one as a stranger, and no NVRAM was lost`
  const expected = 'sites that hold the same in the end, or say that they have gone apart'
  return [{ law: 'LIVE', lba: null, timeNs: nowNs, found, expected, history: [] }]
}
