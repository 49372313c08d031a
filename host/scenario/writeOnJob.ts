// Writes two sectors at some places of a LUN: life after a power cut.

import { IO_WRITE, NEXT_DONE, NEXT_READY, type WorkloadJob } from '../workload/io'

/** Writes the sectors at some places, and those behind them. */
export function writeOnJob(places: readonly number[], lunSectors: number, depth: number): WorkloadJob {
  let next = 0
  return {
    name: 'write on',
    queueDepth: depth,
    next(io) {
      const lba = places[next++]
      if (lba === undefined) return NEXT_DONE
      io.op = IO_WRITE
      io.lba = lba
      io.sectors = Math.min(2, lunSectors - lba)
      io.fua = false
      io.notBeforeNs = 0
      io.payload = null
      return NEXT_READY
    },
  }
}
