// A name for an image by what is in it: equal images get equal names, so that making one twice gives the same file. Formats ask for a UUID
// that no other image has; RFC 9562, version 8, is one whose bits the maker chooses.

import { createHash } from 'node:crypto'

export class ContentId {
  readonly #hash = createHash('sha1')

  constructor(kind: string, diskBytes: number) {
    this.#hash.update(`${kind} ${diskBytes}\n`)
  }

  block(index: number, bytes: Uint8Array): void {
    this.#hash.update(`${index}:`).update(bytes)
  }

  /** A UUID as 16 bytes, and others of the same image by another `purpose`. */
  uuid(purpose = ''): Uint8Array {
    const bytes = new Uint8Array(this.#hash.copy().update(purpose).digest().subarray(0, 16))
    bytes[6] = (bytes[6]! & 0x0f) | 0x80
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    return bytes
  }
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
