// Positioned access to one file of an image.

import { closeSync, fstatSync } from 'node:fs'
import { ByteSource } from './blocks/byteSource'
import { DamagedImage } from './damagedImage'
import { ImageInputError } from './imageInputError'
import { openFile, readUpTo } from './openFile'

export class ImageFile extends ByteSource {
  readonly path: string
  readonly sizeBytes: number
  readonly #descriptor: number

  private constructor(path: string, descriptor: number, sizeBytes: number) {
    super()
    this.path = path
    this.#descriptor = descriptor
    this.sizeBytes = sizeBytes
  }

  static open(path: string): ImageFile {
    const descriptor = openFile(path, 'an image')
    const stats = fstatSync(descriptor)
    if (stats.isFile()) return new ImageFile(path, descriptor, stats.size)
    closeSync(descriptor)
    throw new ImageInputError(`${path} is no regular file`)
  }

  protected fill(offsetBytes: number, into: Uint8Array): void {
    const got = readUpTo(this.#descriptor, offsetBytes, into)
    if (got < into.length) throw this.damage(offsetBytes + got, 'the file has become shorter')
  }

  damage(offsetBytes: number, text: string): DamagedImage {
    return new DamagedImage(this.path, offsetBytes, text)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
