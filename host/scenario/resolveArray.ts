// `array:` and `drives:` -> what the controller is told, and one drive for each bay.

import { createTimingModel, TimingParameterError, timingParameterNames } from '../hardware/timing/timingModels'
import type { Checks } from './checks'
import { didYouMean } from './didYouMean'
import { resolveLuns } from './resolveLuns'
import { BUILTIN_MICROCODES, type MicrocodeRef, type ResolvedArray, type ResolvedDrive } from './scenario'
import type { ScenarioInput } from './schema'
import type { Path } from './yamlSource'

type Model = NonNullable<ScenarioInput['drives']['model']>

/** What is wrong with the parameters of a model; null = nothing. */
function parametersProblem({ name, parameters = '' }: Model): string | null {
  const known = timingParameterNames(name)
  if (name !== 'ideal') return parameters === '' || known.includes(parameters) ? null : known.join(', ')
  try {
    createTimingModel('ideal', parameters, 1, 512)
    return null
  } catch (error) {
    if (error instanceof TimingParameterError) return error.expected
    throw error
  }
}

/** A model takes the first of its sets when none is named. */
function driveModel(model: Model, path: Path, checks: Checks): Pick<ResolvedDrive, 'model' | 'parameters'> {
  const { source } = checks
  const expected = parametersProblem(model)
  if (expected !== null) {
    const place = [...path, 'parameters']
    const hint = didYouMean(model.parameters ?? '', timingParameterNames(model.name))
    checks.errors.push(source.error(place, source.found(place), expected, hint))
  }
  const first = model.name === 'ideal' ? '' : timingParameterNames(model.name)[0]!
  return { model: model.name, parameters: model.parameters || first }
}

/** What looks like a path is one. */
export function microcodeRef(name: string): MicrocodeRef {
  const isPath = name.endsWith('.wasm') || name.includes('/')
  return isPath ? { kind: 'file', path: name } : { kind: 'builtin', name }
}

export function resolveArray(input: ScenarioInput, checks: Checks, allZeros: boolean): ResolvedArray {
  const { array } = input
  const sectors = (bytes: number | undefined, key: string) =>
    checks.sectors(bytes, ['array', key], input.drives.sectorBytes)
  const bitmapChunkSectors = sectors(array.bitmapChunk, 'bitmapChunk')
  const powerOfTwo = (bitmapChunkSectors & (bitmapChunkSectors - 1)) === 0
  checks.that(powerOfTwo, ['array', 'bitmapChunk'], 'a power of two, such as 64 KiB')
  const microcode = microcodeRef(array.microcode)
  const known = microcode.kind === 'file' || BUILTIN_MICROCODES.includes(microcode.name)
  checks.that(known, ['array', 'microcode'], `${BUILTIN_MICROCODES.join(', ')}, or the path of a .wasm file`)
  const place = ['array', 'snapshotArea']
  checks.that(
    array.snapshotArea === 0 || input.remote === undefined,
    place,
    '0: an array with a second site has no snapshots',
  )
  const assumeClean = array.assumeClean ?? allZeros
  checks.that(!assumeClean || allZeros, ['array', 'assumeClean'], 'off, because the drives come with garbage')
  return {
    microcode,
    members: array.members,
    spares: array.spares,
    luns: resolveLuns(input, checks),
    writeCache: array.writeCache,
    placement: array.placement,
    hostBusBytesPerSecond: array.hostBus,
    assumeClean,
    bitmapChunkSectors,
    commandDeadlineMs: array.commandDeadline ?? 0,
    discoveryMs: array.discovery ?? 0,
    bitmapSweepMs: array.bitmapSweep ?? 0,
    resyncPauseUs: array.resyncPause ?? 0,
    checkpointSectors: sectors(array.checkpoint, 'checkpoint'),
    dataOffsetSectors: sectors(array.dataOffset, 'dataOffset'),
    ...(array.snapshotArea > 0 && { snapshotAreaPercent: array.snapshotArea }),
    firstEvents: array.firstEvents,
    firstCounters: array.firstCounters,
    settings: Object.fromEntries(Object.entries(array.settings).map(([name, value]) => [name, String(value)])),
  }
}

type Override = ScenarioInput['drives']['bays'][string]

/** What is different in one bay. */
function override(drive: ResolvedDrive, change: Override, path: Path, checks: Checks): ResolvedDrive | null {
  if (change.empty) return null
  return {
    ...drive,
    ...(change.model && driveModel(change.model, [...path, 'model'], checks)),
    ...(change.capacity && { sectorCount: checks.sectors(change.capacity, [...path, 'capacity'], drive.sectorBytes) }),
    ...(change.volatileCache !== undefined && { volatileCache: change.volatileCache }),
    ...(change.contents && { contents: change.contents }),
    ...(change.spinUp !== undefined && { spinUpNs: change.spinUp }),
  }
}

export interface ResolvedDrives {
  readonly bays: readonly (ResolvedDrive | null)[]
  readonly replacement: ResolvedDrive
}

export function resolveDrives(input: ScenarioInput, checks: Checks): ResolvedDrives {
  const { array, drives } = input
  const filled = array.members + array.spares
  const bayCount = array.bays ?? filled
  const enough = `at least ${filled} bays, for ${array.members} members and ${array.spares} spares`
  checks.that(bayCount >= filled, ['array', 'bays'], enough)
  const replacement: ResolvedDrive = {
    ...driveModel(drives.model, ['drives', 'model'], checks),
    volatileCache: drives.volatileCache,
    sectorBytes: drives.sectorBytes,
    sectorCount: checks.sectors(array.driveCapacity, ['array', 'driveCapacity'], drives.sectorBytes),
    contents: drives.contents,
    spinUpNs: drives.spinUp,
  }
  const bays = Array.from({ length: bayCount }, (_, bay) => (bay < filled ? replacement : null))
  for (const [key, change] of Object.entries(drives.bays)) {
    const path = ['drives', 'bays', key]
    const bay = checks.bayKey(path, bayCount)
    if (bay !== null) bays[bay] = override(replacement, change, path, checks)
  }
  return { bays, replacement }
}
