// The LUN as an initiator sees it at the end of a run: read through the microcode, kept sparse.

import { SCSI_GOOD } from '../../assembly/abi/scsi'
import { Medium, sectorsPerPage } from '../hardware/medium'
import { PageArena } from '../hardware/pageArena'
import { readJob } from './readJob'
import type { Runner } from './runner'
import type { SectorSource } from './runTypes'

const SECTOR_BYTES = 512
const PIECE_SECTORS = 128
const READ_NS = 3_600_000_000_000

export function readLun(runner: Runner): SectorSource {
  const image = Medium.blank(
    new PageArena(SECTOR_BYTES * sectorsPerPage(SECTOR_BYTES)),
    SECTOR_BYTES,
    runner.lunSectors,
  )
  const failed: (readonly [number, number])[] = []
  read(runner, image, pieces(runner.lunSectors, PIECE_SECTORS), (lba, sectors) => failed.push([lba, sectors]))
  // What could not be read as a piece is read sector by sector; what is lost is listed.
  const singles = failed.flatMap(([lba, sectors]) => Array.from({ length: sectors }, (_, i) => [lba + i, 1] as const))
  read(runner, image, singles, (lba) => image.makeUnreadable(lba, 1))
  return image
}

function* pieces(lunSectors: number, step: number): Generator<readonly [number, number]> {
  for (let lba = 0; lba < lunSectors; lba += step) yield [lba, Math.min(step, lunSectors - lba)]
}

function read(
  runner: Runner,
  image: Medium,
  ranges: Iterable<readonly [number, number]>,
  lost: (lba: number, sectors: number) => void,
): void {
  const { initiator, site } = runner
  initiator.onDone = (io, good, _latencyNs, slot) => {
    if (!good || site.controller.hostStatus(slot) !== SCSI_GOOD) return lost(io.lba, io.sectors)
    const from = site.controller.hostBufferAddress(slot)
    const bytes = site.controller.bytes.subarray(from, from + io.sectors * SECTOR_BYTES)
    if (!bytes.every((byte) => byte === 0)) image.write(io.lba, bytes)
  }
  runner.carryOut([readJob(ranges, 8)], READ_NS, 'reading the LUN')
  initiator.onDone = null
}
