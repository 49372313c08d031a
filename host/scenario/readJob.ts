// Reads ranges of a LUN, one after the other: how a run looks at what it has written.

import { IO_READ, NEXT_DONE, NEXT_READY, type WorkloadJob } from '../workload/io'

/** Reads ranges, in pieces that one command can transfer. */
export function readJob(ranges: Iterable<readonly [lba: number, sectors: number]>, depth: number): WorkloadJob {
  const iterator = ranges[Symbol.iterator]()
  return {
    name: 'read back',
    queueDepth: depth,
    next(io) {
      const step = iterator.next()
      if (step.done) return NEXT_DONE
      io.op = IO_READ
      io.lba = step.value[0]
      io.sectors = step.value[1]
      io.fua = false
      io.notBeforeNs = 0
      io.payload = null
      return NEXT_READY
    },
  }
}
