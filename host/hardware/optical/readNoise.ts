// What the decoder of a CD drive leaves wrong: a filter over a drive whose disc is damaged.
//
// The drive corrects with CIRC (ECMA-130, annex C) before anybody sees a byte: a sector is 98 frames of 24 bytes, and damage shows as whole
// frames that its second stage, C2, gave up. Of such a frame some bytes are wrong, and all 24 are pointed at. Two kinds:
//
//   fixed    the same frames in every read, with the same wrong bytes: the disc has a hole there
//   random   other frames in each read: the signal is weak, and noise decides
//
// What read number n of a sector looks like is a function of (seed, LBA, n). Sectors of other sizes than 2,352 bytes were corrected by
// the drive: there, a sector with any bad frame is unreadable in that read; on a DVD, so is its whole ECC block of 16.
// Not modelled: that neighbouring bytes of a frame come from different places of the track, so that wrong frames lie two apart.

import { DRIVE_MEDIUM_ERROR, DRIVE_OK, DRIVE_READ } from '../../../assembly/abi/driveSlots'
import { DRIVE_READ_C2 } from '../../../assembly/abi/optical'
import { RandomStream } from '../../sim/random'
import type { DriveCommand } from '../driveCommand'
import type { DriveFilter } from '../driveFilter'

export const FRAME_BYTES = 24
export const SECTOR_FRAMES = 98
const RAW_BYTES = FRAME_BYTES * SECTOR_FRAMES
/** Each frame but the first two has a byte of the subchannels (ECMA-130, 22): nothing corrects it. */
const SYNC_FRAMES = 2
const DVD_BLOCK_SECTORS = 16

export interface DiscDamage {
  readonly lba: number
  readonly sectors: number
  /** Frames of each sector that fail in every read, and those that fail in one read. */
  readonly fixed: number
  readonly random: number
}

/** Of 24 bytes of a frame that was given up so many are wrong, as a mean: C2 gives up at five of 28. */
const WRONG_OF_24 = 8

export interface ReadNoiseOptions {
  readonly seed: number
  readonly sectorBytes: number
  readonly damage: readonly DiscDamage[]
  /** Sectors that the drive can only read together. */
  readonly isDvd: boolean
}

export class ReadNoise implements DriveFilter {
  readonly #options: ReadNoiseOptions
  readonly #reads = new Map<number, number>()

  constructor(options: ReadNoiseOptions) {
    this.#options = options
  }

  /** A disc whose sectors the drive corrects itself: whether this read succeeds is drawn when it begins. */
  begin(command: DriveCommand): void {
    const { sectorBytes } = this.#options
    if (sectorBytes >= RAW_BYTES || (command.op !== DRIVE_READ && command.op !== DRIVE_READ_C2)) return
    for (let lba = command.lba; lba < command.lba + command.sectors; lba++) {
      if (!this.#failsToRead(lba)) continue
      if (command.effect.status !== DRIVE_OK) return
      command.effect.status = DRIVE_MEDIUM_ERROR
      command.effect.badLba = lba
      return
    }
  }

  delivered(): void {}

  misread(lba: number, sectors: number, target: Uint8Array, offset: number, pointers: number): void {
    const { sectorBytes } = this.#options
    if (sectorBytes < RAW_BYTES) return
    for (let at = 0; at < sectors; at++) {
      for (const damage of this.#damageAt(lba + at))
        this.#spoil(lba + at, damage, target, offset + at * sectorBytes, pointers)
      if (this.#damageAt(lba + at).length > 0) this.#countRead(lba + at)
    }
  }

  stored(): void {}

  firstUnreadable(): number {
    return -1
  }

  powerCycled(): void {}

  #damageAt(lba: number): readonly DiscDamage[] {
    return this.#options.damage.filter((damage) => damage.lba <= lba && lba < damage.lba + damage.sectors)
  }

  #countRead(lba: number): number {
    const read = this.#reads.get(lba) ?? 0
    this.#reads.set(lba, read + 1)
    return read
  }

  #spoil(lba: number, damage: DiscDamage, target: Uint8Array, offset: number, pointers: number): void {
    const { seed, sectorBytes } = this.#options
    const hasSubchannel = sectorBytes > RAW_BYTES
    const read = this.#reads.get(lba) ?? 0
    spoilFrames(
      damage.fixed,
      RandomStream.fromSeed(seed, `hole:${damage.lba}:${lba}`),
      target,
      offset,
      pointers,
      hasSubchannel,
    )
    spoilFrames(
      damage.random,
      RandomStream.fromSeed(seed, `noise:${damage.lba}:${lba}:${read}`),
      target,
      offset,
      pointers,
      hasSubchannel,
    )
  }

  #failsToRead(lba: number): boolean {
    const first = this.#options.isDvd ? lba - (lba % DVD_BLOCK_SECTORS) : lba
    const count = this.#options.isDvd ? DVD_BLOCK_SECTORS : 1
    let fails = false
    for (let sector = first; sector < first + count; sector++) {
      for (const { fixed, random } of this.#damageAt(sector)) {
        if (fixed > 0) return true
        const draw = RandomStream.fromSeed(this.#options.seed, `block:${sector}:${this.#countRead(sector)}`)
        // `random` of 98 frames fail: the more, the likelier that the drive's own code has too many of them.
        if (draw.chance(Math.min(random, SECTOR_FRAMES), SECTOR_FRAMES)) fails = true
      }
    }
    return fails
  }
}

/** So many frames of a sector: bytes that are wrong, and bits (if `pointers` is no less than 0: at this byte of the target) for all of them. */
export function spoilFrames(
  frames: number,
  random: RandomStream,
  target: Uint8Array,
  offset: number,
  pointers: number,
  hasSubchannel = false,
): void {
  for (let count = 0; count < frames; count++) {
    const frame = random.below(SECTOR_FRAMES)
    if (hasSubchannel && frame >= SYNC_FRAMES) {
      target[offset + RAW_BYTES + frame - SYNC_FRAMES]! ^= 1 + random.below(255)
    }
    for (let byte = frame * FRAME_BYTES; byte < (frame + 1) * FRAME_BYTES; byte++) {
      if (random.chance(WRONG_OF_24, FRAME_BYTES)) target[offset + byte]! ^= 1 + random.below(255)
      if (pointers >= 0) target[pointers + (byte >> 3)]! |= 0x80 >> (byte & 7)
    }
  }
}
