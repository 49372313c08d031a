// The registry of the explorer: all that its workers can be asked to do, on this machine or any other.

import type { JobContext, Jobs } from './jobs'
import { exploreUnit, fromBase64, type LoadedMicrocode, loadMicrocode, type UnitInput, type UnitResult } from './unit'

/** Of the modules that were seen last: a campaign has one. */
const LOADED_MAX = 4
const loaded = new Map<string, LoadedMicrocode>()

function loadedOf({ digest, base64 }: UnitInput['microcode']): LoadedMicrocode {
  const known = loaded.get(digest)
  if (known) return known
  const fresh = loadMicrocode(fromBase64(base64))
  if (loaded.size >= LOADED_MAX) loaded.delete(loaded.keys().next().value!)
  loaded.set(digest, fresh)
  return fresh
}

export const exploreJobs = {
  explore: (input: UnitInput, { progress }: JobContext): UnitResult =>
    exploreUnit(input, loadedOf(input.microcode), progress),
} satisfies Jobs
