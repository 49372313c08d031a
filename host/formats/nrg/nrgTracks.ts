// What the chunks say of tracks: where they are in the file, and of what sectors.

import { fromBcd, MODE2_BYTES, RAW_BYTES, SUBCHANNEL_BYTES } from '../../hardware/optical/cdSector'
import type { Storage, TrackKind } from '../cd/disc'

import type { ImageFile } from '../imageFile'
import type { NrgChunk } from './nrgChunks'

export interface NrgTrack {
  readonly kind: TrackKind
  readonly storage: Storage
  readonly isrc: string
  /** In the file: of the gap before it, of itself, and behind it. */
  readonly gapBytes: number
  readonly startBytes: number
  readonly endBytes: number
  /** Its first sector, when that is said here. */
  readonly lba: number | null
  readonly offsetBytes: number
}

export interface NrgPoint {
  readonly track: number
  readonly index: number
  readonly lba: number
}

const stored = (mainBytes: number, hasSubchannel = false): Storage => ({
  mainBytes,
  strideBytes: mainBytes + (hasSubchannel ? SUBCHANNEL_BYTES : 0),
  hasSubchannel,
})

/** By the number that Nero has for each. */
const MODES: ReadonlyMap<number, { readonly kind: TrackKind; readonly storage: Storage }> = new Map([
  [0x00, { kind: 'mode 1', storage: stored(2048) }],
  [0x02, { kind: 'mode 2', storage: { ...stored(2048), isForm1: true } }],
  [0x03, { kind: 'mode 2', storage: stored(MODE2_BYTES) }],
  [0x05, { kind: 'mode 1', storage: stored(RAW_BYTES) }],
  [0x06, { kind: 'mode 2', storage: stored(RAW_BYTES) }],
  [0x07, { kind: 'audio', storage: stored(RAW_BYTES) }],
  [0x0f, { kind: 'mode 1', storage: stored(RAW_BYTES, true) }],
  [0x10, { kind: 'audio', storage: stored(RAW_BYTES, true) }],
  [0x11, { kind: 'mode 2', storage: stored(RAW_BYTES, true) }],
])

const DAO_HEAD = 22

/** Of a disc that was written at once. */
export function daoTracks(file: ImageFile, { name, view, offsetBytes }: NrgChunk): NrgTrack[] {
  const isWide = name === 'DAOX'
  const entryBytes = isWide ? 42 : 30
  const count = entriesOf(file, { name, view, offsetBytes }, DAO_HEAD, entryBytes)
  return Array.from({ length: count }, (_, index) => {
    const at = DAO_HEAD + index * entryBytes
    const place = (number: number) =>
      isWide ? wide(file, view, at + 18 + 8 * number, offsetBytes) : view.getUint32(at + 18 + 4 * number)
    const mode = modeOf(file, view.getUint8(at + 14), offsetBytes)
    if (view.getUint16(at + 12) !== mode.storage.strideBytes) {
      throw file.damage(
        offsetBytes,
        `track ${index + 1} has ${view.getUint16(at + 12)} bytes a sector, and its mode ${mode.storage.strideBytes}`,
      )
    }
    const [gapBytes, startBytes, endBytes] = [place(0), place(1), place(2)]
    return { ...mode, isrc: textOf(view, at, 12), gapBytes, startBytes, endBytes, lba: null, offsetBytes }
  })
}

/** Of a disc that was written track by track. */
export function etnTracks(file: ImageFile, { name, view, offsetBytes }: NrgChunk): NrgTrack[] {
  const isWide = name === 'ETN2'
  const entryBytes = isWide ? 32 : 20
  const count = entriesOf(file, { name, view, offsetBytes }, 0, entryBytes)
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes
    const startBytes = isWide ? wide(file, view, at, offsetBytes) : view.getUint32(at)
    const bytes = isWide ? wide(file, view, at + 8, offsetBytes) : view.getUint32(at + 4)
    const mode = modeOf(file, view.getUint32(at + (isWide ? 16 : 8)), offsetBytes)
    const lba = view.getUint32(at + (isWide ? 20 : 12))
    return { ...mode, isrc: '', gapBytes: startBytes, startBytes, endBytes: startBytes + bytes, lba, offsetBytes }
  })
}

/** CUEX; what CUES says is in other units, and known from the tracks. */
export function cuePoints({ view }: NrgChunk): NrgPoint[] {
  return Array.from({ length: Math.floor(view.byteLength / 8) }, (_, entry) => ({
    track: view.getUint8(entry * 8 + 1) === 0xaa ? 0xaa : fromBcd(view.getUint8(entry * 8 + 1)),
    index: fromBcd(view.getUint8(entry * 8 + 2)),
    lba: view.getInt32(entry * 8 + 4),
  }))
}

export function textOf(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length)
  return String.fromCharCode(...bytes).replace(/[^A-Za-z0-9]/g, '')
}

function modeOf(file: ImageFile, code: number, offsetBytes: number): { kind: TrackKind; storage: Storage } {
  const mode = MODES.get(code)
  if (!mode) throw file.damage(offsetBytes, `a track has mode ${code}, which is none that is known`)
  return mode
}

function entriesOf(file: ImageFile, { name, view, offsetBytes }: NrgChunk, head: number, entryBytes: number): number {
  const count = (view.byteLength - head) / entryBytes
  if (!Number.isInteger(count) || count < 1 || count > 99) {
    throw file.damage(offsetBytes, `chunk ${name} has a length that fits no count of tracks: ${view.byteLength}`)
  }
  return count
}

function wide(file: ImageFile, view: DataView, at: number, offsetBytes: number): number {
  const value = Number(view.getBigUint64(at))
  if (Number.isSafeInteger(value)) return value
  throw file.damage(offsetBytes, 'it says that something is at a place that no file has')
}
