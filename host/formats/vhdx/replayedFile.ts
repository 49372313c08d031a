// A file as it would be if the writes of its log had been carried out. The file itself is left alone.

import { ByteSource } from '../blocks/byteSource'
import type { DamagedImage } from '../damagedImage'
import type { Replay } from './log'

const PAGE_BYTES = 4096

export class ReplayedFile extends ByteSource {
  readonly path: string
  readonly sizeBytes: number
  readonly #zeros: { readonly start: number; readonly end: number }[] = []
  /** By the number of the page; newer than all zeros. */
  readonly #pages = new Map<number, Uint8Array>()

  constructor(
    private readonly file: ByteSource,
    replay: Replay,
  ) {
    super()
    this.path = file.path
    let end = Math.max(file.sizeBytes, replay.fileBytes)
    for (const { offsetBytes, lengthBytes, bytes } of replay.writes) {
      end = Math.max(end, offsetBytes + lengthBytes)
      if (bytes) this.#pages.set(offsetBytes / PAGE_BYTES, bytes)
      else this.#addZeros(offsetBytes, offsetBytes + lengthBytes)
    }
    this.sizeBytes = end
  }

  #addZeros(start: number, end: number): void {
    for (const page of this.#pages.keys()) {
      if (page * PAGE_BYTES >= start && page * PAGE_BYTES < end) this.#pages.delete(page)
    }
    this.#zeros.push({ start, end })
  }

  protected fill(offsetBytes: number, into: Uint8Array, what: string): void {
    const end = offsetBytes + into.length
    // What the log adds to the file is zeros, unless it says otherwise.
    const inFile = Math.max(0, Math.min(into.length, this.file.sizeBytes - offsetBytes))
    if (inFile > 0) this.file.readInto(offsetBytes, into.subarray(0, inFile), what)
    into.fill(0, inFile)
    for (const zeros of this.#zeros) {
      const [from, to] = [Math.max(zeros.start, offsetBytes), Math.min(zeros.end, end)]
      if (from < to) into.fill(0, from - offsetBytes, to - offsetBytes)
    }
    for (let page = Math.floor(offsetBytes / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      const bytes = this.#pages.get(page)
      if (!bytes) continue
      const start = page * PAGE_BYTES
      const [from, to] = [Math.max(start, offsetBytes), Math.min(start + PAGE_BYTES, end)]
      into.set(bytes.subarray(from - start, to - start), from - offsetBytes)
    }
  }

  damage(offsetBytes: number, text: string): DamagedImage {
    return this.file.damage(offsetBytes, text)
  }

  close(): void {
    this.file.close()
  }
}
