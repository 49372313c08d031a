// A copy that is played on simulated drives: how long it would take, what bad sectors and power cuts would do to it.
//
// The source file becomes the content of one simulated drive, each target's of another; the copier copies in simulated time, and what the
// target drive then holds is written to the target file. The drives' data are kept in memory.

import { JOB_FLAG_READ_BACK, JOB_FLAG_TARGET_BLANK, JOB_FLAG_VERIFY } from '../../assembly/abi/copier'
import type { Medium } from '../hardware/medium'
import { type CopyOutcome, type CopyProgress, runCopyJob } from './copyJob'
import { storeMedium } from './rawMedium'
import type { SectorLog } from './sectorLog'
import { plugDrives, type SimulatedFile, type Simulation } from './simulatedDrives'

export interface SimulatedCopyOptions {
  readonly module: WebAssembly.Module
  readonly simulation: Simulation
  readonly sectorBytes: number
  readonly isVerify: boolean
  readonly readBack?: boolean
  readonly optical?: { readonly flags: number; readonly firstFrame: number } | null
  readonly log?: SectorLog | undefined
  readonly retries?: number | undefined
  readonly errorLimit?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
}

export interface SimulatedOutcome extends CopyOutcome {
  readonly simulatedNs: number
  readonly powerCuts: number
}

export async function simulateCopy(
  source: SimulatedFile,
  targets: readonly SimulatedFile[],
  options: SimulatedCopyOptions,
): Promise<SimulatedOutcome> {
  const { simulation, sectorBytes, isVerify } = options
  const { port, targetDrives } = plugDrives(source, targets, simulation, sectorBytes, options.module)
  const blankFlags = targets.map(({ isBlank }) => (isBlank ? JOB_FLAG_TARGET_BLANK : 0))
  const writing = blankFlags[0]! | (options.readBack ? JOB_FLAG_READ_BACK : 0)
  const { retries, errorLimit, signal, onProgress, optical } = options
  const flags = isVerify ? JOB_FLAG_VERIFY : writing | (optical?.flags ?? 0)
  const { firstFrame } = optical ?? {}
  const furtherTargets = blankFlags.slice(1)
  const outcome = await runCopyJob(port, {
    flags,
    furtherTargets,
    firstFrame,
    sectors: 0,
    retries,
    errorLimit,
    signal,
    onProgress,
  })
  if (!isVerify && options.log) noteWritten(options.log, targetDrives[0]!.medium)
  for (const [index, { file, isBlank }] of targets.entries()) {
    if (!isVerify) storeMedium(targetDrives[index]!.medium, file.descriptor, source.file.sizeBytes, isBlank)
  }
  return { ...outcome, simulatedNs: port.endedNs, powerCuts: port.powerCuts }
}

/** Pages without data are not there: so much is known of zeros. */
function noteWritten(log: SectorLog, medium: Medium): void {
  const { sectorsPerPage, sectorCount } = medium
  for (const lba of medium.usedPages()) log.wrote(lba, Math.min(sectorsPerPage, sectorCount - lba))
}
