// Reads ranges of a LUN, one after the other: how a run looks at what it has written. And writes two sectors at some places.

import { IO_READ, IO_WRITE, type WorkloadJob } from '../workload/io'

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

/** Writes the sectors at some places, and those behind them. */
export function writeJob(places: readonly number[], lunSectors: number, depth: number): WorkloadJob {
  let next = 0
  return {
    name: 'write on',
    queueDepth: depth,
    next(io) {
      const lba = places[next++]
      if (lba === undefined) return 2
      io.op = IO_WRITE
      io.lba = lba
      io.sectors = Math.min(2, lunSectors - lba)
      io.fua = false
      io.notBeforeNs = 0
      io.payload = null
      return 0
    },
  }
}
