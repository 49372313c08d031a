// VMDK, the disks of VMware: sparse, compressed as a stream, or a descriptor with extents in other files.

import { choiceOption, powerOfTwoOption, requireSectors } from '../blocks/options'
import type { ImageFormat } from '../format'
import { ImageInputError } from '../imageInputError'
import { isDescriptor } from './descriptor'
import { openVmdk } from './openVmdk'
import { SparseWriter } from './sparseWriter'
import { StreamWriter } from './streamWriter'

const GRAIN_SIZES = { usual: 64 << 10, min: 4 << 10, max: 1 << 20 }
/** Far more than fits without compression. */
const DISK_BYTES_MAX = 64 * 2 ** 40

export const vmdkFormat: ImageFormat = {
  name: 'vmdk',
  title: 'VMDK (VMware)',
  extensions: ['vmdk'],
  options: [
    { name: 'subformat', description: 'monolithicSparse (usual), or streamOptimized, which is compressed' },
    { name: 'grain_size', description: 'a power of two from 4K to 1M; 64K (usual) is what others know' },
  ],
  recognises: (head) => Buffer.from(head.subarray(0, 4)).toString('latin1') === 'KDMV' || isDescriptor(head),
  open: (path) => openVmdk(path),
  create: async (path, image) => {
    requireSectors(image, 'VMDK', DISK_BYTES_MAX)
    // Readers take a capacity of 0 for a sign that the descriptor alone counts.
    if (image.diskBytes === 0) throw new ImageInputError('a VMDK cannot have 0 bytes')
    const subformat = choiceOption(image, 'subformat', ['monolithicSparse', 'streamOptimized'])
    const grainBytes = powerOfTwoOption(image, 'grain_size', GRAIN_SIZES)
    return new { monolithicSparse: SparseWriter, streamOptimized: StreamWriter }[subformat](path, image, grainBytes)
  },
}
