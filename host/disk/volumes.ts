// All that is recognised in one disk or partition. More than one thing may be there: an ISO 9660 volume with UDF, or what an earlier use left.

import type { DiskWindow } from './diskWindow'
import { recogniseExfat } from './exfat'
import { recogniseExt } from './ext'
import { recogniseFat } from './fat'
import { recogniseIso } from './iso9660'
import { recogniseBtrfs, recogniseLuks, recogniseSwap, recogniseXfs } from './linuxVolumes'
import { recogniseLvm } from './lvm'
import { recogniseMd } from './md'
import { recogniseNtfs } from './ntfs'
import { recogniseSignature } from './signatures'
import { recogniseUdf } from './udf'
import type { Recognise, Volume } from './volume'

/** To the end of the superblock of Btrfs, the last of those that lie near the start. */
const HEAD_BYTES = 72 << 10

const ALL: readonly Recognise[] = [
  recogniseExt,
  recogniseFat,
  recogniseExfat,
  recogniseNtfs,
  recogniseXfs,
  recogniseBtrfs,
  recogniseLuks,
  recogniseLvm,
  recogniseMd,
  recogniseSwap,
  recogniseIso,
  recogniseUdf,
  recogniseSignature,
]

/** Adds to `found` what it finds, so that nothing is lost when the look ends early. */
export async function recogniseVolumes(window: DiskWindow, found: Volume[]): Promise<void> {
  const head = await window.head(HEAD_BYTES)
  for (const recognise of ALL) {
    const volume = await recognise({ window, head })
    if (volume) found.push(volume)
  }
}
