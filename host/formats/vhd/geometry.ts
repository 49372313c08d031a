// Cylinders, heads and sectors of a disk, by the appendix "CHS Calculation" of the VHD specification. They hold the size only roughly: the
// disk has as many sectors as the footer says, and so have ours.

export interface DiskGeometry {
  readonly cylinders: number
  readonly heads: number
  readonly sectors: number
}

const CYLINDERS_MAX = 65535
const TRACKS_MAX = 1024

export function geometryOf(diskSectors: number): DiskGeometry {
  const total = Math.min(diskSectors, CYLINDERS_MAX * 16 * 255)
  if (total >= CYLINDERS_MAX * 16 * 63) return geometry(total, 16, 255)
  // As many heads as it takes to stay below 1024 cylinders, with 17 sectors a track; then 31, then 63.
  const heads = Math.max(4, Math.ceil(Math.floor(total / 17) / TRACKS_MAX))
  if (heads <= 16 && Math.floor(total / 17) < heads * TRACKS_MAX) return geometry(total, heads, 17)
  if (Math.floor(total / 31) < 16 * TRACKS_MAX) return geometry(total, 16, 31)
  return geometry(total, 16, 63)
}

function geometry(total: number, heads: number, sectors: number): DiskGeometry {
  return { cylinders: Math.floor(Math.floor(total / sectors) / heads), heads, sectors }
}
