// `array.luns`: sizes -> sectors, and whether they can fit at all. What the microcode needs for itself is known when it has formatted.

import { CONFIG_LUN_BLOCK_SECTORS } from '../../assembly/abi/config'
import { formatBytes } from '../sim/units'
import type { Checks } from './checks'
import { AREA_PERCENT } from './resolveRemote'
import type { ScenarioInput } from './schema'

/** Empty: one LUN with everything. */
export function resolveLuns(input: ScenarioInput, checks: Checks): number[] {
  const { array, drives } = input
  const blockBytes = CONFIG_LUN_BLOCK_SECTORS * drives.sectorBytes
  const roomBytes = roomOf(input)
  let endBytes = 0
  const sizes = array.luns ?? []
  return sizes.map((bytes, lun) => {
    const path = ['array', 'luns', lun]
    checks.that(bytes !== 0 || lun === sizes.length - 1, path, 'a size: only the last LUN may have the rest')
    checks.that(bytes % blockBytes === 0, path, `a multiple of ${formatBytes(blockBytes)}`)
    const left = Math.max(0, roomBytes - endBytes)
    endBytes += bytes
    const fits = bytes === 0 ? left >= blockBytes : bytes <= left
    checks.that(fits, path, `at most the ${formatBytes(left)} that are left of the drives' ${formatBytes(roomBytes)}`)
    return bytes / drives.sectorBytes
  })
}

/** Bytes of the smallest drive, without what the scenario itself reserves on it. */
function roomOf({ array, drives, remote }: ScenarioInput): number {
  const filled = array.members + array.spares
  const capacities = Array.from({ length: filled }, (_, bay) => drives.bays[bay]?.capacity ?? array.driveCapacity)
  const room = Math.min(...capacities) - (array.dataOffset ?? 0)
  const mode = remote?.mode
  const areaPercent = mode === 'scheduled' || mode === 'async' ? (remote!.area ?? AREA_PERCENT[mode]) : 0
  return Math.max(0, Math.floor((room * (100 - areaPercent)) / 100))
}
