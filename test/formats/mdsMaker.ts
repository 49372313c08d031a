// Makes Alcohol 120% descriptors, for tests: the layout in host/formats/mds/mdsHeader.ts, written down a second time.

export interface MdsTrackMade {
  readonly mode: number
  readonly sectorBytes: number
  readonly hasSubchannel?: boolean
  readonly gap: number
  readonly sectors: number
}

const HEADER = 88
const SESSION = 24
const BLOCK = 80
const LEAD_IN_POINTS = [0xa0, 0xa1, 0xa2]

/** One session; the tracks one behind the other in one file. */
export function makeMds(
  tracks: readonly MdsTrackMade[],
  { name = '*.mdf', isWide = false, isDvd = false } = {},
): Buffer {
  const blocks = LEAD_IN_POINTS.length + tracks.length
  const extras = HEADER + SESSION + blocks * BLOCK
  const footer = extras + tracks.length * 8
  const bytes = Buffer.alloc(footer + 16)
  bytes.write('MEDIA DESCRIPTOR')
  bytes.set([1, 3], 16)
  bytes.writeUInt16LE(isDvd ? 0x10 : 0, 18)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt32LE(HEADER, 80)
  bytes.writeInt32LE(-150, HEADER)
  bytes.writeUInt16LE(1, HEADER + 8)
  bytes.set([blocks, LEAD_IN_POINTS.length], HEADER + 10)
  bytes.writeUInt16LE(1, HEADER + 12)
  bytes.writeUInt16LE(tracks.length, HEADER + 14)
  bytes.writeUInt32LE(HEADER + SESSION, HEADER + 20)
  for (const [index, pointNumber] of LEAD_IN_POINTS.entries()) bytes[HEADER + SESSION + index * BLOCK + 4] = pointNumber
  let lba = 0
  let offset = 0
  for (const [index, { mode, sectorBytes, hasSubchannel = false, gap, sectors }] of tracks.entries()) {
    const at = HEADER + SESSION + (LEAD_IN_POINTS.length + index) * BLOCK
    if (index > 0) lba += gap
    bytes.set([mode, hasSubchannel ? 8 : 0, mode === 0xa9 ? 0x10 : 0x14, 0, index + 1], at)
    bytes.writeUInt32LE(isDvd ? sectors : extras + index * 8, at + 12)
    bytes.writeUInt16LE(sectorBytes, at + 16)
    bytes.writeUInt32LE(lba, at + 36)
    bytes.writeBigUInt64LE(BigInt(offset), at + 40)
    bytes.writeUInt32LE(1, at + 48)
    bytes.writeUInt32LE(footer, at + 52)
    bytes.writeUInt32LE(gap, extras + index * 8)
    bytes.writeUInt32LE(sectors, extras + index * 8 + 4)
    lba += sectors
    offset += sectors * sectorBytes
  }
  bytes.writeInt32LE(lba, HEADER + 4)
  bytes.writeUInt32LE(footer + 16, footer)
  bytes.writeUInt32LE(isWide ? 1 : 0, footer + 4)
  return Buffer.concat([bytes, Buffer.from(`${name}\0`, isWide ? 'utf16le' : 'latin1')])
}
