// FAT12, FAT16, FAT32: the boot sector, the flags in the table's second entry, and the label in the root directory. Microsoft, "FAT: General
// Overview of On-Disk Format" 1.03 (fatgen103), whose names for the fields are in the comments.

import { type Bytes, isPowerOfTwo } from './bytes'
import type { DiskWindow } from './diskWindow'
import { type Place, type Volume, volume } from './volume'

/** Page 14: "this is the one and only way that FAT type is determined". */
const FAT12_CLUSTERS_MAX = 4084
const FAT16_CLUSTERS_MAX = 65524
/** A root directory has a few entries before its label; longer ones are not searched. */
const ROOT_BYTES_MAX = 256 << 10
const ROOT_CLUSTERS_MAX = 256
const ENTRY_BYTES = 32
const ATTRIBUTE_VOLUME_ID = 0x08
const ATTRIBUTE_LONG_NAME = 0x0f

interface Layout {
  readonly bits: 12 | 16 | 32
  readonly sectorBytes: number
  readonly clusterBytes: number
  readonly clusters: number
  readonly sectors: number
  readonly fatBytes: number
  readonly rootBytes: number
  readonly rootLength: number
  readonly dataBytes: number
  readonly rootCluster: number
}

export async function recogniseFat({ window, head }: Place): Promise<Volume | null> {
  const layout = layoutOf(head)
  if (!layout) return null
  // BS_BootSig and what it vouches for lie behind the longer BPB of FAT32.
  const extended = layout.bits === 32 ? 66 : 38
  const hasSerial = head.u8(extended) === 0x28 || head.u8(extended) === 0x29
  const serial = head
    .u32(extended + 1)
    .toString(16)
    .toUpperCase()
    .padStart(8, '0')
  const bootLabel = head.u8(extended) === 0x29 ? labelOf(head, extended + 5) : ''
  const label = (await rootLabel(window, layout)) || bootLabel
  return volume(window, 0, {
    type: 'vfat',
    title: `FAT${layout.bits}`,
    label,
    uuid: hasSerial ? `${serial.slice(0, 4)}-${serial.slice(4)}` : null,
    sizeBytes: layout.sectors * layout.sectorBytes,
    isClean: await isClean(window, layout),
    facts: {
      fatBits: layout.bits,
      sectorBytes: layout.sectorBytes,
      clusterBytes: layout.clusterBytes,
      clusters: layout.clusters,
    },
  })
}

function layoutOf(boot: Bytes): Layout | null {
  // BS_jmpBoot, then BPB_BytsPerSec, BPB_SecPerClus, BPB_RsvdSecCnt, BPB_NumFATs, BPB_Media.
  const hasJump = (boot.u8(0) === 0xeb && boot.u8(2) === 0x90) || boot.u8(0) === 0xe9
  const [sectorBytes, clusterSectors] = [boot.u16(11), boot.u8(13)]
  const [reserved, fats, media] = [boot.u16(14), boot.u8(16), boot.u8(21)]
  if (!hasJump || boot.u8(510) !== 0x55 || boot.u8(511) !== 0xaa) return null
  if (![512, 1024, 2048, 4096].includes(sectorBytes) || !isPowerOfTwo(clusterSectors)) return null
  if (reserved === 0 || fats === 0 || fats > 4 || (media !== 0xf0 && media < 0xf8)) return null
  const fatSectors = boot.u16(22) || boot.u32(36)
  const sectors = boot.u16(19) || boot.u32(32)
  const rootLength = boot.u16(17) * ENTRY_BYTES
  const data = reserved + fats * fatSectors + Math.ceil(rootLength / sectorBytes)
  const clusters = Math.floor((sectors - data) / clusterSectors)
  if (fatSectors === 0 || clusters < 1) return null
  const isFat32 = clusters > FAT16_CLUSTERS_MAX || boot.u16(22) === 0
  // fatgen103, page 9: BPB_RootEntCnt is 0 on FAT32 and on nothing else.
  if (isFat32 !== (rootLength === 0)) return null
  return {
    bits: isFat32 ? 32 : clusters > FAT12_CLUSTERS_MAX ? 16 : 12,
    sectorBytes,
    clusterBytes: clusterSectors * sectorBytes,
    clusters,
    sectors,
    fatBytes: reserved * sectorBytes,
    rootBytes: (reserved + fats * fatSectors) * sectorBytes,
    rootLength,
    dataBytes: data * sectorBytes,
    rootCluster: boot.u32(44),
  }
}

/** Page 18, ClnShutBitMask; FAT12 has no room for it. */
async function isClean(window: DiskWindow, { bits, fatBytes }: Layout): Promise<boolean | null> {
  const second = bits === 12 ? null : await window.read(fatBytes + bits / 8, bits / 8)
  if (!second) return null
  return bits === 16 ? (second.u16(0) & 0x8000) !== 0 : (second.u32(0) & 0x08000000) !== 0
}

async function rootLabel(window: DiskWindow, layout: Layout): Promise<string> {
  if (layout.bits !== 32) {
    const root = await window.read(layout.rootBytes, Math.min(layout.rootLength, ROOT_BYTES_MAX))
    return root ? (labelIn(root) ?? '') : ''
  }
  let cluster = layout.rootCluster
  let leftBytes = ROOT_BYTES_MAX
  for (let count = 0; count < ROOT_CLUSTERS_MAX && leftBytes > 0; count++) {
    if (cluster < 2 || cluster >= layout.clusters + 2) return ''
    const length = Math.min(layout.clusterBytes, leftBytes)
    const piece = await window.read(layout.dataBytes + (cluster - 2) * layout.clusterBytes, length)
    const next = await window.read(layout.fatBytes + cluster * 4, 4)
    const label = piece && labelIn(piece)
    if (typeof label === 'string' || !next) return label ?? ''
    cluster = next.u32(0) & 0x0fffffff
    leftBytes -= length
  }
  return ''
}

/** null: go on with the next cluster; '' = the directory ends without a label. */
function labelIn(directory: Bytes): string | null {
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const first = directory.u8(at)
    const attributes = directory.u8(at + 11)
    if (first === 0) return ''
    const isLabel =
      (attributes & ATTRIBUTE_LONG_NAME) !== ATTRIBUTE_LONG_NAME && (attributes & 0x18) === ATTRIBUTE_VOLUME_ID
    if (first !== 0xe5 && isLabel) return labelOf(directory, at)
  }
  return null
}

function labelOf(bytes: Bytes, at: number): string {
  const label = bytes.latin1(at, 11)
  return label === 'NO NAME' ? '' : label
}
