// The LUNs: pieces of the data space, one behind the other, as the configuration cuts them. Nothing below the front end knows of them: a
// write has its place in the data space, so all LUNs of an array have one order of writes, and one point in time.

import { CONFIG_LUN_BLOCK_SECTORS, CONFIG_LUN_BLOCKS_0, CONFIG_LUN_REST, CONFIG_LUNS_MAX } from '../abi/config'
import { SNAPSHOT_LUN_FIRST } from '../abi/scsi'
import { lunSectors } from './array'
import { config } from './memory'
import { hasSnapshots } from './remoteMode'

export const LUNS: u32 = CONFIG_LUNS_MAX
/** There is no such LUN. */
const NOWHERE: u64 = u64.MAX_VALUE

function blocksOf(lun: u32): u32 {
  return config(CONFIG_LUN_BLOCKS_0 + lun)
}

/** How many LUNs the configuration asks for. */
function lunsAsked(): u32 {
  let count: u32 = 0
  while (count < LUNS && blocksOf(count) != 0) count++
  return count != 0 ? count : 1
}

/** The first sector of a LUN in the data space; NOWHERE where the LUNs before it leave nothing. */
function startOf(lun: u32): u64 {
  let start: u64 = 0
  for (let before: u32 = 0; before < lun; before++) {
    if (blocksOf(before) == <u32>CONFIG_LUN_REST) return NOWHERE
    start += <u64>blocksOf(before) * CONFIG_LUN_BLOCK_SECTORS
  }
  return start
}

/** The LUN whose snapshot it is; a LUN that is none stays itself. */
export function originLun(lun: u32): u32 {
  return lun >= <u32>SNAPSHOT_LUN_FIRST ? lun - <u32>SNAPSHOT_LUN_FIRST : lun
}

/** While no array is found yet: whether the configuration asks for it. Each has a LUN for its snapshot, where there is room for one. */
export function isLun(lun: u32): bool {
  if (originLun(lun) >= lunsAsked() || (originLun(lun) != lun && !hasSnapshots())) return false
  if (lunSectors == 0) return true
  return sectorsOf(lun) != 0
}

/** Where LUN sector 0 lies in the data space. */
export function firstOf(number: u32): u64 {
  const lun = originLun(number)
  return lun == 0 ? 0 : startOf(lun)
}

/** How large a LUN is; 0: it is not there, or there is no array. */
export function sectorsOf(number: u32): u64 {
  const lun = originLun(number)
  const blocks = blocksOf(lun)
  if (lun == 0 && blocks == 0) return lunSectors
  const start = firstOf(lun)
  if (start >= lunSectors) return 0
  const left = lunSectors - start
  if (blocks == <u32>CONFIG_LUN_REST) return left
  const sectors = <u64>blocks * CONFIG_LUN_BLOCK_SECTORS
  return sectors <= left ? sectors : 0
}
