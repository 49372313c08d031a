// Opens files and block devices for a copy, and refuses what cannot be copied, before anything is written.

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { ImageInputError } from '../imageInputError'
import { directoryError, openFile } from '../openFile'

export interface CopyFile {
  readonly path: string
  readonly descriptor: number
  readonly sizeBytes: number
  readonly isDevice: boolean
  /** The same in two runs for the same file, and different for two files (but for one chance in 2^32). */
  readonly id: number
  readonly deviceNumber: number
  readonly inode: number
  /** 0 for a device. */
  readonly modifiedMs: number
  /** So many fewer bytes are stored than the file is long that asking for the holes pays. */
  readonly isSparse: boolean
}

const EXPECTED = 'a file or a block device'

/** Also far above what file systems keep inside an inode: such files take no blocks, and are no holes. */
const HOLES_BYTES_MIN = 1 << 20

/** Opens an existing file. The caller closes the descriptor. */
export function openCopyFile(path: string, mode: 'read' | 'write'): CopyFile {
  const descriptor = openFile(path, EXPECTED, mode === 'read' ? constants.O_RDONLY : constants.O_RDWR)
  try {
    const stats = fstatSync(descriptor)
    if (stats.isDirectory()) throw directoryError(path, EXPECTED)
    if (!stats.isFile() && !stats.isBlockDevice()) {
      throw new ImageInputError(`${path} is neither a file nor a block device`)
    }
    if (mode === 'write' && stats.isBlockDevice()) refuseBusyDevice(path)
    return describe(path, descriptor, stats)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Makes a new file; refuses when it exists. */
export function createCopyFile(path: string): CopyFile {
  const { O_RDWR, O_CREAT, O_EXCL } = constants
  const descriptor = openFile(path, EXPECTED, O_RDWR | O_CREAT | O_EXCL)
  return describe(path, descriptor, fstatSync(descriptor))
}

export function isSameFile(left: CopyFile, right: CopyFile): boolean {
  return left.deviceNumber === right.deviceNumber && left.inode === right.inode
}

function describe(path: string, descriptor: number, stats: Stats): CopyFile {
  const isDevice = stats.isBlockDevice()
  return {
    path,
    descriptor,
    sizeBytes: isDevice ? deviceBytes(descriptor) : stats.size,
    isDevice,
    // Two nodes for one device are one device.
    id: isDevice ? hash(`device ${stats.rdev}`) : hash(`${stats.dev} ${stats.ino}`),
    deviceNumber: isDevice ? stats.rdev : stats.dev,
    inode: isDevice ? -1 : stats.ino,
    modifiedMs: isDevice ? 0 : stats.mtimeMs,
    isSparse: !isDevice && stats.size - stats.blocks * 512 >= HOLES_BYTES_MIN,
  }
}

/** Linux opens a block device exclusively only when nobody has mounted it or otherwise claimed it (open(2), O_EXCL). */
function refuseBusyDevice(path: string): void {
  try {
    closeSync(openSync(path, constants.O_RDWR | constants.O_EXCL))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') throw new ImageInputError(`${path} is in use (mounted?)`)
    throw error
  }
}

/** Without ioctl: the end is where a read of one byte gives none. Some 80 reads. */
function deviceBytes(descriptor: number): number {
  const byte = new Uint8Array(1)
  const exists = (at: number): boolean => {
    try {
      return readSync(descriptor, byte, 0, 1, at) === 1
    } catch (error) {
      // A sector that cannot be read is there nevertheless.
      if ((error as NodeJS.ErrnoException).code === 'EIO') return true
      return false
    }
  }
  if (!exists(0)) return 0
  let inside = 0
  let outside = 512
  while (exists(outside) && outside < 2 ** 52) {
    inside = outside
    outside *= 2
  }
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2)
    if (exists(middle)) inside = middle
    else outside = middle
  }
  return outside
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
