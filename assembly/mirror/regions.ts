// Regions: what one bit of the write-intent bitmap stands for. Arithmetic between LUN sectors and regions; the marks are in bitmap.ts.

import { CONFIG_BITMAP_CHUNK_SECTORS } from '../abi/config'
import { lunSectors } from './array'
import { config, REGIONS_MAX } from './memory'

/** As coarse as is needed for at most this many regions, unless configured: sweeps and scans stay short. */
const REGIONS_WANTED: u64 = 16384
const CHUNK_SECTORS_MIN: u64 = 128

let chunkShift: u32 = 7
export let regionCount: u32 = 0

export function regionOf(lba: u64): u32 {
  return <u32>(lba >> chunkShift)
}

export function regionStart(region: u32): u64 {
  return (<u64>region) << chunkShift
}

/** The first sector behind a region: the last one may be short. */
export function regionEnd(region: u32): u64 {
  return min(regionStart(region + 1), lunSectors)
}

export function chunkSectors(): u32 {
  return 1 << chunkShift
}

/** Chooses the region size for a new array. */
export function chooseChunk(): void {
  let chunk: u64 = config(CONFIG_BITMAP_CHUNK_SECTORS)
  if (chunk == 0) return chooseCoarseChunk()
  while (lunSectors > chunk * <u64>REGIONS_MAX) chunk <<= 1
  setChunk(<u32>chunk)
}

/** The same where nothing is configured, or all is undecided anyway: fine regions would only be decided later. */
export function chooseCoarseChunk(): void {
  let chunk = CHUNK_SECTORS_MIN
  while (lunSectors > chunk * REGIONS_WANTED) chunk <<= 1
  setChunk(<u32>chunk)
}

export function setChunk(sectors: u32): void {
  chunkShift = ctz(sectors)
  regionCount = <u32>((lunSectors + sectors - 1) >> chunkShift)
}

/** No array, no regions. */
export function forgetRegions(): void {
  regionCount = 0
}
