// What the judge sees of a rig: the site that the initiators use.

import { STATUS_WORDS } from '../../assembly/abi/status'
import type { RigView } from '../oracle/rigView'
import type { Runner } from './runner'

export function viewOf(runner: Runner): RigView {
  const { rig, glue } = runner
  const nothing = new Uint32Array(STATUS_WORDS)
  return {
    bayCount: rig.site.bays.length,
    get status() {
      const { controller } = rig.site
      return controller.isRunning ? controller.status : nothing
    },
    driveIn: (bay) => (rig.site.isPowered ? (rig.site.bays[bay] ?? null) : null),
    filters: glue.filters,
  }
}
