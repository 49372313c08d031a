// What describes an optical drive, and the kind of disc in it, to the optical model: plain numbers, with the source of each set.

export interface OpticalParameters {
  readonly name: string
  readonly source: string
  readonly disc: DiscKind
  /** Constant linear velocity: so many times the disc's own speed, everywhere. Else constant angular velocity: so many turns a minute. */
  readonly clvFactor?: number
  readonly cavRpm?: number
  /** From rest to a speed at which the disc is read, focus and table of contents included. */
  readonly spinUpNs: number
  /** Without a command for so long, the disc stops. */
  readonly spinDownAfterNs: number
  /** To a neighbouring track, and the time that grows with the distance: for all of the disc's radius. */
  readonly settleNs: number
  readonly strokeNs: number
  /** How fast the spindle changes its speed; it does so while the sled moves. CLV only. */
  readonly rpmPerSecond?: number
  readonly commandNs: number
  readonly busBytesPerNs: number
  readonly bufferBytes: number
}

/** Where sectors lie on a disc: a spiral from the inside out. Lengths in micrometres. */
export interface DiscKind {
  readonly name: 'CD' | 'DVD'
  readonly innerRadiusUm: number
  readonly outerRadiusUm: number
  readonly pitchUm: number
  /** Sectors a second, and their length, at the disc's own speed. */
  readonly sectorsPerSecond: number
  readonly sectorUm: number
  /** Sectors that can only be read together. */
  readonly eccSectors: number
}

/** ECMA-130, 8 to 11: program area from 25 to 58 mm, track pitch 1.6 um, 1.20 to 1.40 m/s (here 1.30), 75 sectors a second. */
export const CD: DiscKind = {
  name: 'CD',
  innerRadiusUm: 25_000,
  outerRadiusUm: 58_000,
  pitchUm: 1.6,
  sectorsPerSecond: 75,
  sectorUm: 1_300_000 / 75,
  eccSectors: 1,
}

/** ECMA-267, 10 to 14 and 19: data zone from 24 to 58 mm, pitch 0.74 um, 3.49 m/s, 26.16 Mbit/s of channel bits; ECC blocks of 16 sectors. */
export const DVD: DiscKind = {
  name: 'DVD',
  innerRadiusUm: 24_000,
  outerRadiusUm: 58_000,
  pitchUm: 0.74,
  // 26 frames of 1488 channel bits: 38,688 channel bits a sector.
  sectorsPerSecond: 26_156_250 / 38_688,
  sectorUm: (3_490_000 * 38_688) / 26_156_250,
  eccSectors: 16,
}
