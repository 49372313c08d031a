// UDF: the volume recognition sequence and the anchor (ECMA-167 parts 2 and 3), and what the descriptors behind the anchor say (OSTA UDF 2.60).
//
//   byte 32768: "BEA01", "NSR02" or "NSR03", "TEA01", each in a piece of 2048 bytes (or one sector, where that is longer)
//   sector 256, and the last but 256, and the last: anchor (tag 2) -> a sequence of descriptors: volume (1), logical volume (6), ...

import { crc16 } from '../hardware/crc'
import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'
import { type Place, type Volume, volume } from './volume'

const RECOGNITION_START = 32768
const RECOGNITION_STRIDE = 2048
const RECOGNITION_MAX = 64
const SECTOR_SIZES = [2048, 512, 4096, 1024]
const DESCRIPTORS_MAX = 64
/** ECMA-167 3/7.2.1 */
const TAG_VOLUME = 1
const TAG_ANCHOR = 2
const TAG_PARTITION = 5
const TAG_LOGICAL_VOLUME = 6
const TAG_END = 8
const TAG_INTEGRITY = 9
const TAG_BYTES = 16

interface Anchor {
  readonly sectorBytes: number
  readonly block: Bytes
  readonly places: readonly string[]
}

export async function recogniseUdf({ window }: Place): Promise<Volume | null> {
  const standard = await recognitionSequence(window)
  if (standard === null) return null
  const anchor = await findAnchor(window)
  const notes: string[] = []
  if (!anchor) {
    notes.push('its recognition sequence is there; an anchor is not')
    return volume(window, RECOGNITION_START, { type: 'udf', title: 'UDF', facts: { standard }, notes })
  }
  const { sectorBytes, block } = anchor
  const found = await readSequence(window, sectorBytes, block.u32(20), block.u32(16), notes)
  if (!found.has(TAG_VOLUME) || !found.has(TAG_LOGICAL_VOLUME)) {
    const reserve = await readSequence(window, sectorBytes, block.u32(28), block.u32(24), [])
    for (const [tag, descriptor] of reserve) found.set(tag, found.get(tag) ?? descriptor)
    notes.push('its main descriptors are not whole; the reserve is used')
  }
  return volume(window, RECOGNITION_START, await describe(window, anchor, standard, found, notes))
}

async function describe(
  window: DiskWindow,
  { sectorBytes, places }: Anchor,
  standard: string,
  found: ReadonlyMap<number, Bytes>,
  notes: string[],
): Promise<Parameters<typeof volume>[2]> {
  const [primary, logical, partition] = [TAG_VOLUME, TAG_LOGICAL_VOLUME, TAG_PARTITION].map((tag) => found.get(tag))
  const setId = primary ? dstring(primary, 72, 128) : ''
  // OSTA UDF 2.1.5.3: the revision is in the suffix of the domain's identifier, two digits a byte.
  const revision = logical?.has(217, '*OSTA UDF Compliant') ? logical.u16(240) : 0
  const integrity = logical ? await readTag(window, sectorBytes, logical.u32(436), TAG_INTEGRITY) : null
  return {
    type: 'udf',
    title: revision ? `UDF ${revision >> 8}.${(revision & 0xff).toString(16).padStart(2, '0')}` : 'UDF',
    label: logical ? dstring(logical, 84, 128) : null,
    uuid: uuidOf(setId),
    sizeBytes: partition ? (partition.u32(188) + partition.u32(192)) * sectorBytes : null,
    // ECMA-167 3/10.10.3: 0 = open, 1 = closed.
    isClean: integrity ? integrity.u32(28) === 1 : null,
    facts: {
      standard,
      sectorBytes,
      anchors: places.join(', '),
      ...(primary ? { volumeId: dstring(primary, 24, 32), volumeSetId: setId } : {}),
    },
    notes,
  }
}

/** 'NSR02' or 'NSR03'; null: it is not there. */
async function recognitionSequence(window: DiskWindow): Promise<string | null> {
  for (let index = 0; index < RECOGNITION_MAX; index++) {
    const piece = await window.read(RECOGNITION_START + index * RECOGNITION_STRIDE, 8)
    if (!piece) return null
    const id = piece.latin1(1, 5)
    if (id === 'NSR02' || id === 'NSR03') return id
    // Between descriptors of long sectors there are zeros; anything else ends the sequence.
    if (!['BEA01', 'BOOT2', 'CD001', 'CDW02', ''].includes(id)) return null
  }
  return null
}

async function findAnchor(window: DiskWindow): Promise<Anchor | null> {
  for (const sectorBytes of SECTOR_SIZES) {
    const last = Math.floor(window.sizeBytes / sectorBytes) - 1
    // ECMA-167 3/8.4.2.1: two of these three.
    const candidates = [
      ['sector 256', 256],
      ['the last but 256', last - 256],
      ['the last', last],
    ] as const
    let block: Bytes | null = null
    const places: string[] = []
    for (const [place, sector] of candidates) {
      const found = await readTag(window, sectorBytes, sector, TAG_ANCHOR)
      if (found) places.push(place)
      block ??= found
    }
    if (block) return { sectorBytes, block, places }
  }
  return null
}

/** The descriptors of an extent by their tags, the first of each. */
async function readSequence(
  window: DiskWindow,
  sectorBytes: number,
  start: number,
  bytes: number,
  notes: string[],
): Promise<Map<number, Bytes>> {
  const found = new Map<number, Bytes>()
  const count = Math.min(DESCRIPTORS_MAX, Math.floor(bytes / sectorBytes))
  for (let index = 0; index < count; index++) {
    const block = await readTag(window, sectorBytes, start + index, null)
    if (!block) {
      const raw = await window.read((start + index) * sectorBytes, sectorBytes)
      if (!raw || raw.isZero()) break
      notes.push(`the descriptor in sector ${start + index} is damaged`)
      continue
    }
    const tag = block.u16(0)
    if (tag === TAG_END) break
    if (!found.has(tag)) found.set(tag, block)
  }
  return found
}

/** A descriptor whose tag says that it is this one, at this place, with the right checksum and CRC. */
async function readTag(
  window: DiskWindow,
  sectorBytes: number,
  sector: number,
  tag: number | null,
): Promise<Bytes | null> {
  const block = sector >= 0 ? await window.read(sector * sectorBytes, sectorBytes) : null
  if (!block || block.u16(0) === 0 || (tag !== null && block.u16(0) !== tag) || block.u32(12) !== sector) return null
  let sum = 0
  for (let at = 0; at < TAG_BYTES; at++) if (at !== 4) sum += block.u8(at)
  const crcBytes = block.u16(10)
  if ((sum & 0xff) !== block.u8(4) || TAG_BYTES + crcBytes > block.length) return null
  return crc16(block.array.subarray(TAG_BYTES, TAG_BYTES + crcBytes)) === block.u16(8) ? block : null
}

/** ECMA-167 1/7.2.12, OSTA UDF 2.1.1: the first byte is 8 or 16 bits a character, the last one the length. */
function dstring(block: Bytes, at: number, length: number): string {
  const used = Math.min(block.u8(at + length - 1), length - 1)
  if (used < 2) return ''
  return block.u8(at) === 16 ? block.utf16be(at + 1, used - 1) : block.latin1(at + 1, used - 1)
}

/** mkudffs(8): the first 16 characters of the volume set identifier are the file system's, where they are hexadecimal digits. */
function uuidOf(setId: string): string | null {
  const first = setId.slice(0, 16).toLowerCase()
  return /^[0-9a-f]{16}$/.test(first) ? first : null
}
