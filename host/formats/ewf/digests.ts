// The digests of the whole disk: `digest` (MD5 and SHA-1, EnCase 6.12 on) and `hash` (MD5). [EWF] Digest section, Hash section.

import type { ImageFile } from '../imageFile'
import { isSummed, putSum } from './adler32'
import type { Section } from './sections'

export interface Digests {
  /** In hexadecimal; null: not there, or all zeros, which means the same. */
  readonly md5: string | null
  readonly sha1: string | null
}

const MD5_BYTES = 16
const SHA1_BYTES = 20
export const DIGEST_BYTES = 80
export const HASH_BYTES = 36

export function readDigests(file: ImageFile, section: Section): Digests {
  const length = section.type === 'digest' ? DIGEST_BYTES : HASH_BYTES
  const wrong = (what: string) => file.damage(section.startBytes, `section ${section.type}: ${what}`)
  if (section.endBytes - section.dataBytes !== length) throw wrong(`${length} bytes expected`)
  const bytes = file.readBytes(section.dataBytes, length, `section ${section.type}`)
  if (!isSummed(bytes, length - 4)) throw wrong('its checksum is wrong')
  const md5 = hexOf(bytes.subarray(0, MD5_BYTES))
  const sha1 = section.type === 'digest' ? hexOf(bytes.subarray(MD5_BYTES, MD5_BYTES + SHA1_BYTES)) : null
  return { md5, sha1 }
}

export function digestData(md5: Uint8Array, sha1: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES)
  bytes.set(md5)
  bytes.set(sha1, MD5_BYTES)
  putSum(bytes, DIGEST_BYTES - 4)
  return bytes
}

export function hashData(md5: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES)
  bytes.set(md5)
  putSum(bytes, HASH_BYTES - 4)
  return bytes
}

function hexOf(bytes: Uint8Array): string | null {
  return bytes.every((byte) => byte === 0) ? null : Buffer.from(bytes).toString('hex')
}
