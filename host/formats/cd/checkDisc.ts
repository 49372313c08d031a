// Checks all that an image of a disc has codes for: the EDC, the parities, sync and address of each data sector, the CRC and the address of
// each Q, and what the layout and the volume in the first track say of sizes. Audio has no codes.

import type { SectorReader } from '../../disk/sectorReader'
import { DATA_BYTES, MODE, RAW_BYTES } from '../../hardware/optical/cdSector'
import { DamagedImage } from '../damagedImage'
import type { Finding } from '../format'
import { checkVolume, readVolume } from '../iso/volume'
import { dataTrackOf } from './dataTrack'
import type { Stretch } from './disc'
import type { OpenDisc } from './openDisc'

import { sectorFault } from './sectorFault'
import { qFault } from './subchannel'

const BATCH_SECTORS = 64

type Report = (finding: Finding) => void

export async function checkDisc(image: OpenDisc, report: Report, signal?: AbortSignal): Promise<void> {
  const { disc, sectorBytes } = image
  for (const { file, offsetBytes, sectors, text } of disc.problems) {
    const disk = sectors && { startBytes: sectors.start * sectorBytes, endBytes: sectors.end * sectorBytes }
    report({ kind: 'damage', file, fileOffsetBytes: offsetBytes, disk, text })
  }
  for (const stretch of disc.stretches) {
    const end = stretch.startSector + stretch.sectors
    for (let sector = stretch.startSector; sector < end && !signal?.aborted; sector += BATCH_SECTORS) {
      checkSectors(image, stretch, sector, Math.min(BATCH_SECTORS, end - sector), report)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }
  if (!signal?.aborted) await checkFirstVolume(image, report, signal)
}

function checkSectors(image: OpenDisc, stretch: Stretch, first: number, count: number, report: Report): void {
  const { stored, kind } = stretch
  if (!stored) return
  // Made-up sync, header and codes would be right: of 2048 bytes nothing can be checked, and of 2336 the forms of mode 2.
  const hasCodes = kind !== 'audio' && stored.mainBytes > DATA_BYTES
  const bytes = image.sectors.sectors(stretch, first, count, image.sectorBytes)
  for (let index = 0; index < count; index++) {
    const sector = first + index
    const raw = bytes.subarray(index * RAW_BYTES, (index + 1) * RAW_BYTES)
    const lba = stretch.lba + sector - stretch.startSector
    const fault = hasCodes ? (sectorFault(raw, lba) ?? modeFault(stretch, raw)) : null
    const faultOfQ = qFault(image.disc, image.sectors, sector)
    for (const text of [fault, faultOfQ]) {
      if (text === null) continue
      report({
        kind: 'damage',
        file: stored.file.path,
        fileOffsetBytes: stored.offsetBytes + (sector - stretch.startSector) * stored.strideBytes,
        disk: { startBytes: sector * image.sectorBytes, endBytes: (sector + 1) * image.sectorBytes },
        text: `sector ${lba}: ${text}`,
      })
    }
  }
}

function modeFault({ kind, track }: Stretch, raw: Uint8Array): string | null {
  const mode = raw[MODE]!
  const expected = kind === 'mode 1' ? 1 : 2
  return mode === expected || mode === 0 ? null : `its mode is ${mode}, and that of track ${track} is ${expected}`
}

/** What is cut off has no codes that were wrong: but the volume knows how long it is. */
async function checkFirstVolume(image: OpenDisc, report: Report, signal?: AbortSignal): Promise<void> {
  const first = image.disc.tracks[0]
  if (!first || first.kind === 'audio') return
  const track = dataTrackOf(image, first.number)
  // Files of a volume may be in later tracks: those of a Video CD are. What is there is not looked at.
  const disc: SectorReader = {
    diskBytes: Math.max(...image.disc.tracks.map(({ endLba }) => endLba)) * DATA_BYTES,
    read: (offsetBytes, into) =>
      offsetBytes + into.length > track.diskBytes ? undefined : track.read(offsetBytes, into),
  }
  try {
    const { iso, udf } = await readVolume(disc)
    const inTrack: Report = (finding) => report({ ...finding, text: `in track ${first.number}: ${finding.text}` })
    if (iso.primary || udf) await checkVolume(disc, image.files[0]!, inTrack, signal)
  } catch (error) {
    // A sector that is damaged has been reported.
    if (!(error instanceof DamagedImage)) throw error
  }
}
