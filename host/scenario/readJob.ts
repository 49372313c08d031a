// Reads ranges of a LUN, one after the other: how a run looks at what it has written.

import { IO_READ, type WorkloadJob } from '../workload/io'

/** Reads ranges, in pieces that one command can transfer. */
export function readJob(ranges: Iterable<readonly [lba: number, sectors: number]>, depth: number): WorkloadJob {
  const iterator = ranges[Symbol.iterator]()
  return {
    name: 'read back',
    queueDepth: depth,
    next(io) {
      const step = iterator.next()
      if (step.done) return 2
      io.op = IO_READ
      io.lba = step.value[0]
      io.sectors = step.value[1]
      io.fua = false
      io.notBeforeNs = 0
      io.payload = null
      return 0
    },
  }
}
