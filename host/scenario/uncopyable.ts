// Two sites cannot become equal while no member of one of them takes every write: a copy is sent there again and again. That is no fault of
// the microcode, which keeps the last member.

import { faultFilterOf } from '../faults/faultFilter'
import { inSyncDrive } from '../oracle/rigView'
import type { Rig } from '../rig/rig'
import { viewOf } from './viewOf'

/** Which site it is, or null: nothing like that keeps them apart. */
export function uncopyableSite({ sites }: Rig, nowNs: number): 'a' | 'b' | null {
  if (sites.length < 2) return null
  const index = sites.findIndex((site) => {
    const view = viewOf(() => site, [])
    const drives = site.bays.flatMap((_, bay) => inSyncDrive(view, bay) ?? [])
    return drives.length > 0 && drives.every((drive) => faultFilterOf(drive)?.refusesWrites(nowNs))
  })
  return index < 0 ? null : index === 0 ? 'a' : 'b'
}
