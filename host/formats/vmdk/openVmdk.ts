// Opens a VMDK with all its extents and parents.

import { dirname, relative, resolve, sep } from 'node:path'
import { holesOf } from '../blocks/flatPlace'
import { type Chain, findParent } from '../blocks/parents'
import { ImageFile } from '../imageFile'
import { ImageInputError } from '../imageInputError'
import { type Descriptor, type ExtentLine, isDescriptor, parseDescriptor } from './descriptor'
import { FlatExtent, type VmdkExtent, ZeroExtent } from './extent'
import { readSparseHeader, SparseExtent } from './sparseExtent'
import { SECTOR_BYTES } from './sparseHeader'
import { VmdkImage } from './vmdkImage'

const DESCRIPTOR_BYTES_MAX = 1 << 20

export async function openVmdk(path: string, chain: Chain = []): Promise<VmdkImage> {
  const extents: VmdkExtent[] = []
  try {
    const descriptor = await openExtents(path, extents)
    const parent = descriptor?.parent ? await openParent(path, descriptor, chain) : null
    return new VmdkImage({ path, descriptor, extents, parent })
  } catch (error) {
    for (const extent of extents) extent.close()
    throw error
  }
}

/** Fills `extents`, so that what has been opened when something fails can be closed. */
async function openExtents(path: string, extents: VmdkExtent[]): Promise<Descriptor | null> {
  const file = ImageFile.open(path)
  let isKept = false
  try {
    if (isDescriptor(file.readBytes(0, Math.min(32, file.sizeBytes), 'the beginning'))) {
      const descriptor = readDescriptor(file, 0, file.sizeBytes)
      for (const line of descriptor.extents) extents.push(await openExtent(path, line, extents.at(-1)?.endBytes ?? 0))
      return descriptor
    }
    const found = readSparseHeader(file)
    extents.push(new SparseExtent(file, found, 0))
    isKept = true
    const { descriptorSector, descriptorSectors } = found.header
    if (descriptorSector === 0) return null
    return readDescriptor(file, descriptorSector * SECTOR_BYTES, descriptorSectors * SECTOR_BYTES)
  } finally {
    if (!isKept) file.close()
  }
}

function readDescriptor(file: ImageFile, offset: number, bytes: number): Descriptor {
  if (bytes > DESCRIPTOR_BYTES_MAX) throw file.damage(offset, `a descriptor of ${bytes} bytes cannot be`)
  const text = Buffer.from(file.readBytes(offset, bytes, 'the descriptor')).toString('utf8')
  const descriptor = parseDescriptor(text)
  if (typeof descriptor === 'string') throw file.damage(offset, descriptor)
  return descriptor
}

async function openExtent(path: string, line: ExtentLine, startBytes: number): Promise<VmdkExtent> {
  const { access, type, sectors } = line
  const endBytes = startBytes + sectors * SECTOR_BYTES
  if (!Number.isSafeInteger(endBytes)) throw new ImageInputError(`${path}: an extent of ${sectors} sectors cannot be`)
  if (access === 'NOACCESS') throw new ImageInputError(`${path}: an extent may not be accessed`)
  if (type === 'ZERO') return new ZeroExtent(startBytes, endBytes)
  if (type !== 'SPARSE' && type !== 'FLAT' && type !== 'VMFS') {
    throw new ImageInputError(`${path}: extents of type ${type} are not supported; SPARSE, FLAT, VMFS and ZERO are`)
  }
  const file = ImageFile.open(extentPath(path, line))
  try {
    if (type === 'SPARSE') return openSparse(file, startBytes, sectors)
    const fileOffsetBytes = line.offsetSectors * SECTOR_BYTES
    if (fileOffsetBytes + endBytes - startBytes > file.sizeBytes) {
      throw file.damage(file.sizeBytes, `the file ends before its extent of ${sectors} sectors`)
    }
    return new FlatExtent({ file, holes: await holesOf(file.path), startBytes, endBytes, fileOffsetBytes })
  } catch (error) {
    file.close()
    throw error
  }
}

function openSparse(file: ImageFile, startBytes: number, sectors: number): SparseExtent {
  const found = readSparseHeader(file)
  const { capacitySectors } = found.header
  if (capacitySectors !== sectors) {
    throw file.damage(12, `the extent has ${capacitySectors} sectors; the descriptor says ${sectors}`)
  }
  return new SparseExtent(file, found, startBytes)
}

/** A descriptor from somewhere must not make a disk of files that are none of its business. */
function extentPath(path: string, { fileName }: ExtentLine): string {
  const folder = dirname(path)
  const way = relative(folder, resolve(folder, fileName))
  if (fileName === '' || way === '..' || way.startsWith(`..${sep}`)) {
    throw new ImageInputError(`${path}: the extent "${fileName}" is not in the folder of its descriptor`)
  }
  return resolve(folder, fileName)
}

function openParent(path: string, descriptor: Descriptor, chain: Chain): Promise<VmdkImage> {
  const { cid, fileName } = descriptor.parent!
  return findParent({
    childPath: path,
    names: [fileName],
    chain,
    open: openVmdk,
    isIt: (image) => image.parts.descriptor?.cid === cid,
  })
}
