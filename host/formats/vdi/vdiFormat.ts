// VDI, the disks of VirtualBox: dynamic and static ones.

import { choiceOption, powerOfTwoOption, requireSectors } from '../blocks/options'
import type { ImageFormat } from '../format'
import { hasVdiSignature } from './vdiHeader'
import { openVdi } from './vdiImage'
import { BLOCK_BYTES, VdiWriter } from './vdiWriter'

const BLOCK_SIZES = { usual: BLOCK_BYTES, min: 4096, max: 256 << 20 }
/** 32 MiB of map; 8 TiB in blocks of the usual size. */
const BLOCKS_MAX = 1 << 23

export const vdiFormat: ImageFormat = {
  name: 'vdi',
  title: 'VDI (VirtualBox)',
  extensions: ['vdi'],
  options: [
    { name: 'subformat', description: 'dynamic (usual), which stores what is not zero, or static' },
    { name: 'block_size', description: 'a power of two; 1M (usual) is what others know' },
  ],
  recognises: hasVdiSignature,
  open: (path) => openVdi(path),
  create: async (path, image) => {
    const blockBytes = powerOfTwoOption(image, 'block_size', BLOCK_SIZES)
    requireSectors(image, `a VDI with blocks of ${blockBytes} bytes`, BLOCKS_MAX * blockBytes)
    const subformat = choiceOption(image, 'subformat', ['dynamic', 'static'])
    return new VdiWriter(path, image, subformat, blockBytes)
  },
}
