// A walk through all directories of an ISO 9660 volume, to see that what they name is in the image (ECMA-119, 9.1).
//
// A directory record:  0 length, 2 block (both ways), 10 bytes (both ways), 25 flags (2: a directory), 32 length of the name, 33 name

import { both32, type Extent9660, type VolumeDescriptor } from './descriptors'
import type { ReportProblem } from './problem'
import { SECTOR_BYTES, textOf, type VolumeSectors, wideTextOf } from './volumeSectors'

const IS_DIRECTORY = 2
const NAME = 33
/** What a walk keeps in memory grows with the directories. */
const DIRECTORIES_MAX = 1 << 20

/** Reports every file and directory that is not all inside the image. */
export async function walkDirectories(
  sectors: VolumeSectors,
  volume: VolumeDescriptor,
  report: ReportProblem,
  signal?: AbortSignal,
): Promise<void> {
  const start = (extent: Extent9660) => extent.block * volume.blockBytes
  const seen = new Set<number>()
  const waiting: { readonly extent: Extent9660; readonly path: string }[] = [{ extent: volume.root, path: '/' }]
  for (let next = waiting.pop(); next && !signal?.aborted; next = waiting.pop()) {
    const { extent, path } = next
    // Images share directories, and hostile ones make circles of them: each place is looked at once.
    if (seen.has(extent.block)) continue
    if (seen.size === DIRECTORIES_MAX) {
      report(start(extent), `there are more than ${DIRECTORIES_MAX} directories`)
      return
    }
    seen.add(extent.block)
    const end = start(extent) + extent.bytes
    for (let at = start(extent); at < end; at += SECTOR_BYTES) {
      const view = await sectors.read(at / SECTOR_BYTES)
      if (!view) {
        report(at, `directory ${path} lies outside the image`)
        break
      }
      visitSector(view, at, sectors.sizeBytes, volume, path, report, (child) => waiting.push(child))
    }
  }
}

/** 6.8.1.1: a record does not cross the end of a sector; a length of 0 says that the rest of it is empty. */
function visitSector(
  view: DataView,
  at: number,
  sizeBytes: number,
  volume: VolumeDescriptor,
  path: string,
  report: ReportProblem,
  visit: (child: { extent: Extent9660; path: string }) => void,
): void {
  for (let offset = 0; offset < SECTOR_BYTES; ) {
    const length = view.getUint8(offset)
    if (length === 0) return
    const nameLength = offset + NAME < SECTOR_BYTES ? view.getUint8(offset + 32) : 0
    if (length < NAME + nameLength || offset + length > SECTOR_BYTES) {
      report(at + offset, `directory ${path} has a record of an impossible length, ${length}`)
      return
    }
    const block = both32(view, offset + 2, at, `place of a file in ${path}`, report)
    const bytes = both32(view, offset + 10, at, `size of a file in ${path}`, report)
    // 7.6.2: the names 0 and 1 are the directory itself and the one above it.
    const isSelf = nameLength === 1 && view.getUint8(offset + NAME) <= 1
    const name = (volume.isJoliet ? wideTextOf : textOf)(view, offset + NAME, nameLength)
    const isDirectory = (view.getUint8(offset + 25) & IS_DIRECTORY) !== 0
    const end = block * volume.blockBytes + bytes
    if (!isSelf && end > sizeBytes) {
      const place = `${end} of ${sizeBytes}`
      report(at + offset, `${path}${name} is not all in the image: it ends at byte ${place}`)
    }
    if (!isSelf && isDirectory) visit({ extent: { block, bytes }, path: `${path}${name}/` })
    offset += length
  }
}
