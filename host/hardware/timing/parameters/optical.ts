// Optical drives.
//
// xm5401: Toshiba XM-5401TA, sold as HP A3416A. Given (HP 3000 configuration guide, SCSI and I/O, table 8-102): 4x CLV, 800 to 2,120 rpm, average
// random access 190 ms, SCSI bursts of 1.5 MB/s, buffer of 256 KB.
// xm6401: Toshiba XM-6401B. Given (announcement): 40x at most, random access 80 ms, 6 MB/s at the outer edge.
// dvd16: no drive in particular: 16x at most, as sold in the 2000s. Its times are assumed.
//
// Derived: turns a minute of a CAV drive, so that the outermost sectors have the named speed at the disc's velocity. Random access is a third of the
// stroke, the settling, and half a turn.
// Assumed: settling of 40, 30 and 30 ms; spin-up of 2 s (Toshiba XM-7002B specification, figure 7: at most 3.5 s); the disc stops after 8 idle
// minutes; 0.5 ms for a command; 2 MB of buffer for dvd16, 512 KB for xm6401; the spindle changes by 6,000 rpm a second.

import { CD, type DiscKind, DVD, type OpticalParameters } from '../opticalParameters'

const MS = 1_000_000

/** Turns a minute at which the outermost sectors come by `factor` times as fast as at the disc's own speed. */
function rpmFor(disc: DiscKind, factor: number): number {
  const umPerMinute = disc.sectorUm * disc.sectorsPerSecond * factor * 60
  return Math.round(umPerMinute / (2 * Math.PI * disc.outerRadiusUm))
}

function halfTurnMs(rpm: number): number {
  return 30_000 / rpm
}

/** The part of the random access that grows with the distance, for the whole stroke. */
function strokeNs(accessMs: number, settleMs: number, rpm: number): number {
  return Math.round((accessMs - settleMs - halfTurnMs(rpm)) * 3 * MS)
}

const COMMON = { spinUpNs: 2_000 * MS, spinDownAfterNs: 480_000 * MS, commandNs: MS / 2 }

const XM6401_RPM = rpmFor(CD, 40)
export const xm6401: OpticalParameters = {
  ...COMMON,
  name: 'xm6401',
  source: 'Toshiba XM-6401B, announcement',
  disc: CD,
  cavRpm: XM6401_RPM,
  settleNs: 30 * MS,
  strokeNs: strokeNs(80, 30, XM6401_RPM),
  // Ultra SCSI, 20 MB/s.
  busBytesPerNs: 0.02,
  bufferBytes: 512 << 10,
}

export const xm5401: OpticalParameters = {
  ...COMMON,
  name: 'xm5401',
  source: 'Toshiba XM-5401TA (HP A3416A), HP 3000 configuration guide',
  disc: CD,
  clvFactor: 4,
  settleNs: 40 * MS,
  strokeNs: strokeNs(190, 40, 1460),
  rpmPerSecond: 6_000,
  busBytesPerNs: 0.0015,
  bufferBytes: 256 << 10,
}

const DVD16_RPM = rpmFor(DVD, 16)
export const dvd16: OpticalParameters = {
  ...COMMON,
  name: 'dvd16',
  source: 'no drive in particular; assumed (see the file)',
  disc: DVD,
  cavRpm: DVD16_RPM,
  settleNs: 30 * MS,
  strokeNs: strokeNs(110, 30, DVD16_RPM),
  // ATAPI, Ultra DMA mode 2: 33 MB/s.
  busBytesPerNs: 0.033,
  bufferBytes: 2 << 20,
}
