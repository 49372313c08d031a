// VHD, the disks of Virtual PC and Hyper-V: fixed, dynamic, and differencing ones.

import { choiceOption, powerOfTwoOption, requireSectors } from '../blocks/options'
import type { ImageFormat, ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { openVhd } from './openVhd'
import { bitmapBytesOf } from './structures'
import { DynamicVhdWriter, FixedVhdWriter } from './vhdWriter'

/** "The maximum size of a virtual hard disk is 2040 GB." */
const DISK_BYTES_MAX = 2040 * 2 ** 30
/** Sectors are counted with 32 bits; one number means that there is none. */
const FILE_BYTES_MAX = (2 ** 32 - 1) * 512

const BLOCK_SIZES = { usual: 2 << 20, min: 4096, max: 256 << 20 }

export const vhdFormat: ImageFormat = {
  name: 'vhd',
  title: 'VHD (Virtual PC, Hyper-V)',
  extensions: ['vhd', 'vpc', 'avhd'],
  options: [
    { name: 'subformat', description: 'dynamic (usual), which stores what is not zero, or fixed' },
    { name: 'block_size', description: 'of a dynamic disk: a power of two; 2M (usual) and 512K are what others know' },
    { name: 'parent', description: 'a VHD of the same size: only what differs from it is stored' },
  ],
  recognises: (head, tail) =>
    [head.subarray(0, 8), tail.subarray(-512, -504), tail.subarray(-511, -503)].some(
      (bytes) => Buffer.from(bytes).toString('latin1') === 'conectix',
    ),
  open: (path) => openVhd(path),
  create: createVhd,
}

async function createVhd(path: string, image: NewImage): Promise<ImageWriter> {
  requireSectors(image, 'VHD', DISK_BYTES_MAX)
  const subformat = choiceOption(image, 'subformat', ['dynamic', 'fixed'])
  const parentPath = image.options.get('parent')
  if (subformat === 'fixed') {
    if (parentPath !== undefined) throw new ImageInputError('a fixed VHD has no parent')
    return new FixedVhdWriter(path, image)
  }
  const blockBytes = powerOfTwoOption(image, 'block_size', BLOCK_SIZES)
  const blocks = Math.ceil(image.diskBytes / blockBytes)
  if (blocks * (blockBytes + bitmapBytesOf(blockBytes)) + (1 << 30) > FILE_BYTES_MAX) {
    throw new ImageInputError(`blocks of ${blockBytes} bytes are too small for a VHD of ${image.diskBytes}`)
  }
  const parent = parentPath === undefined ? null : await openVhd(parentPath)
  if (parent && parent.diskBytes !== image.diskBytes) {
    parent.close()
    throw new ImageInputError(
      `the parent has ${parent.diskBytes} bytes, the disk ${image.diskBytes}: expected the same`,
    )
  }
  return new DynamicVhdWriter(path, image, blockBytes, parent)
}
