// What is on a disc of 2048-byte sectors: an ISO 9660 volume, a UDF volume, or both.

import type { SectorReader } from '../../disk/sectorReader'
import type { Finding } from '../format'
import { type Descriptors, readDescriptors } from './descriptors'
import { walkDirectories } from './directories'
import { type BootEntry, readBootCatalog } from './elTorito'
import type { Problem, ReportProblem } from './problem'
import { readUdf, type UdfVolume } from './udf'
import { FIRST_DESCRIPTOR, SECTOR_BYTES, VolumeSectors } from './volumeSectors'

export interface Volume {
  readonly iso: Descriptors
  readonly udf: UdfVolume | null
  readonly boot: readonly BootEntry[]
  /** Where it says that it ends; 0 when there is none. */
  readonly endBytes: number
  /** What is wrong with its descriptors. */
  readonly problems: readonly Problem[]
}

export async function readVolume(disk: SectorReader): Promise<Volume> {
  const sectors = new VolumeSectors(disk)
  const problems: Problem[] = []
  const report: ReportProblem = (offsetBytes, text) => problems.push({ offsetBytes, text })
  const iso = await readDescriptors(sectors, report)
  const udf = await readUdf(sectors, report)
  const boot = iso.bootCatalog === null ? [] : await readBootCatalog(sectors, iso.bootCatalog, report)
  const isoEnd = iso.primary ? iso.primary.blocks * iso.primary.blockBytes : 0
  const endBytes = Math.max(isoEnd, (udf?.endSector ?? 0) * SECTOR_BYTES)
  if (!iso.primary && !udf) {
    report(FIRST_DESCRIPTOR * SECTOR_BYTES, 'no volume descriptor of ISO 9660 or UDF is here')
  } else if (endBytes > disk.diskBytes) {
    const missing = endBytes - disk.diskBytes
    report(disk.diskBytes, `the image is cut off: the volume ends at byte ${endBytes}, so that ${missing} are missing`)
  }
  return { iso, udf, boot, endBytes, problems }
}

export function volumeDetails(volume: Volume, diskBytes: number): (readonly [string, string])[] {
  const { iso, udf, boot, endBytes } = volume
  const details: (readonly [string, string])[] = []
  if (iso.primary) {
    details.push(['file system', iso.joliet ? 'ISO 9660 with Joliet' : 'ISO 9660'])
    details.push(['volume', iso.joliet?.label || iso.primary.label])
    if (iso.primary.created) details.push(['created', iso.primary.created])
  }
  if (udf) details.push(['UDF', `${udf.standard}${udf.label ? `, volume ${udf.label}` : ''}`])
  if (!iso.primary && !udf) details.push(['file system', 'none that is known'])
  if (boot.length > 0) {
    details.push(['El Torito', boot.map(({ platform, sector }) => `${platform} at sector ${sector}`).join(', ')])
  }
  if (endBytes > 0) details.push(['size of the volume', `${endBytes} bytes${comparison(endBytes, diskBytes)}`])
  return details
}

function comparison(endBytes: number, diskBytes: number): string {
  if (endBytes > diskBytes) return `: the image is cut off, ${endBytes - diskBytes} are missing`
  return endBytes < diskBytes ? `, and ${diskBytes - endBytes} behind it` : ''
}

/** Reports the problems of the descriptors, then of the directories. */
export async function checkVolume(
  disk: SectorReader,
  file: string,
  report: (finding: Finding) => void,
  signal?: AbortSignal,
): Promise<void> {
  const volume = await readVolume(disk)
  const damage: ReportProblem = (offsetBytes, text) =>
    report({ kind: 'damage', file, fileOffsetBytes: offsetBytes, disk: null, text })
  for (const { offsetBytes, text } of volume.problems) damage(offsetBytes, text)
  const sectors = new VolumeSectors(disk)
  for (const descriptor of [volume.iso.primary, volume.iso.joliet]) {
    if (descriptor) await walkDirectories(sectors, descriptor, damage, signal)
  }
}
