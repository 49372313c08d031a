// Images in memory, for what does not depend on a format: each stretch is data, zeros, unread or damaged, and answers may come later.

import { DamagedImage } from '../../host/formats/damagedImage'
import type { DiskImage, Extent, ExtentKind, ImageWriter } from '../../host/formats/format'
import { rawFormat } from '../../host/formats/raw/rawFormat'

export interface Piece {
  readonly kind: ExtentKind | 'damaged'
  readonly bytes: number
}

export class MemoryImage implements DiskImage {
  readonly format = rawFormat
  readonly files = ['memory']
  readonly details = []
  readonly diskBytes: number
  readonly content: Uint8Array
  isClosed = false

  constructor(
    readonly pieces: readonly Piece[],
    readonly sectorBytes = 512,
    private readonly isLate = false,
  ) {
    this.diskBytes = pieces.reduce((sum, { bytes }) => sum + bytes, 0)
    this.content = new Uint8Array(this.diskBytes)
    this.each((kind, start, end) => {
      if (kind === 'data' || kind === 'damaged') for (let at = start; at < end; at++) this.content[at] = (at % 251) + 1
    })
  }

  extentAt(offsetBytes: number): Extent {
    let found: Extent = { kind: 'data', endBytes: this.diskBytes }
    this.each((kind, start, endBytes) => {
      if (start <= offsetBytes && offsetBytes < endBytes) found = { kind: kind === 'damaged' ? 'data' : kind, endBytes }
    })
    return found
  }

  read(offsetBytes: number, into: Uint8Array): void | Promise<void> {
    const fill = (): void => {
      this.each((kind, start, end) => {
        if (kind === 'damaged' && start < offsetBytes + into.length && end > offsetBytes) {
          throw new DamagedImage('memory', start, 'a wrong sum')
        }
      })
      into.set(this.content.subarray(offsetBytes, offsetBytes + into.length))
    }
    if (!this.isLate) return fill()
    return new Promise((resolve) => setImmediate(resolve)).then(fill)
  }

  async check(): Promise<void> {}

  close(): void {
    this.isClosed = true
  }

  private each(visit: (kind: Piece['kind'], start: number, end: number) => void): void {
    let at = 0
    for (const { kind, bytes } of this.pieces) {
      visit(kind, at, at + bytes)
      at += bytes
    }
  }
}

/** Holds its caller to what ImageWriter promises to a format. */
export class MemoryWriter implements ImageWriter {
  readonly content: Uint8Array
  readonly unreadBytes: [start: number, end: number][] = []
  state: 'open' | 'finished' | 'abandoned' = 'open'
  private end = 0
  private isBusy = false

  constructor(
    diskBytes: number,
    private readonly options: { readonly isLate?: boolean; readonly fullAt?: number } = {},
  ) {
    this.content = new Uint8Array(diskBytes)
  }

  write(offsetBytes: number, bytes: Uint8Array): void | Promise<void> {
    this.begin(offsetBytes, bytes.length)
    if (this.end > (this.options.fullAt ?? Infinity)) throw new Error('no space left')
    if (!this.options.isLate) {
      this.content.set(bytes, offsetBytes)
      return
    }
    this.isBusy = true
    return new Promise((resolve) => setImmediate(resolve)).then(() => {
      this.content.set(bytes, offsetBytes)
      this.isBusy = false
    })
  }

  unread(offsetBytes: number, lengthBytes: number): void {
    this.begin(offsetBytes, lengthBytes)
    const last = this.unreadBytes.at(-1)
    if (last?.[1] === offsetBytes) last[1] += lengthBytes
    else this.unreadBytes.push([offsetBytes, offsetBytes + lengthBytes])
  }

  async finish(): Promise<void> {
    this.state = 'finished'
  }

  abandon(): void {
    this.state = 'abandoned'
  }

  private begin(offsetBytes: number, lengthBytes: number): void {
    if (this.isBusy) throw new Error('two calls at a time')
    if (offsetBytes < this.end) throw new Error('calls must ascend')
    this.end = offsetBytes + lengthBytes
    if (this.end > this.content.length) throw new Error('behind the disk')
  }
}
