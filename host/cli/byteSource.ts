// A file as a ByteSource: read where the simulation asks, so that a 64 GiB image needs no memory.

import { closeSync, fstatSync, openSync } from 'node:fs'
import { readUpTo } from '../formats/openFile'
import type { ByteSource } from '../scenario/runTypes'

export class FileByteSource implements ByteSource {
  readonly byteLength: number
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
    this.byteLength = fstatSync(this.#descriptor).size
  }

  read(offsetBytes: number, target: Uint8Array): number {
    return readUpTo(this.#descriptor, offsetBytes, target)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
