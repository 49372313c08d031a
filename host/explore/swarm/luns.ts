// Several LUNs in a drawn run: the array is cut, and its operations go to where their places have come to lie. What else is drawn stays as it
// is: faults strike the same places.

import { CONFIG_LUN_BLOCK_SECTORS as BLOCK_SECTORS } from '../../../assembly/abi/config'
import type { RandomStream } from '../../sim/random'
import { LunMap } from '../../workload/lunMap'
import { lunOf, type Operation, onLun } from '../../workload/operations'

/** All LUNs but the last have this part of the array at most: it may be smaller than its drives, and the last one has the rest. */
const CUT_OF = 4
const LUNS_MAX = 4

/** Sectors of each LUN, the last one 0: the rest. Mostly none: one LUN with everything. */
export function drawLuns(random: RandomStream, lunSectors: number): number[] {
  if (!random.chance(1, 8)) return []
  const cuts = 1 + random.below(LUNS_MAX - 1)
  const blocksMax = Math.max(1, Math.floor(lunSectors / (CUT_OF * cuts * BLOCK_SECTORS)))
  return [...Array.from({ length: cuts }, () => BLOCK_SECTORS * (1 + random.below(blocksMax))), 0]
}

/** The same places, in LUNs; flushes go to one after the other. */
export function ontoLuns(operations: readonly Operation[], luns: readonly number[], lunSectors: number): Operation[] {
  if (luns.length === 0) return [...operations]
  const map = mapOf(luns, lunSectors)
  let flushes = 0
  return operations.map((operation) => {
    if (operation.kind === 'flush') return onLun(operation, flushes++ % map.count)
    if (!('lba' in operation)) return operation
    const lun = map.lunAt(operation.lba)
    return onLun({ ...operation, lba: operation.lba - map.firstOf(lun) }, lun)
  })
}

/** Back to one LUN: the places that the operations had in the row of all LUNs. */
export function ontoOne(operations: readonly Operation[], luns: readonly number[]): Operation[] {
  const map = mapOf(luns, Number.POSITIVE_INFINITY)
  return operations.map((operation) => {
    if (operation.kind === 'wait' || operation.kind === 'drain') return operation
    const { lun: _, ...bare } = operation
    return 'lba' in bare ? { ...bare, lba: bare.lba + map.firstOf(lunOf(operation)) } : bare
  })
}

function mapOf(luns: readonly number[], lunSectors: number): LunMap {
  let left = lunSectors
  return new LunMap(
    luns.map((sectors) => {
      const size = sectors === 0 ? left : sectors
      left -= size
      return size
    }),
  )
}
