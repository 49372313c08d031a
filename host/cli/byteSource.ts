// A file as a ByteSource: read where the simulation asks, so that a 64 GiB image needs no memory.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ByteSource } from '../scenario/runTypes'

export class FileByteSource implements ByteSource {
  readonly byteLength: number
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
    this.byteLength = fstatSync(this.#descriptor).size
  }

  read(offsetBytes: number, target: Uint8Array): number {
    let done = 0
    while (done < target.length) {
      const count = readSync(this.#descriptor, target, done, target.length - done, offsetBytes + done)
      if (count === 0) break
      done += count
    }
    return done
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
