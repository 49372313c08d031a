// The operations of a drawn run: a few hot places that are written, overwritten and read, with pauses, flushes and FUA.

import type { RandomStream } from '../../sim/random'
import type { Operation } from '../../workload/operations'

export interface DrawnOperations {
  readonly operations: readonly Operation[]
  readonly queueDepth: number
  /** First sectors of the places that are used most: where faults should strike. Inside the LUN. */
  readonly hotSectors: readonly number[]
}

const SIZES = [1, 2, 8, 8, 8, 16, 32, 128] as const
const PAUSES_NS = [200_000, 2_000_000, 12_000_000, 45_000_000] as const

/** Anywhere, or where something begins or ends: a region of the bitmap, the LUN. */
function drawHotSector(random: RandomStream, lunSectors: number, chunkSectors: number): number {
  const place = random.below(lunSectors)
  const edge = random.chance(1, 8) ? lunSectors : place - (place % chunkSectors)
  if (random.chance(1, 2)) return place
  return Math.max(0, Math.min(edge, lunSectors) - random.below(3))
}

export function drawOperations(
  random: RandomStream,
  lunSectors: number,
  { writeCache, bitmapChunkSectors }: { readonly writeCache: boolean; readonly bitmapChunkSectors: number },
): DrawnOperations {
  const choose = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  const count = 10 + random.below(choose([20, 60, 120]))
  const readShare = choose([0, 10, 30, 50])
  const flushShare = writeCache ? choose([5, 20]) : choose([0, 0, 5])
  const fuaShare = choose([0, 0, 20])
  const pauseShare = choose([2, 8, 15])
  const hotCount = 1 + random.below(6)
  const hotSectors = Array.from({ length: hotCount }, () => drawHotSector(random, lunSectors, bitmapChunkSectors))
  const coldShare = choose([0, 20, 60])
  const operations: Operation[] = []
  while (operations.length < count) {
    if (random.chance(pauseShare, 100)) {
      if (random.chance(1, 3)) operations.push({ kind: 'drain' })
      operations.push({ kind: 'wait', ns: choose(PAUSES_NS) })
      continue
    }
    if (random.chance(flushShare, 100)) {
      operations.push({ kind: 'flush' })
      continue
    }
    const sectors = choose(SIZES)
    const place = random.chance(coldShare, 100) ? random.below(lunSectors) : choose(hotSectors) + random.below(4)
    const lba = Math.max(0, Math.min(place, lunSectors - sectors))
    if (random.chance(readShare, 100)) operations.push({ kind: 'read', lba, sectors })
    else operations.push({ kind: 'write', lba, sectors, fua: random.chance(fuaShare, 100) })
  }
  return { operations, queueDepth: choose([1, 2, 4, 8]), hotSectors }
}
