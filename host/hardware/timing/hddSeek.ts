// How long the arm takes: a table by distance, interpolated once from the points that were measured.
//
// Times are integer ns. Between two points, and beyond the last two, the curve is a straight line. When the simulated drive has more
// cylinders than the real one (`density` > 1), a distance counts as the same fraction of the stroke.

import type { HddParameters } from './hddParameters'

/** Seek time in ns for each distance from 0 to `cylinders` - 1. */
export function buildSeekTable(
  curveUs: HddParameters['seekCurveUs'],
  cylinders: number,
  density: number,
): Float64Array {
  if (curveUs.length < 2) throw new RangeError('seek curve: fewer than two points')
  const table = new Float64Array(cylinders)
  let point = 0
  for (let distance = 1; distance < cylinders; distance++) {
    const real = distance / density
    while (point + 2 < curveUs.length && real > curveUs[point + 1]![0]) point++
    const [fromDistance, fromUs] = curveUs[point]!
    const [toDistance, toUs] = curveUs[point + 1]!
    const us =
      real <= curveUs[0]![0]
        ? curveUs[0]![1]
        : fromUs + ((toUs - fromUs) * (real - fromDistance)) / (toDistance - fromDistance)
    table[distance] = Math.round(us * 1000)
  }
  return table
}
