// The segment files of a set, of which there may be thousands: opened when they are read, and only so many at a time.

import { ImageFile } from '../imageFile'

const OPEN_MAX = 64

export class SegmentFiles {
  readonly paths: string[] = []
  /** By index; the one used last is the last one. */
  readonly #open = new Map<number, ImageFile>()

  /** `index` counts from 0. */
  at(index: number): ImageFile {
    let file = this.#open.get(index)
    if (file) this.#open.delete(index)
    else file = ImageFile.open(this.paths[index]!)
    this.#open.set(index, file)
    if (this.#open.size > OPEN_MAX) this.#closeOldest()
    return file
  }

  close(): void {
    while (this.#open.size > 0) this.#closeOldest()
  }

  #closeOldest(): void {
    const [index, file] = this.#open.entries().next().value!
    this.#open.delete(index)
    file.close()
  }
}
