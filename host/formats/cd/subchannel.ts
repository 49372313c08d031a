// What the subchannel says, in short: enough of Q is read at the beginning of each track to see the catalog number and the ISRC, which come
// at least once in 100 sectors (IEC 60908). All of it is read by a check.

import { FIRST_FRAME, msfText } from '../../hardware/optical/cdSector'
import { type Disc, dataSectorsOf } from './disc'
import type { DiscSectors } from './discSectors'
import { decodeQ, qOf } from './qChannel'

const LOOK_SECTORS = 200

export function subchannelDetails(disc: Disc, sectors: DiscSectors): (readonly [string, string])[] {
  const details: (readonly [string, string])[] = []
  let catalog = ''
  for (const track of disc.tracks) {
    const { start, end } = dataSectorsOf(disc, track)
    let isrc = ''
    let position = ''
    for (let sector = start; sector < Math.min(end, start + LOOK_SECTORS); sector++) {
      const subchannel = sectors.subchannel(sector)
      if (!subchannel) break
      const q = decodeQ(qOf(subchannel.bytes, subchannel.isMixed))
      if (q.kind === 'catalog') catalog = q.text
      if (q.kind === 'isrc') isrc = q.text
      if (q.kind === 'position' && position === '') {
        position = `track ${q.track}, index ${q.index}, at ${q.frames < 0 ? 'no address' : msfText(q.frames)}`
      }
    }
    const parts = [position, isrc && `ISRC ${isrc}`].filter(Boolean)
    if (parts.length > 0) details.push([`Q of track ${track.number}`, parts.join(', ')])
  }
  return catalog ? [['catalog number in Q', catalog], ...details] : details
}

/** What is wrong with a sector's Q; null: nothing, or there is none. */
export function qFault(disc: Disc, sectors: DiscSectors, sector: number): string | null {
  const subchannel = sectors.subchannel(sector)
  if (!subchannel) return null
  const q = decodeQ(qOf(subchannel.bytes, subchannel.isMixed))
  if (q.kind === 'damaged') return 'its subchannel Q has a wrong CRC'
  if (q.kind !== 'position') return null
  const stretch = sectors.stretchAt(sector)
  const expected = stretch.lba + sector - stretch.startSector + FIRST_FRAME
  if (q.frames !== expected) {
    const said = q.frames < 0 ? 'no address' : msfText(q.frames)
    return `its subchannel Q says that it is at ${said}, and it is at ${msfText(expected)}`
  }
  const isTrack = disc.tracks.some(({ number }) => number === q.track)
  return isTrack ? null : `its subchannel Q says that it is in track ${q.track}, which the disc does not have`
}
