// What a new qcow2 image is to be like, from the options as they were typed. The names are qemu-img's.

import { parseBytes, UnitError } from '../../sim/units'
import type { FormatOption, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { hasZstdPacking } from './codec'
import type { CompressionType } from './header'
import { CLUSTER_BITS_MAX, CLUSTER_BITS_MIN, L1_BYTES_MAX, SECTOR_BYTES } from './layout'

export const OPTIONS: readonly FormatOption[] = [
  { name: 'compat', description: '1.1 (version 3, the default) or 0.10 (version 2, for old programs)' },
  { name: 'cluster_size', description: 'a power of two from 512 to 2M (default 64K)' },
  { name: 'compression', description: 'none (the default), zlib, or zstd (compat=1.1, and Node.js 22.15 or later)' },
  {
    name: 'backing',
    description: 'an image that has the rest: only what differs from it is stored. Relative to the new image',
  },
]

export interface Plan {
  readonly version: 2 | 3
  /** Rounded up to sectors of 512 bytes, which is what QEMU reads of it. */
  readonly diskBytes: number
  readonly clusterBits: number
  readonly compression: CompressionType | null
  readonly backing: string | null
}

export function planImage(path: string, { diskBytes, options }: NewImage): Plan {
  const version = oneOf(options, 'compat', { '1.1': 3, v3: 3, '0.10': 2, v2: 2 } as const, '1.1')
  const compression = oneOf(options, 'compression', { none: null, zlib: 'zlib', zstd: 'zstd' } as const, 'none')
  const clusterBits = clusterBitsOf(options.get('cluster_size') ?? '65536')
  const backing = options.get('backing') ?? null
  if (backing === '') throw new ImageInputError('backing: the name of an image is missing')
  if (compression === 'zstd' && version === 2) throw new ImageInputError('compression=zstd needs compat=1.1')
  if (compression === 'zstd' && !hasZstdPacking()) {
    throw new ImageInputError(
      `compression=zstd needs Node.js 22.15 or later; this is ${process.version}. Use compression=zlib`,
    )
  }
  const plan = {
    version,
    diskBytes: Math.ceil(diskBytes / SECTOR_BYTES) * SECTOR_BYTES,
    clusterBits,
    compression,
    backing,
  }
  const bytesMax = (L1_BYTES_MAX / 8) * (2 ** clusterBits / 8) * 2 ** clusterBits
  if (plan.diskBytes <= bytesMax) return plan
  throw new ImageInputError(
    `${path}: a disk of ${diskBytes} bytes; with clusters of ${2 ** clusterBits} bytes qcow2 holds at most ${bytesMax}. Use a larger cluster_size`,
  )
}

function oneOf<T>(options: NewImage['options'], name: string, values: Readonly<Record<string, T>>, initial: string): T {
  const text = options.get(name) ?? initial
  const value = Object.entries(values).find(([key]) => key === text)
  if (value) return value[1]
  throw new ImageInputError(`${name}=${text}: expected ${Object.keys(values).join(', ')}`)
}

function clusterBitsOf(text: string): number {
  let bits: number
  try {
    bits = Math.log2(parseBytes(text))
  } catch (error) {
    if (error instanceof UnitError) throw new ImageInputError(`cluster_size=${text}: ${error.message}`)
    throw error
  }
  if (Number.isInteger(bits) && bits >= CLUSTER_BITS_MIN && bits <= CLUSTER_BITS_MAX) return bits
  throw new ImageInputError(`cluster_size=${text}: expected a power of two from 512 to 2M`)
}
