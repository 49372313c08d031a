// Reads the sectors of a disc as they are, or made whole: what an image leaves out of a raw sector is put there again.

import { DATA_BYTES, MODE2_BYTES, RAW_BYTES, SUBCHANNEL_BYTES } from '../../hardware/optical/cdSector'
import { putForm1, putMode1, putMode2 } from '../../hardware/optical/encodeSector'
import type { Disc, Stretch } from './disc'

/** So many are read from a file at once. */
const BATCH_SECTORS = 64

export class DiscSectors {
  constructor(private readonly disc: Disc) {}

  /** The stretch with this sector, which is in the disk. */
  stretchAt(sector: number): Stretch {
    const { stretches } = this.disc
    let [low, high] = [0, stretches.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (stretches[middle]!.startSector <= sector) low = middle
      else high = middle - 1
    }
    return stretches[low]!
  }

  /** Bytes of a disk of sectors of `sectorBytes`: raw ones, or those that are stored. */
  read(offsetBytes: number, into: Uint8Array, sectorBytes: number): void {
    for (let done = 0; done < into.length; ) {
      const sector = Math.floor((offsetBytes + done) / sectorBytes)
      const skip = offsetBytes + done - sector * sectorBytes
      const stretch = this.stretchAt(sector)
      const left = stretch.startSector + stretch.sectors - sector
      const count = Math.min(left, BATCH_SECTORS, Math.ceil((skip + into.length - done) / sectorBytes))
      const bytes = this.sectors(stretch, sector, count, sectorBytes).subarray(skip)
      const part = bytes.subarray(0, into.length - done)
      into.set(part, done)
      done += part.length
    }
  }

  /** Some sectors of one stretch, at most BATCH_SECTORS, as raw ones or as those that are stored. */
  sectors(stretch: Stretch, sector: number, count: number, sectorBytes: number): Uint8Array {
    const bytes = new Uint8Array(count * sectorBytes)
    const { stored } = stretch
    if (!stored) return bytes
    const first = sector - stretch.startSector
    const { file, mainBytes, strideBytes } = stored
    const packed = file.readBytes(stored.offsetBytes + first * strideBytes, count * strideBytes, 'sectors')
    if (mainBytes === sectorBytes && strideBytes === sectorBytes && !stored.isSwapped) return packed
    for (let index = 0; index < count; index++) {
      const main = packed.subarray(index * strideBytes, index * strideBytes + mainBytes)
      const whole = bytes.subarray(index * sectorBytes, (index + 1) * sectorBytes)
      if (mainBytes === sectorBytes) whole.set(main)
      else complete(stretch, stretch.lba + first + index, main, whole)
      if (stored.isSwapped) swap(whole)
    }
    return bytes
  }

  /** The subchannel of a sector, one channel behind the other, or all of them mixed as they are on the disc; null: there is none. */
  subchannel(sector: number): { readonly bytes: Uint8Array; readonly isMixed: boolean } | null {
    const ownFile = this.disc.subchannelFile?.file
    if (ownFile) {
      const at = sector * SUBCHANNEL_BYTES
      if (at + SUBCHANNEL_BYTES > ownFile.sizeBytes) return null
      return { bytes: ownFile.readBytes(at, SUBCHANNEL_BYTES, 'subchannel'), isMixed: false }
    }
    const stretch = this.stretchAt(sector)
    const { stored } = stretch
    if (!stored?.hasSubchannel) return null
    const at = stored.offsetBytes + (sector - stretch.startSector) * stored.strideBytes + stored.mainBytes
    return { bytes: stored.file.readBytes(at, SUBCHANNEL_BYTES, 'subchannel'), isMixed: true }
  }
}

function complete({ kind, stored }: Stretch, lba: number, main: Uint8Array, whole: Uint8Array): void {
  if (main.length === MODE2_BYTES) putMode2(whole, lba, main)
  else if (main.length !== DATA_BYTES) throw new Error(`sectors of ${main.length} bytes`)
  else if (kind === 'mode 2' && stored?.isForm1) putForm1(whole, lba, main)
  else putMode1(whole, lba, main)
}

function swap(bytes: Uint8Array): void {
  for (let at = 0; at + 1 < RAW_BYTES; at += 2) {
    const high = bytes[at]!
    bytes[at] = bytes[at + 1]!
    bytes[at + 1] = high
  }
}
