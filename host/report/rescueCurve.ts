// Rescued sectors over simulated time: a step at each point, and nothing before the first one.

export type Curve = readonly { readonly timeNs: number; readonly sectors: number }[]

/** The last sector of a source may be short. */
export function bytesAt(curve: Curve, timeNs: number, sectorBytes: number, sourceBytes: number): number {
  let low = 0
  let high = curve.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (curve[middle]!.timeNs <= timeNs) low = middle + 1
    else high = middle
  }
  return low === 0 ? 0 : Math.min(curve[low - 1]!.sectors * sectorBytes, sourceBytes)
}

/** When so many bytes were there; null: never. */
export function timeOf(curve: Curve, bytes: number, sectorBytes: number, sourceBytes: number): number | null {
  const point = curve.find(({ sectors }) => Math.min(sectors * sectorBytes, sourceBytes) >= bytes)
  return point?.timeNs ?? null
}
