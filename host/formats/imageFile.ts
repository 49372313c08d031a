// Positioned access to one file of an image. Hostile images name places that do not exist: a read outside the file is damage, told with its
// place, and no table is allocated larger than the file that it is in.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { DamagedImage } from './damagedImage'
import { ImageInputError } from './imageInputError'

export class ImageFile {
  readonly path: string
  readonly sizeBytes: number
  readonly #descriptor: number

  private constructor(path: string, descriptor: number, sizeBytes: number) {
    this.path = path
    this.#descriptor = descriptor
    this.sizeBytes = sizeBytes
  }

  static open(path: string): ImageFile {
    let descriptor: number
    try {
      descriptor = openSync(path, 'r')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new ImageInputError(code === 'ENOENT' ? `${path} does not exist` : `cannot open ${path}: ${message}`)
    }
    const stats = fstatSync(descriptor)
    if (stats.isFile()) return new ImageFile(path, descriptor, stats.size)
    closeSync(descriptor)
    throw new ImageInputError(`${path} is no regular file`)
  }

  /** Throws a DamagedImage when not all of it is inside the file. `what` names it in the message. */
  readInto(offsetBytes: number, into: Uint8Array, what: string): void {
    const end = offsetBytes + into.length
    if (!(Number.isSafeInteger(offsetBytes) && offsetBytes >= 0 && end <= this.sizeBytes)) {
      throw this.damage(
        offsetBytes,
        `${what} of ${into.length} bytes lies outside the file, which has ${this.sizeBytes}`,
      )
    }
    let done = 0
    while (done < into.length) {
      const got = readSync(this.#descriptor, into, done, into.length - done, offsetBytes + done)
      if (got === 0) throw this.damage(offsetBytes + done, 'the file has become shorter')
      done += got
    }
  }

  readBytes(offsetBytes: number, length: number, what: string): Uint8Array {
    // Looked at before it is allocated.
    if (!(length >= 0 && offsetBytes >= 0 && offsetBytes + length <= this.sizeBytes)) {
      throw this.damage(offsetBytes, `${what} of ${length} bytes lies outside the file, which has ${this.sizeBytes}`)
    }
    const bytes = new Uint8Array(length)
    this.readInto(offsetBytes, bytes, what)
    return bytes
  }

  damage(offsetBytes: number, text: string): DamagedImage {
    return new DamagedImage(this.path, offsetBytes, text)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
