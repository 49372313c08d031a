// A rescue that is played on simulated drives, and what a plain copy would have got from the same drive: bytes over simulated time.
//
// A curve has a point wherever the number of rescued sectors changes. Both are functions of the drives, the faults, the commands and the seed.

import { COPY_STATUS_LOST_LOW, COPY_STATUS_POSITION_LOW, JOB_FLAG_TARGET_BLANK } from '../../assembly/abi/copier'
import { ImageInputError } from '../formats/imageInputError'
import type { CopyFile } from '../formats/raw/copyFile'
import { type CopyOutcome, type CopyProgress, longStatus, runCopyJob } from './copyJob'
import type { InterruptedPort } from './interruptedPort'
import { storeMedium } from './rawMedium'
import { type RescueMap, readRescueMap } from './rescueMap'
import { plugDrives, type SimulatedFile, type Simulation } from './simulatedDrives'

export interface CurvePoint {
  readonly timeNs: number
  readonly sectors: number
}

/** Ascending in time; the last point is the end of the job. */
export type Curve = readonly CurvePoint[]

export interface SimulatedRescueOptions {
  readonly source: CopyFile
  readonly target: CopyFile
  readonly isBlank: boolean
  readonly sectorBytes: number
  readonly module: WebAssembly.Module
  readonly simulation: Simulation
  /** START's data. */
  readonly block: Uint8Array
  readonly comparesPlain?: boolean
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
}

export interface SimulatedRescue {
  readonly outcome: CopyOutcome
  readonly map: RescueMap
  readonly timeNs: number
  readonly powerCuts: number
  readonly curve: Curve
  readonly plain: Curve | null
}

export async function simulateRescue(options: SimulatedRescueOptions): Promise<SimulatedRescue> {
  const { source, target, isBlank, signal, onProgress, block } = options
  const plain = options.comparesPlain ? await plainCurve(options) : null
  const { port, targetDrives } = plug(options)
  const curve = follow(port, () => longStatus(port, COPY_STATUS_POSITION_LOW))
  const outcome = await runCopyJob(port, { flags: 0, sectors: 0, block, signal, onProgress })
  const map = readRescueMap(port)
  if (map === null) throw new ImageInputError('the rescue ended before it began')
  storeMedium(targetDrives[0]!.medium, target.descriptor, source.sizeBytes, isBlank)
  return { outcome, map, timeNs: port.endedNs, powerCuts: port.powerCuts, curve: ended(curve, port), plain }
}

/** `image create` on the same drives, with its defaults. What it lists it has not got. */
async function plainCurve(options: SimulatedRescueOptions): Promise<Curve> {
  const { port } = plug(options)
  const curve = follow(port, () => longStatus(port, COPY_STATUS_POSITION_LOW) - longStatus(port, COPY_STATUS_LOST_LOW))
  const flags = options.isBlank ? JOB_FLAG_TARGET_BLANK : 0
  await runCopyJob(port, { flags, sectors: 0, signal: options.signal })
  return ended(curve, port)
}

function plug({
  source,
  target,
  isBlank,
  simulation,
  sectorBytes,
  module,
}: SimulatedRescueOptions): ReturnType<typeof plugDrives> {
  const fileOf = (file: CopyFile, blank: boolean): SimulatedFile => ({ file, holes: null, isBlank: blank })
  return plugDrives(fileOf(source, false), [fileOf(target, isBlank)], simulation, sectorBytes, module)
}

function follow(port: InterruptedPort, sectorsNow: () => number): CurvePoint[] {
  const curve: CurvePoint[] = []
  port.onStep = () => {
    const sectors = sectorsNow()
    if (sectors !== curve.at(-1)?.sectors) curve.push({ timeNs: port.array.nowNs, sectors })
  }
  return curve
}

function ended(curve: CurvePoint[], port: InterruptedPort): Curve {
  port.onStep = () => {}
  const last = curve.at(-1)
  if (last && last.timeNs < port.endedNs) curve.push({ timeNs: port.endedNs, sectors: last.sectors })
  return curve
}
