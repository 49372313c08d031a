// The key of a state after a power cut: equal keys are equal states, and one of them is enough.
//
// A state is what is durable (media, NVRAM, what faults are in force) together with what was promised until then: equal media under a
// stricter promise are another case. Time does not count, nor does which page of memory holds what.

import { BAY_STATE_IN_SYNC, STATUS_BAY_STATE, STATUS_BAY_WORDS, STATUS_BAYS } from '../../assembly/abi/status'
import { faultFilterOf } from '../faults/faultFilter'
import type { Site } from '../rig/site'
import type { JudgedRun } from '../scenario/judgedRun'
import { Hash64 } from '../sim/hash'
import type { Remains } from './recoveryRig'

const hash = new Hash64()

export interface StateKey {
  readonly text: string
  readonly hash: number
}

/** Of what a cut leaves of a site of the run. `branch`: what else makes recoveries differ. */
export function stateKey(run: JudgedRun, site: Site, { media, nvram }: Remains, branch: readonly number[]): StateKey {
  hash.reset()
  for (const [bay, medium] of media.entries()) {
    const drive = site.bays[bay]
    if (!medium || !drive) {
      hash.add(-1)
      continue
    }
    hash.add(drive.id)
    medium.hashInto(hash)
    faultFilterOf(drive)?.hashInto(hash)
    hash.add(
      site.controller.statusWord(STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE) === BAY_STATE_IN_SYNC ? 1 : 0,
    )
  }
  hash.addBytes(nvram)
  hash.add(run.oracle?.promises ?? 0)
  for (const word of branch) hash.add(word)
  return { text: `${(hash.high >>> 0).toString(36)}.${(hash.low >>> 0).toString(36)}`, hash: hash.low >>> 0 }
}
