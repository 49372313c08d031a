// An image in some format as a drive in a bay: read-only, or new and written once in ascending order.
//
// What the image calls unread is a medium error when it is read, and so is what is damaged. A last sector that the disk has only in part
// reads as if padded with zeros, and keeps its length when it is written.

import { basename } from 'node:path'
import {
  DRIVE_GONE,
  DRIVE_HARDWARE_ERROR,
  DRIVE_ILLEGAL,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
} from '../../assembly/abi/driveSlots'
import { DamagedImage } from '../formats/damagedImage'
import type { DiskImage, ImageWriter } from '../formats/format'
import { type BayDrive, type DriveAnswer, writeIdentity, type ZeroStretch } from './bayDrive'

/** Tells bays of one copy from each other. */
const SOURCE_ID = 1
const TARGET_ID = 2

/** What both kinds have in common. */
abstract class ImageDrive {
  readonly sectorCount: number
  isDurable = false
  lastError = ''
  badLba = 0

  constructor(
    readonly diskBytes: number,
    readonly sectorBytes: number,
    private readonly path: string,
    private readonly id: number,
  ) {
    this.sectorCount = Math.ceil(diskBytes / sectorBytes)
  }

  identify(memory: Uint8Array, address: number): void {
    const { sectorCount, sectorBytes, id } = this
    writeIdentity({ sectorCount, sectorBytes, id, model: basename(this.path) }, memory, address)
  }

  flush(): number {
    return DRIVE_OK
  }

  protected endOf(lba: number, sectors: number): number {
    return Math.min((lba + sectors) * this.sectorBytes, this.diskBytes)
  }
}

export class ImageSourceDrive extends ImageDrive implements BayDrive {
  constructor(
    private readonly image: DiskImage,
    sectorBytes = image.sectorBytes,
    diskBytes = image.diskBytes,
    id = SOURCE_ID,
  ) {
    super(diskBytes, sectorBytes, image.files[0]!, id)
  }

  read(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    const start = lba * this.sectorBytes
    const end = this.endOf(lba, sectors)
    const bad = this.firstUnread(start, end)
    if (bad !== null) return this.fail(bad)
    const bytes = memory.subarray(address, address + end - start)
    memory.fill(0, address + end - start, address + sectors * this.sectorBytes)
    try {
      const done = this.image.read(start, bytes)
      return done === undefined
        ? DRIVE_OK
        : done.then(
            () => DRIVE_OK,
            (error) => this.explain(error, lba, sectors),
          )
    } catch (error) {
      return this.explain(error, lba, sectors)
    }
  }

  zerosFrom(lba: number): ZeroStretch | null {
    const { sectorBytes, sectorCount, diskBytes } = this
    try {
      const zeroEnd = this.stretchEnd(lba * sectorBytes, true)
      const dataStart = zeroEnd >= diskBytes ? sectorCount : Math.floor(zeroEnd / sectorBytes)
      const dataEnd = zeroEnd >= diskBytes ? sectorCount : Math.ceil(this.stretchEnd(zeroEnd, false) / sectorBytes)
      return {
        zeroSectors: Math.max(0, dataStart - lba),
        dataSectors: Math.max(0, Math.min(dataEnd, sectorCount) - dataStart),
      }
    } catch (error) {
      this.lastError = (error as Error).message
      return null
    }
  }

  write(): number {
    return DRIVE_ILLEGAL
  }

  trim(): number {
    return DRIVE_ILLEGAL
  }

  writeUncorrectable(): number {
    return DRIVE_ILLEGAL
  }

  /** Where what is zero ends, or what is not. */
  private stretchEnd(offset: number, isZero: boolean): number {
    let at = offset
    while (at < this.diskBytes) {
      const { kind, endBytes } = this.image.extentAt(at)
      if ((kind === 'zero') !== isZero) return at
      at = endBytes
    }
    return this.diskBytes
  }

  private firstUnread(start: number, end: number): number | null {
    try {
      for (let at = start; at < end; ) {
        const { kind, endBytes } = this.image.extentAt(at)
        if (kind === 'unread') {
          this.lastError = `${this.image.files[0]}: could not be read when the image was made`
          return at
        }
        at = endBytes
      }
    } catch {
      // Reading tells it better.
    }
    return null
  }

  private fail(atBytes: number): number {
    this.badLba = Math.floor(atBytes / this.sectorBytes)
    return DRIVE_MEDIUM_ERROR
  }

  /** Which sector of several is the damaged one is found by reading them alone, as with any drive. */
  private explain(error: unknown, lba: number, sectors: number): number {
    this.lastError = (error as Error).message
    const { code } = error as NodeJS.ErrnoException
    const isMedium = error instanceof DamagedImage || code === 'EIO'
    if (!isMedium) return DRIVE_HARDWARE_ERROR
    this.badLba = this.firstDamaged(lba, sectors)
    return DRIVE_MEDIUM_ERROR
  }

  /** Of a read that is answered at once; one that is answered later is said to fail at its first sector. */
  private firstDamaged(lba: number, sectors: number): number {
    const bytes = new Uint8Array(this.sectorBytes)
    for (let at = lba; at < lba + sectors; at++) {
      try {
        const start = at * this.sectorBytes
        const done = this.image.read(start, bytes.subarray(0, this.endOf(at, 1) - start))
        if (done !== undefined) {
          done.catch(() => {})
          return lba
        }
      } catch {
        return at
      }
    }
    return lba
  }
}

export class ImageTargetDrive extends ImageDrive implements BayDrive {
  constructor(
    private readonly writer: ImageWriter,
    path: string,
    diskBytes: number,
    sectorBytes: number,
  ) {
    super(diskBytes, sectorBytes, path, TARGET_ID)
  }

  read(): number {
    return DRIVE_ILLEGAL
  }

  write(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    const start = lba * this.sectorBytes
    const end = this.endOf(lba, sectors)
    return this.answer(() => this.writer.write(start, memory.subarray(address, address + end - start)))
  }

  /** Gaps are zeros. */
  trim(): number {
    return DRIVE_OK
  }

  writeUncorrectable(lba: number, sectors: number): DriveAnswer {
    const start = lba * this.sectorBytes
    return this.answer(() => this.writer.unread(start, this.endOf(lba, sectors) - start))
  }

  zerosFrom(): ZeroStretch | null {
    return null
  }

  private answer(work: () => void | Promise<void>): DriveAnswer {
    try {
      const done = work()
      return done === undefined
        ? DRIVE_OK
        : done.then(
            () => DRIVE_OK,
            (error) => this.explain(error),
          )
    } catch (error) {
      return this.explain(error)
    }
  }

  /** What cannot be written in one pass cannot be tried again. */
  private explain(error: unknown): number {
    this.lastError = (error as Error).message
    return DRIVE_GONE
  }
}
