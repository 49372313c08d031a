// A 4 TB drive of 7,200 rpm, as sold in the 2010s: no drive in particular. Its geometry is derived, not measured.
//
// Given: 7,814,037,168 blocks (IDEMA LBA1-03 for 4 TB); 7,200 rpm; average seek 8.2 ms for reads and writes (HGST Ultrastar 7K4000 SAS
// specification, version 1.8, section 4.4.1.1); innermost tracks hold about half as much as the outermost (76.3 and 36.5 MB/s
// in zones 0 and 29: Hitachi Deskstar 7K500 specification, table 10), in 30 zones; single-track seek 1.0 ms, 1.1 ms for writes, and
// full stroke 20/12 of the average (Hitachi Travelstar 5K320 specification, tables 5 to 7).
// Assumed: 10 heads; 2,800 blocks on the outermost track (172 MB/s); a head switch takes as long as a single-track seek; skews of 14 %
// of a turn, which cover both; 0.05 ms for a command that hits the buffer and 0.2 ms for others; 64 MiB of buffer in 32 segments.
// The seek curve grows with the root of the distance up to a third of the stroke, and linearly beyond (the form found by Ruemmler
// and Wilkes, "An introduction to disk drive modeling", 1994), scaled so that the mean over all pairs of cylinders is 8.2 ms.

import type { HddParameters, HddZone } from '../hddParameters'

const ZONES = 30
const CYLINDERS_PER_ZONE = 12_404
const OUTER_BLOCKS = 2800
const INNER_BLOCKS = 1400
const SKEW_PERCENT = 14

function buildZones(): HddZone[] {
  const zones: HddZone[] = []
  for (let z = 0; z < ZONES; z++) {
    const blocksPerTrack = Math.round(OUTER_BLOCKS - ((OUTER_BLOCKS - INNER_BLOCKS) * z) / (ZONES - 1))
    const skewBlocks = Math.ceil((blocksPerTrack * SKEW_PERCENT) / 100)
    zones.push({
      firstCylinder: z * CYLINDERS_PER_ZONE,
      lastCylinder: (z + 1) * CYLINDERS_PER_ZONE - 1,
      blocksPerTrack,
      trackSkewBlocks: skewBlocks,
      cylinderSkewBlocks: skewBlocks,
      spareBlocks: 0,
      slips: [],
    })
  }
  return zones
}

export const generic7200: HddParameters = {
  name: 'generic7200',
  source: 'derived from HGST and Hitachi specifications (see the file)',
  blockBytes: 512,
  blockCount: 7_814_037_168,
  rpm: 7_200,
  heads: 10,
  headSwitchNs: 1_000_000,
  writeSettleNs: 100_000,
  seekCurveUs: [
    [1, 1000],
    [37, 1141],
    [112, 1245],
    [372, 1447],
    [1116, 1775],
    [3721, 2415],
    [7442, 3000],
    [14_885, 3829],
    [26_048, 4742],
    [37_212, 5473],
    [55_818, 6478],
    [74_424, 7326],
    [100_472, 8350],
    [124_040, 9167],
    [372_120, 13_667],
  ],
  zones: buildZones(),
  overheads: {
    readHitAfterReadNs: 50_000,
    readHitAfterWriteNs: 50_000,
    readMissAfterReadNs: 200_000,
    readMissAfterWriteNs: 200_000,
    writeHitAfterReadNs: 50_000,
    writeHitAfterWriteNs: 50_000,
    writeMissAfterReadNs: 200_000,
    writeMissAfterWriteNs: 200_000,
  },
  // SATA 6 Gb/s: 600 MB/s after 8b/10b coding.
  busBlockNs: 853,
  buffer: { segments: 32, segmentBlocks: 4096, writeBack: false },
}
