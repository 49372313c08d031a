// Options of a new image, looked at: a mistake is told with what would be right.

import type { NewImage } from '../format'
import { ImageInputError } from '../imageInputError'

/** One of `values`; the first one when nothing was asked for. */
export function choiceOption<Choice extends string>(image: NewImage, name: string, values: readonly Choice[]): Choice {
  const asked = image.options.get(name)
  if (asked === undefined) return values[0]!
  const choice = values.find((value) => value === asked)
  if (choice !== undefined) return choice
  throw new ImageInputError(`option ${name}=${asked}: expected ${values.join(', ')}`)
}

export interface SizeRange {
  readonly usual: number
  readonly min: number
  readonly max: number
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 }

/** A power of two in bytes, or with K, M or G. */
export function powerOfTwoOption(image: NewImage, name: string, { usual, min, max }: SizeRange): number {
  const asked = image.options.get(name)
  if (asked === undefined) return usual
  const [, digits, unit] = /^(\d{1,12})([KMG]?)$/i.exec(asked) ?? []
  const bytes = Number(digits) * UNITS[(unit ?? '').toUpperCase()]!
  if (bytes >= min && bytes <= max && Number.isInteger(Math.log2(bytes))) return bytes
  throw new ImageInputError(`option ${name}=${asked}: expected a power of two from ${min} to ${max}, such as ${usual}`)
}

/** These formats count in sectors of 512 bytes. */
export function requireSectors({ diskBytes }: NewImage, format: string, bytesMax: number): void {
  if (diskBytes % 512 !== 0) {
    throw new ImageInputError(
      `${format} holds whole sectors of 512 bytes; a disk of ${diskBytes} bytes ends inside one`,
    )
  }
  if (diskBytes > bytesMax) {
    throw new ImageInputError(`${format} holds ${bytesMax} bytes at most; the disk has ${diskBytes}`)
  }
}
