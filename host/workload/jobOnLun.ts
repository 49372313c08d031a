// A job that counts the sectors of its own LUN, placed in the row of all LUNs (lunMap.ts).

import type { IoRequest, WorkloadJob } from './io'

/** `first`: where the LUN begins in the row. */
export function jobOnLun(job: WorkloadJob, first: number): WorkloadJob {
  if (first === 0) return job
  const { name, queueDepth, stage, endsAtPowerCut } = job
  return {
    name,
    queueDepth,
    ...(stage !== undefined && { stage }),
    ...(endsAtPowerCut !== undefined && { endsAtPowerCut }),
    next(io: IoRequest, nowNs: number, outstanding: number) {
      const answer = job.next(io, nowNs, outstanding)
      io.lba += first
      return answer
    },
  }
}
