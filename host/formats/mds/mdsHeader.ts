// The descriptor of an Alcohol 120% image, version 1. There is no published specification; the layout is the one that libmirage documents
// (image-mds.h). All numbers have the low byte first.
//
//   header, 88:   'MEDIA DESCRIPTOR', 16 version (2), 18 medium (2), 20 sessions (2), 80 where the session blocks are (4)
//   session, 24:  0 first sector (4), 4 end (4), 8 number (2), 10 blocks (1), 12 first track (2), 14 last track (2), 20 where the blocks are (4)
//   block, 80:    0 mode, 1 subchannel, 2 ADR and control, 4 point, 12 extra block (4), 16 bytes a sector (2), 36 first sector (4),
//                 40 offset in the file (8), 48 files (4), 52 where their names are (4)
//   extra, 8:     0 gap before the track (4), 4 its sectors (4)
//   footer, 16:   0 where the name is (4), 4 whether in 16-bit characters (4)

import type { ImageFile } from '../imageFile'

export const MDS_SIGNATURE = 'MEDIA DESCRIPTOR'
const HEADER_BYTES = 88
const SESSION_BYTES = 24
const BLOCK_BYTES = 80
const FOOTER_BYTES = 16
const NAME_BYTES_MAX = 4096
/** Sizes of discs of DVDs and of measurements of their surface are in it, and some 100 KiB. */
const MDS_BYTES_MAX = 8 << 20
const DVD = 0x10

export interface MdsTrack {
  readonly number: number
  readonly session: number
  readonly mode: number
  readonly subchannel: number
  readonly sectorBytes: number
  readonly lba: number
  readonly offsetBytes: number
  readonly names: readonly string[]
  /** null: of a DVD, whose files are all of it. */
  readonly length: { readonly gapSectors: number; readonly sectors: number } | null
  /** Of its block, in the descriptor. */
  readonly blockBytes: number
}

export interface Mds {
  readonly isDvd: boolean
  readonly tracks: readonly MdsTrack[]
  readonly sessions: readonly { readonly number: number; readonly firstTrack: number; readonly lastTrack: number }[]
}

export function readMds(file: ImageFile): Mds {
  if (file.sizeBytes > MDS_BYTES_MAX) throw file.damage(0, `it is no descriptor: it has ${file.sizeBytes} bytes`)
  return new MdsReader(file).read()
}

class MdsReader {
  readonly #view: DataView

  constructor(private readonly file: ImageFile) {
    this.#view = new DataView(file.readBytes(0, file.sizeBytes, 'the descriptor').buffer)
  }

  read(): Mds {
    this.#need(0, HEADER_BYTES, 'the header')
    const version = this.#view.getUint8(16)
    if (this.#text(0, 16) !== MDS_SIGNATURE) throw this.file.damage(0, 'it does not begin with its signature')
    if (version !== 1) throw this.file.damage(16, `it is of version ${version}: version 1 is read`)
    const isDvd = this.#view.getUint16(18, true) >= DVD
    const start = this.#view.getUint32(80, true)
    const sessions: Mds['sessions'][number][] = []
    const tracks: MdsTrack[] = []
    for (let session = 0; session < this.#view.getUint16(20, true); session++) {
      const at = start + session * SESSION_BYTES
      this.#need(at, SESSION_BYTES, 'a session')
      const number = this.#view.getUint16(at + 8, true)
      const [firstTrack, lastTrack] = [this.#view.getUint16(at + 12, true), this.#view.getUint16(at + 14, true)]
      sessions.push({ number, firstTrack, lastTrack })
      const blocks = this.#view.getUint32(at + 20, true)
      for (let block = 0; block < this.#view.getUint8(at + 10); block++) {
        const track = this.#block(blocks + block * BLOCK_BYTES, number, isDvd)
        if (track) tracks.push(track)
        // 99 is the last number that a track can have.
        if (tracks.length > 99) throw this.file.damage(blocks, 'it has more than 99 tracks')
      }
    }
    return { isDvd, tracks, sessions }
  }

  /** null: of the lead-in, no track. */
  #block(at: number, session: number, isDvd: boolean): MdsTrack | null {
    this.#need(at, BLOCK_BYTES, 'a track')
    const view = this.#view
    const number = view.getUint8(at + 4)
    if (number < 1 || number > 99) return null
    const extra = view.getUint32(at + 12, true)
    if (!isDvd) this.#need(extra, 8, 'the length of a track')
    return {
      number,
      session,
      mode: view.getUint8(at) & 7,
      subchannel: view.getUint8(at + 1),
      sectorBytes: view.getUint16(at + 16, true),
      lba: view.getUint32(at + 36, true),
      offsetBytes: this.#wide(at + 40),
      names: this.#names(view.getUint32(at + 52, true), view.getUint32(at + 48, true), at),
      length: isDvd ? null : { gapSectors: view.getUint32(extra, true), sectors: view.getUint32(extra + 4, true) },
      blockBytes: at,
    }
  }

  #names(at: number, count: number, block: number): string[] {
    if (count < 1 || count > 99) throw this.file.damage(block + 48, `a track is in ${count} files`)
    return Array.from({ length: count }, (_, index) => {
      const footer = at + index * FOOTER_BYTES
      this.#need(footer, FOOTER_BYTES, 'where a name is')
      return this.#name(this.#view.getUint32(footer, true), this.#view.getUint32(footer + 4, true) !== 0)
    })
  }

  /** Up to a zero. */
  #name(at: number, isWide: boolean): string {
    const step = isWide ? 2 : 1
    let text = ''
    for (let place = at; place < at + NAME_BYTES_MAX; place += step) {
      this.#need(place, step, 'the name of a file')
      const code = isWide ? this.#view.getUint16(place, true) : this.#view.getUint8(place)
      if (code === 0) return text
      text += String.fromCharCode(code)
    }
    throw this.file.damage(at, 'the name of a file has no end')
  }

  #wide(at: number): number {
    const value = Number(this.#view.getBigUint64(at, true))
    if (Number.isSafeInteger(value)) return value
    throw this.file.damage(at, 'a track begins where no file has a place')
  }

  #text(at: number, length: number): string {
    return String.fromCharCode(...new Uint8Array(this.#view.buffer, at, length))
  }

  #need(at: number, bytes: number, what: string): void {
    if (at + bytes > this.#view.byteLength) throw this.file.damage(at, `${what} lies outside the descriptor`)
  }
}
