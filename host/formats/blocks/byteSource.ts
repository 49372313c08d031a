// What the tables of an image are read from: a file, or a file as a log in it says that it ought to be. Hostile images name places that do
// not exist: a read outside the source is damage, told with its place, and no table is allocated larger than what it is in.

import type { DamagedImage } from '../damagedImage'

export abstract class ByteSource {
  abstract readonly path: string
  abstract readonly sizeBytes: number

  abstract damage(offsetBytes: number, text: string): DamagedImage
  abstract close(): void

  /** Of a range that is inside. */
  protected abstract fill(offsetBytes: number, into: Uint8Array, what: string): void

  /** Throws a DamagedImage when not all of it is inside the file. `what` names it in the message. */
  readInto(offsetBytes: number, into: Uint8Array, what: string): void {
    this.#refuseOutside(offsetBytes, into.length, what)
    this.fill(offsetBytes, into, what)
  }

  readBytes(offsetBytes: number, length: number, what: string): Uint8Array {
    // Looked at before it is allocated.
    this.#refuseOutside(offsetBytes, length, what)
    const bytes = new Uint8Array(length)
    this.fill(offsetBytes, bytes, what)
    return bytes
  }

  #refuseOutside(offsetBytes: number, length: number, what: string): void {
    const isInside =
      Number.isSafeInteger(offsetBytes) && offsetBytes >= 0 && length >= 0 && offsetBytes + length <= this.sizeBytes
    if (isInside) return
    throw this.damage(offsetBytes, `${what} of ${length} bytes lies outside the file, which has ${this.sizeBytes}`)
  }
}
