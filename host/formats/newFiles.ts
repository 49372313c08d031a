// The files of an image in the making: written as NAME.partial, and renamed when all is whole, so that what has the name is a whole image.

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { ImageInputError } from './imageInputError'

export class NewFile {
  readonly path: string
  readonly #descriptor: number
  #isOpen = true

  constructor(path: string) {
    this.path = path
    try {
      this.#descriptor = openSync(`${path}.partial`, 'w+')
    } catch (error) {
      throw new ImageInputError(`cannot make ${path}.partial: ${(error as Error).message}`)
    }
  }

  /** Also behind its end: what lies between is a hole. */
  write(offsetBytes: number, bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offsetBytes + done)
    }
  }

  get descriptor(): number {
    return this.#descriptor
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#descriptor)
    this.#isOpen = false
  }
}

export class NewFiles {
  readonly #files: NewFile[] = []

  create(path: string): NewFile {
    const file = new NewFile(path)
    this.#files.push(file)
    return file
  }

  /** In the order in which they were made, but the first one, by which the image is opened, last. */
  commit(): void {
    const [first, ...others] = this.#files
    for (const file of [...others, ...(first ? [first] : [])]) {
      file.close()
      renameSync(`${file.path}.partial`, file.path)
    }
  }

  abandon(): void {
    for (const file of this.#files) {
      file.close()
      rmSync(`${file.path}.partial`, { force: true })
    }
  }
}
