// VHDX, the disks of Hyper-V: fixed, dynamic, and differencing ones.

import { choiceOption, powerOfTwoOption, requireSectors } from '../blocks/options'
import type { ImageFormat, ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { isVhdx, MIB } from './headers'
import { openVhdx } from './openVhdx'
import { VhdxWriter } from './vhdxWriter'

/** [MS-VHDX] 2.6.2.2. */
const DISK_BYTES_MAX = 64 * 2 ** 40
/** 32 MiB of table in memory. */
const BLOCKS_MAX = 1 << 23

export const vhdxFormat: ImageFormat = {
  name: 'vhdx',
  title: 'VHDX (Hyper-V)',
  extensions: ['vhdx', 'avhdx'],
  options: [
    { name: 'subformat', description: 'dynamic (usual), which stores what is not zero, or fixed' },
    { name: 'block_size', description: 'a power of two from 1M to 256M; usual are 2M, and more above 16 TiB' },
    { name: 'parent', description: 'a VHDX of the same size: only what differs from it is stored' },
  ],
  recognises: isVhdx,
  open: (path) => openVhdx(path),
  create: createVhdx,
}

async function createVhdx(path: string, image: NewImage): Promise<ImageWriter> {
  requireSectors(image, 'VHDX', DISK_BYTES_MAX)
  const subformat = choiceOption(image, 'subformat', ['dynamic', 'fixed'])
  const usual = image.diskBytes > 2 * MIB * BLOCKS_MAX ? 8 * MIB : 2 * MIB
  const blockBytes = powerOfTwoOption(image, 'block_size', { usual, min: MIB, max: 256 * MIB })
  if (image.diskBytes > blockBytes * BLOCKS_MAX) {
    throw new ImageInputError(`blocks of ${blockBytes} bytes are too small for a disk of ${image.diskBytes}`)
  }
  const parentPath = image.options.get('parent')
  if (parentPath === undefined)
    return new VhdxWriter(path, image, { blockBytes, isFixed: subformat === 'fixed', parent: null })
  if (subformat === 'fixed') throw new ImageInputError('a fixed VHDX has no parent')
  const parent = await openVhdx(parentPath)
  if (parent.diskBytes === image.diskBytes) return new VhdxWriter(path, image, { blockBytes, isFixed: false, parent })
  parent.close()
  throw new ImageInputError(`the parent has ${parent.diskBytes} bytes, the disk ${image.diskBytes}: expected the same`)
}
