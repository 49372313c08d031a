// How the sectors of a disk fared: ranges of kinds -> counts, and the cells of a picture.
//
// Ranges may overlap: a sector is of the gravest kind that is said of it. What nothing is said of was not tried.

export const SECTOR_KINDS = ['untried', 'zero', 'copied', 'retried', 'differs', 'bad'] as const

/** In the order of SECTOR_KINDS each is graver than the ones before it. */
export type SectorKind = (typeof SECTOR_KINDS)[number]

export interface KindRange {
  readonly lba: number
  readonly sectors: number
  readonly kind: SectorKind
}

/** Apart from each other, ascending, from the first to the last sector. */
export function gravestRanges(ranges: readonly KindRange[], totalSectors: number): KindRange[] {
  const edges = ranges
    .flatMap(({ lba, sectors, kind }) => {
      const [start, end] = [Math.max(0, lba), Math.min(totalSectors, lba + sectors)]
      const index = SECTOR_KINDS.indexOf(kind)
      return start < end
        ? [
            { at: start, index, step: 1 },
            { at: end, index, step: -1 },
          ]
        : []
    })
    .sort((a, b) => a.at - b.at)
  const open = SECTOR_KINDS.map(() => 0)
  const found: { lba: number; sectors: number; kind: SectorKind }[] = []
  let from = 0
  const close = (to: number): void => {
    if (to === from) return
    const kind =
      SECTOR_KINDS[
        Math.max(
          0,
          open.findLastIndex((count) => count > 0),
        )
      ]!
    const last = found.at(-1)
    if (last?.kind === kind) last.sectors += to - from
    else found.push({ lba: from, sectors: to - from, kind })
    from = to
  }
  for (const { at, index, step } of edges) {
    close(at)
    open[index]! += step
  }
  close(totalSectors)
  return found
}

export function kindCounts(ranges: readonly KindRange[]): Record<SectorKind, number> {
  const counts = { untried: 0, zero: 0, copied: 0, retried: 0, differs: 0, bad: 0 }
  for (const { sectors, kind } of ranges) counts[kind] += sectors
  return counts
}

/** What a cell shows when sectors of several kinds are in it: trouble first, then what is still to do. */
const SHOWN_FIRST: readonly SectorKind[] = ['bad', 'differs', 'retried', 'untried', 'copied', 'zero']

/** `ranges` as gravestRanges gives them. A cell is a stretch of sectors; together they are all of them. */
export function mapCells(ranges: readonly KindRange[], totalSectors: number, cells: number): SectorKind[] {
  const ranks = new Array<number>(cells).fill(SHOWN_FIRST.length - 1)
  for (const { lba, sectors, kind } of ranges) {
    const rank = SHOWN_FIRST.indexOf(kind)
    const first = Math.floor((lba * cells) / totalSectors)
    const last = Math.min(cells - 1, Math.floor(((lba + sectors - 1) * cells) / totalSectors))
    for (let cell = first; cell <= last; cell++) ranks[cell] = Math.min(ranks[cell]!, rank)
  }
  return ranks.map((rank) => SHOWN_FIRST[rank]!)
}
