// Makes CloneCD sheets, for tests.

export interface CcdTrackMade {
  readonly mode: 0 | 1 | 2
  /** From sector 0 of the disc. */
  readonly gapStart?: number
  readonly start: number
  readonly isrc?: string
}

export function makeCcd(tracks: readonly CcdTrackMade[], leadOut: number, catalog = ''): string {
  const control = (mode: number) => (mode === 0 ? '0x00' : '0x04')
  const entry = (number: number, point: number, mode: number, minute: number, lba: number) => [
    `[Entry ${number}]`,
    'Session=1',
    `Point=0x${point.toString(16).padStart(2, '0')}`,
    'ADR=0x01',
    `Control=${control(mode)}`,
    'TrackNo=0',
    'AMin=0',
    'ASec=0',
    'AFrame=0',
    'ALBA=-150',
    'Zero=0',
    `PMin=${minute}`,
    'PSec=0',
    'PFrame=0',
    `PLBA=${lba}`,
  ]
  const lines = [
    '[CloneCD]',
    'Version=3',
    '[Disc]',
    `TocEntries=${tracks.length + 3}`,
    'Sessions=1',
    'DataTracksScrambled=0',
    'CDTextLength=0',
    ...(catalog ? [`CATALOG=${catalog}`] : []),
    '[Session 1]',
    'PreGapMode=1',
    'PreGapSubC=0',
    ...entry(0, 0xa0, 1, 1, 4350),
    ...entry(1, 0xa1, 1, tracks.length, 4350),
    ...entry(2, 0xa2, 1, 0, leadOut),
    ...tracks.flatMap(({ mode, start }, index) => entry(index + 3, index + 1, mode, 0, start)),
    ...tracks.flatMap(({ mode, gapStart, start, isrc }, index) => [
      `[TRACK ${index + 1}]`,
      `MODE=${mode}`,
      ...(isrc ? [`ISRC=${isrc}`] : []),
      ...(gapStart === undefined ? [] : [`INDEX 0=${gapStart}`]),
      `INDEX 1=${start}`,
    ]),
  ]
  return `${lines.join('\r\n')}\r\n`
}
