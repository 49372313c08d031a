// Mode scheduled: a copy that lost its power, and has it again, holds the point in time that it says it holds. It may have been in the middle
// of going from one point to the next: then it finishes that first, or it is where it was. Looked at once, when it rests for the first time,
// and judged by the oracle (host/oracle/pointsInTime.ts): no failover is needed to see it.

import {
  ROLE_SECONDARY,
  STATUS_BUSY,
  STATUS_POINT_HELD,
  STATUS_REMOTE_CONSISTENT,
  STATUS_REMOTE_ROLE,
} from '../../assembly/abi/status'
import { isAssembled } from '../oracle/rigView'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'
import { viewOf } from './viewOf'

/** Also with marks in the bitmap that are not swept away yet. */
function hasNothingToDo({ controller }: Site): boolean {
  return controller.isRunning && controller.waiting.isEmpty && controller.statusWord(STATUS_BUSY) === 0
}

export class ReturnedCopy {
  readonly #rig: Rig
  /** By site: it has come back, and was not looked at since. */
  readonly #isBack = [false, false]

  constructor(rig: Rig) {
    this.#rig = rig
  }

  powerOn(index: number): void {
    this.#isBack[index] = true
  }

  /** An event has happened: the number of the point that a copy holds after its return, or 0. */
  look(): number {
    const { sites, activeIndex } = this.#rig
    const index = 1 - activeIndex
    if (!this.#isBack[index]) return 0
    const site = sites[index]!
    if (!site.isPowered || !isAssembled(viewOf(() => site, [])) || !hasNothingToDo(site)) return 0
    this.#isBack[index] = false
    const [role, isConsistent, held] = [STATUS_REMOTE_ROLE, STATUS_REMOTE_CONSISTENT, STATUS_POINT_HELD].map((word) =>
      site.controller.statusWord(word),
    )
    return role === ROLE_SECONDARY && isConsistent === 1 ? held! : 0
  }
}
