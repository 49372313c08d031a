// Makes Nero images, for tests: the chunks by the layout in host/formats/nrg/nrgChunks.ts, written down a second time.

export interface NrgTrackMade {
  readonly mode: number
  readonly sectorBytes: number
  /** In the file before the track, stored like the track. */
  readonly gap: Buffer
  readonly sectors: Buffer
  readonly isrc?: string
}

const bcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10)

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(name)
  head.writeUInt32BE(content.length, 4)
  return Buffer.concat([head, content])
}

function footer(name: string, offset: number): Buffer {
  const bytes = Buffer.alloc(name === 'NER5' ? 12 : 8)
  bytes.write(name)
  if (name === 'NER5') bytes.writeBigUInt64BE(BigInt(offset), 4)
  else bytes.writeUInt32BE(offset, 4)
  return bytes
}

/** Written at once: CUEX, DAOX, SINF, MTYP. The gap of the first track is the one before sector 0. */
export function makeDaoNrg(tracks: readonly NrgTrackMade[], catalog = ''): Buffer {
  const data = Buffer.concat(tracks.flatMap(({ gap, sectors }) => [gap, sectors]))
  const points = [point(0x41, 0, 0, -150)]
  const dao = Buffer.alloc(22)
  dao.write(catalog, 4)
  dao.set([0, 0, 1, tracks.length], 18)
  const entries: Buffer[] = [dao]
  let at = 0
  let lba = -tracks[0]!.gap.length / tracks[0]!.sectorBytes
  for (const [index, { mode, sectorBytes, gap, sectors, isrc = '' }] of tracks.entries()) {
    const control = mode === 7 || mode === 0x10 ? 0x01 : 0x41
    points.push(point(control, bcd(index + 1), 0, lba))
    lba += gap.length / sectorBytes
    points.push(point(control, bcd(index + 1), 1, lba))
    lba += sectors.length / sectorBytes
    const entry = Buffer.alloc(42)
    entry.write(isrc)
    entry.writeUInt16BE(sectorBytes, 12)
    entry[14] = mode
    entry.writeUInt16BE(1, 16)
    for (const [place, value] of [at, at + gap.length, at + gap.length + sectors.length].entries()) {
      entry.writeBigUInt64BE(BigInt(value), 18 + 8 * place)
    }
    entries.push(entry)
    at += gap.length + sectors.length
  }
  points.push(point(0x41, 0xaa, 1, lba))
  const daox = Buffer.concat(entries)
  daox.writeUInt32LE(daox.length, 0)
  const tail = [chunk('CUEX', Buffer.concat(points)), chunk('DAOX', daox), ...ends(tracks.length)]
  return Buffer.concat([data, ...tail, footer('NER5', data.length)])
}

/** Written track by track: ETN2, or ETNF with 32-bit numbers. */
export function makeEtnNrg(tracks: readonly Omit<NrgTrackMade, 'gap'>[], isWide: boolean): Buffer {
  const data = Buffer.concat(tracks.map(({ sectors }) => sectors))
  let at = 0
  let lba = 0
  const entries = tracks.map(({ mode, sectorBytes, sectors }) => {
    const entry = Buffer.alloc(isWide ? 32 : 20)
    if (isWide) {
      entry.writeBigUInt64BE(BigInt(at), 0)
      entry.writeBigUInt64BE(BigInt(sectors.length), 8)
    } else {
      entry.writeUInt32BE(at, 0)
      entry.writeUInt32BE(sectors.length, 4)
    }
    entry.writeUInt32BE(mode, isWide ? 16 : 8)
    entry.writeUInt32BE(lba, isWide ? 20 : 12)
    at += sectors.length
    lba += sectors.length / sectorBytes
    return entry
  })
  const etn = chunk(isWide ? 'ETN2' : 'ETNF', Buffer.concat(entries))
  return Buffer.concat([data, etn, ...ends(tracks.length), footer(isWide ? 'NER5' : 'NERO', data.length)])
}

function point(control: number, track: number, index: number, lba: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.set([control, track, index])
  bytes.writeInt32BE(lba, 4)
  return bytes
}

function ends(tracks: number): Buffer[] {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(tracks)
  return [chunk('SINF', count), chunk('MTYP', Buffer.from([0, 0, 0, 1])), chunk('END!', Buffer.alloc(0))]
}
