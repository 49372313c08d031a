// A file or block device as a drive in a bay: what the copier reads from and writes to at the machine's own speed.
//
// Duties: sectors in and out of the microcode's memory without a copy in between; error numbers of the system as drive statuses. A
// size that is no multiple of the sector size reads as if padded with zeros, and keeps its size when it is written. Long reads go on in
// other threads while the caller does something else.
// Not promised: anything about a file that others change meanwhile. A flush reaches the device only while `isDurable` is set.

import { fdatasyncSync, read, readSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import {
  DRIVE_GONE,
  DRIVE_HARDWARE_ERROR,
  DRIVE_ILLEGAL,
  DRIVE_MEDIUM_ERROR,
  DRIVE_OK,
} from '../../assembly/abi/driveSlots'
import { LONG_READ_BYTES } from '../formats/openFile'
import type { HoleMap } from '../formats/raw/holeMap'
import { type BayDrive, type DriveAnswer, writeIdentity, type ZeroStretch } from './bayDrive'

export interface FileDriveOptions {
  readonly path: string
  /** Open for what the drive is used for; stays the caller's to close. */
  readonly descriptor: number
  readonly sizeBytes: number
  readonly sectorBytes: number
  /** Tells this file from others, also in a later run: a hash of device and inode. */
  readonly id: number
  /** Where the file is known to hold zeros; null = nothing is known. */
  readonly holes: HoleMap | null
}

const ZEROS = new Uint8Array(1 << 20)

export class FileDrive implements BayDrive {
  readonly path: string
  readonly sizeBytes: number
  readonly sectorBytes: number
  readonly sectorCount: number
  readonly holes: HoleMap | null
  isDurable = false
  lastError = ''
  readonly #descriptor: number
  readonly #id: number
  /** Bytes below this one may have been written by us: what the hole map says of them is out of date. */
  #writtenBytes = 0

  constructor(options: FileDriveOptions) {
    this.path = options.path
    this.#descriptor = options.descriptor
    this.#id = options.id
    this.sizeBytes = options.sizeBytes
    this.sectorBytes = options.sectorBytes
    this.sectorCount = Math.ceil(options.sizeBytes / options.sectorBytes)
    this.holes = options.holes
  }

  identify(memory: Uint8Array, address: number): void {
    const { sectorCount, sectorBytes } = this
    writeIdentity({ sectorCount, sectorBytes, id: this.#id, model: basename(this.path) }, memory, address)
  }

  /** Fills the buffer, or answers how it failed; the first bad sector is in `badLba`. */
  read(lba: number, sectors: number, memory: Uint8Array, address: number): DriveAnswer {
    const start = lba * this.sectorBytes
    const wanted = start + sectors * this.sectorBytes
    const end = Math.min(wanted, this.sizeBytes)
    memory.fill(0, address + end - start, address + wanted - start)
    if (end - start < LONG_READ_BYTES) return this.#readRange(start, end, memory, address)
    return new Promise((resolve) => {
      read(this.#descriptor, memory, address, end - start, start, (error, got) => {
        resolve(error ? this.#fail(error, start) : this.#readRange(start + got, end, memory, address + got))
      })
    })
  }

  write(lba: number, sectors: number, memory: Uint8Array, address: number): number {
    const start = lba * this.sectorBytes
    const end = Math.min(start + sectors * this.sectorBytes, this.sizeBytes)
    if (end > this.#writtenBytes) this.#writtenBytes = end
    return this.#writeRange(start, end, memory, address)
  }

  /** Sectors read as zeros afterwards. Node has no call that makes a hole: zeros are written where there is none. */
  trim(lba: number, sectors: number): number {
    const end = Math.min((lba + sectors) * this.sectorBytes, this.sizeBytes)
    let at = lba * this.sectorBytes
    while (at < end) {
      const piece = Math.min(ZEROS.length, end - at)
      const isHole = at >= this.#writtenBytes && (this.holes?.isHole(at, piece) ?? false)
      if (!isHole) {
        const status = this.#writeRange(at, at + piece, ZEROS, 0)
        if (status !== DRIVE_OK) return status
      }
      at += piece
    }
    return DRIVE_OK
  }

  /** No file system offers that. */
  writeUncorrectable(): number {
    return DRIVE_ILLEGAL
  }

  zerosFrom(lba: number): ZeroStretch | null {
    if (!this.holes) return null
    const { sectorBytes, sectorCount } = this
    const { startBytes, endBytes } = this.holes.dataAfter(lba * sectorBytes)
    // A sector that is only partly a hole holds data.
    const dataStart = Math.min(Math.floor(startBytes / sectorBytes), sectorCount)
    const dataEnd = Math.min(Math.ceil(endBytes / sectorBytes), sectorCount)
    return { zeroSectors: dataStart - lba, dataSectors: dataEnd - dataStart }
  }

  flush(): number {
    if (!this.isDurable) return DRIVE_OK
    try {
      fdatasyncSync(this.#descriptor)
      return DRIVE_OK
    } catch (error) {
      return this.#fail(error, 0)
    }
  }

  /** After a medium error: its first sector. */
  badLba = 0

  #readRange(start: number, end: number, bytes: Uint8Array, offset: number): number {
    let at = start
    try {
      while (at < end) {
        const got = readSync(this.#descriptor, bytes, offset + at - start, end - at, at)
        if (got === 0) return this.#fail(new Error('the file has become shorter'), at)
        at += got
      }
      return DRIVE_OK
    } catch (error) {
      return this.#fail(error, at)
    }
  }

  #writeRange(start: number, end: number, bytes: Uint8Array, offset: number): number {
    let at = start
    try {
      while (at < end) at += writeSync(this.#descriptor, bytes, offset + at - start, end - at, at)
      return DRIVE_OK
    } catch (error) {
      return this.#fail(error, at)
    }
  }

  #fail(error: unknown, atBytes: number): number {
    const { code, message } = error as NodeJS.ErrnoException
    this.lastError = `${this.path}: ${message}`
    this.badLba = Math.floor(atBytes / this.sectorBytes)
    switch (code) {
      case 'EIO':
      case 'EILSEQ': // some file systems report a failed checksum so
      case 'EBADMSG':
        return DRIVE_MEDIUM_ERROR
      case 'ENOSPC': // nothing that the copier could try again helps: the job is suspended until somebody makes room
      case 'EDQUOT':
      case 'EFBIG':
      case 'EROFS':
      case 'ENXIO':
      case 'ENODEV':
      case 'ENOMEDIUM':
        return DRIVE_GONE
      default:
        return DRIVE_HARDWARE_ERROR
    }
  }
}
