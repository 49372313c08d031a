// Writes an image to the LUNs, one behind the other: 64 KiB at a time, zeros left out (a new array reads as zeros).

import { InputError } from '../workload/inputProblem'
import { IO_FLUSH, IO_WRITE, NEXT_DONE, NEXT_READY, NEXT_WAIT, type WorkloadJob } from '../workload/io'
import type { LunMap } from '../workload/lunMap'
import type { ByteSource } from './runTypes'

const PIECE_SECTORS = 128

export function imageJob(source: ByteSource, file: string, luns: LunMap, sectorBytes: number): WorkloadJob {
  const sectors = Math.ceil(source.byteLength / sectorBytes)
  if (sectors > luns.sectors) {
    const found = `an image of ${source.byteLength} bytes`
    throw new InputError({
      file,
      line: 0,
      column: 0,
      found,
      expected: `at most ${luns.sectors * sectorBytes} bytes, ${luns.count === 1 ? 'the LUN' : 'the LUNs together'}`,
    })
  }
  let lba = 0
  /** SYNCHRONIZE CACHE goes to each LUN. */
  let flushed = 0
  return {
    name: 'start image',
    queueDepth: 4,
    next(io, _nowNs, outstanding) {
      io.fua = false
      io.notBeforeNs = 0
      while (lba < sectors) {
        const count = Math.min(PIECE_SECTORS, sectors - lba)
        const bytes = new Uint8Array(count * sectorBytes)
        source.read(lba * sectorBytes, bytes)
        const at = lba
        lba += count
        if (bytes.every((byte) => byte === 0)) continue
        io.op = IO_WRITE
        io.lba = at
        io.sectors = count
        io.payload = bytes
        return NEXT_READY
      }
      if (flushed === luns.count) return NEXT_DONE
      if (outstanding > 0) return NEXT_WAIT
      io.op = IO_FLUSH
      io.lba = luns.firstOf(flushed++)
      io.sectors = 0
      io.payload = null
      return NEXT_READY
    },
  }
}
