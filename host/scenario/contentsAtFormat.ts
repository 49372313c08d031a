// Drives that came with garbage: what a sector of a new array holds at first is the content of some member, whichever is copied to the others.

import { STATUS_DATA_OFFSET_SECTORS } from '../../assembly/abi/status'
import type { StartImage } from '../oracle/content'
import type { Site } from '../rig/site'
import type { ResolvedScenario } from './scenario'

/** None: the LUN is zeros. */
export function contentsAtFormat(site: Site, { bays }: ResolvedScenario): StartImage[] {
  if (!bays.some((bay) => bay?.contents === 'garbage')) return []
  const offset = site.controller.statusWord(STATUS_DATA_OFFSET_SECTORS)
  return site.bays.flatMap((drive) => {
    if (!drive) return []
    const medium = drive.medium.fork()
    return [(lba: number, target: Uint8Array) => medium.read(offset + lba, 1, target, 0)]
  })
}
