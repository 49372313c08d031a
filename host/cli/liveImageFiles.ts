// Live images as files: raw, with what was read for each at its place and holes elsewhere, and beside each a map of what is in it.
//
//   NAME-1-full.img          NAME-1-full.map
//   NAME-2-incremental.img   NAME-2-incremental.map
//
// The map is one of GNU ddrescue (its manual, "Mapfile structure"): '+' is in the image, '-' could not be read, '?' is not in it. So
// `ddrescue --domain-mapfile=NAME-2-incremental.map NAME-2-incremental.img COPY NEW.map` puts what changed into a copy of the image before it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plural } from '../report/quantities'
import type { LiveImage, SectorSource } from '../scenario/runTypes'
import { formatBytes, formatDurationNs } from '../sim/units'
import type { LoadedScenario } from './readScenario'
import { writeSectorFile } from './sectorFile'

export interface LiveImageFile {
  readonly image: string
  readonly map: string
}

/** What the files of a scenario's live images are called. */
export function liveImagePaths({ scenario }: LoadedScenario, directory: string): LiveImageFile[] {
  return (scenario.liveImages ?? []).map(({ kind }, index) => {
    const path = join(directory, `${scenario.name}-${index + 1}-${kind}`)
    return { image: `${path}.img`, map: `${path}.map` }
  })
}

/** In words, a line each. */
export function liveImageNotes(images: readonly LiveImage[]): string[] {
  return images.map(({ kind, state, snapshot, takenNs, doneNs, runs, content }, index) => {
    const sectors = runs.reduce((sum, run) => sum + run[1], 0)
    const lost = content.unreadableSectors.size
    const read = `${formatBytes(sectors * content.sectorBytes)} of snapshot ${snapshot} read in ${formatDurationNs(doneNs - takenNs)}`
    const gaps = lost > 0 ? `, ${plural(lost, 'sector')} of it could not be` : ''
    return `live image ${index + 1} (${kind}): ${state}, ${read}${gaps}`
  })
}

/** Writes those that are complete; returns their indexes. */
export function writeLiveImages(images: readonly LiveImage[], files: readonly LiveImageFile[]): number[] {
  const written: number[] = []
  for (const [index, image] of images.entries()) {
    const file = files[index]
    if (!file || image.state !== 'complete') continue
    writeSectorFile(only(image), file.image)
    writeFileSync(file.map, mapText(image))
    written.push(index)
  }
  return written
}

/** What was read for an image, and nothing that it has from the one before. */
function only({ content, runs }: LiveImage): SectorSource {
  const { sectorBytes, sectorCount, sectorsPerPage, unreadableSectors } = content
  return {
    sectorBytes,
    sectorCount,
    sectorsPerPage,
    unreadableSectors,
    read: (lba, sectors, target, offset) => content.read(lba, sectors, target, offset),
    *usedPages() {
      let at = 0
      for (const page of content.usedPages()) {
        while (at < runs.length && runs[at]![0] + runs[at]![1] <= page) at++
        if (at < runs.length && runs[at]![0] < page + sectorsPerPage) yield page
      }
    },
  }
}

function mapText({ content, runs }: LiveImage): string {
  const lines = [
    '# Mapfile. What a live image holds: + is in it, - could not be read, ? is not in it.',
    '# current_pos  current_status  current_pass',
    '0x00000000     +               1',
    '#      pos        size  status',
  ]
  const hex = (sectors: number): string =>
    `0x${(sectors * content.sectorBytes).toString(16).toUpperCase().padStart(8, '0')}`
  for (const [lba, sectors, status] of extentsOf(content, runs)) lines.push(`${hex(lba)}  ${hex(sectors)}  ${status}`)
  return `${lines.join('\n')}\n`
}

type Extent = readonly [lba: number, sectors: number, status: '+' | '-' | '?']

/** All sectors, in order. */
function* extentsOf(content: SectorSource, runs: LiveImage['runs']): Generator<Extent> {
  let at = 0
  for (const [lba, sectors] of runs) {
    if (lba > at) yield [at, lba - at, '?']
    yield* readExtents(content.unreadableSectors, lba, lba + sectors)
    at = lba + sectors
  }
  if (at < content.sectorCount) yield [at, content.sectorCount - at, '?']
}

function* readExtents(unreadable: ReadonlySet<number>, from: number, end: number): Generator<Extent> {
  let first = from
  for (let lba = from + 1; lba <= end; lba++) {
    if (lba < end && unreadable.has(lba) === unreadable.has(first)) continue
    yield [first, lba - first, unreadable.has(first) ? '-' : '+']
    first = lba
  }
}
