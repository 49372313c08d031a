// What the judge sees of a site.

import { STATUS_WORDS } from '../../assembly/abi/status'
import type { FaultFilter } from '../faults/faultFilter'
import type { RigView } from '../oracle/rigView'
import type { Site } from '../rig/site'

const NOTHING = new Uint32Array(STATUS_WORDS)

/** `siteOf` is asked each time: initiators may change over. */
export function viewOf(siteOf: () => Site, filters: readonly FaultFilter[]): RigView {
  return {
    bayCount: siteOf().bays.length,
    get status() {
      const { controller } = siteOf()
      return controller.isRunning ? controller.status : NOTHING
    },
    get isNvramOld() {
      return siteOf().isNvramOld
    },
    get nvramLosses() {
      return siteOf().nvramLosses
    },
    driveIn: (bay) => {
      const { isPowered, bays } = siteOf()
      return isPowered ? (bays[bay] ?? null) : null
    },
    filters,
  }
}
