// Appointed times by a cron expression: an operator's clock asks the microcode of both sites for a point in time. Who does not serve the LUN
// does not mind. (An interval is the microcode's own business.)

import { type CronExpression, CronExpressionParser } from 'cron-parser'
import { OPERATOR_POINT } from '../../assembly/abi/operator'
import { KIND_APPOINTED } from '../rig/eventKinds'
import type { Rig } from '../rig/rig'
import type { EventQueue } from '../sim/eventQueue'
import { EPOCH_SECONDS } from './configure'

export class Appointments {
  readonly #rig: Rig
  readonly #events: EventQueue
  readonly #times: CronExpression

  /** `cron`: five fields, or six with seconds; by the wall clock of the simulation, which begins at EPOCH_SECONDS, in UTC. */
  constructor(rig: Rig, events: EventQueue, cron: string) {
    this.#rig = rig
    this.#events = events
    this.#times = CronExpressionParser.parse(cron, { currentDate: EPOCH_SECONDS * 1000, tz: 'UTC' })
    this.#scheduleNext()
  }

  /** One has come. */
  keep(): void {
    for (const site of this.#rig.sites) if (site.isPowered) site.operate(OPERATOR_POINT, 0)
    this.#scheduleNext()
  }

  #scheduleNext(): void {
    const seconds = this.#times.next().getTime() / 1000 - EPOCH_SECONDS
    this.#events.push(seconds * 1e9, KIND_APPOINTED, 0, 0)
  }
}
