// In which order a drive serves its queue: shortest positioning first where the timing model knows positions, else first come, first served.

import type { DriveCommand } from './driveCommand'
import type { TimingModel } from './timing/timingModel'

/** A queued command older than this is served next, whatever its position: no request starves. */
const STARVATION_NS = 500_000_000

/** The command to serve next; takes it out of the queue. */
export function takeNext(queue: DriveCommand[], timing: TimingModel, nowNs: number): DriveCommand {
  let best = 0
  const oldest = queue[0]!
  if (queue.length > 1 && nowNs - oldest.arrivalNs < STARVATION_NS) {
    let bestNs = timing.positioningNs(oldest.op, oldest.lba, nowNs)
    for (let i = 1; i < queue.length && bestNs > 0; i++) {
      const command = queue[i]!
      if (command.arrivalNs > nowNs) break
      const ns = timing.positioningNs(command.op, command.lba, nowNs, bestNs)
      if (ns < bestNs) {
        bestNs = ns
        best = i
      }
    }
  }
  // Of a long queue that is faster than moving its commands one by one.
  if (best === 0) return queue.shift()!
  const command = queue[best]!
  removeAt(queue, best)
  return command
}

/** Keeps the order, and allocates nothing, as `splice` would. */
export function removeAt(list: DriveCommand[], index: number): void {
  for (let i = index + 1; i < list.length; i++) list[i - 1] = list[i]!
  list.pop()
}

/** Where the command is that had a slot in its generation; -1: it has gone. */
export function indexOf(commands: readonly DriveCommand[], slot: number, generation: number): number {
  for (let i = 0; i < commands.length; i++) {
    const command = commands[i]!
    if (command.slot === slot && command.generation === generation) return i
  }
  return -1
}
