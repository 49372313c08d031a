// The leaves of a scenario file: sizes, durations, counts, ranges, ratios, switches.
//
// Every leaf says what it expects in words (the zod message is that text; parse.ts adds what was found and where), reads what a
// person writes (`64 KiB`, `3 ms`, `8-15`, `1/2000`, `off`) and gives the integer that the simulator wants.

import { z } from 'zod'
import type { Ratio } from '../faults/faultSpec'
import type { Kept } from '../hardware/survival'
import { parseBytes, parseDurationNs, UnitError } from '../sim/units'

const SIZE = 'a size such as 4 KiB, 1.5 GiB or 4096'
const DURATION = 'a duration with its unit, such as 120 µs, 8 ms or 1.5 s'

/** Runs `read` on a text or number; its UnitError becomes the issue. */
function quantity(expected: string, examples: string[], read: (text: string) => number) {
  return z
    .union([z.string(), z.number()], { error: expected })
    .meta({ description: expected, examples })
    .transform((value, context) => {
      try {
        return read(String(value))
      } catch (error) {
        if (!(error instanceof UnitError)) throw error
        context.addIssue({ code: 'custom', message: error.expected })
        return z.NEVER
      }
    })
}

/** Refuses by the words of `expected`. */
function refuse(found: string, expected: string): never {
  throw new UnitError(found, expected)
}

/** A size in bytes, at least `minBytes`. */
export const size = (minBytes = 1) =>
  quantity(SIZE, ['4 KiB', '16 MiB'], (text) => {
    const bytes = parseBytes(text)
    return bytes >= minBytes
      ? bytes
      : refuse(text, minBytes === 1 ? 'a size above 0' : `a size of at least ${minBytes} bytes`)
  })

/** As `size`, or `off`: 0. */
export const sizeOrOff = () =>
  quantity(`${SIZE}, or off`, ['100 MB', 'off'], (text) => {
    if (text === 'off') return 0
    const bytes = parseBytes(text)
    return bytes > 0 ? bytes : refuse(text, 'a size above 0, or off')
  })

/** As `size`, or `rest`: 0. */
export const sizeOrRest = () =>
  quantity(`${SIZE}, or rest`, ['8 MiB', 'rest'], (text) => {
    if (text === 'rest') return 0
    const bytes = parseBytes(text)
    return bytes > 0 ? bytes : refuse(text, 'a size above 0, or rest')
  })

/** A duration in ns; 0 needs no unit. */
export const duration = () => quantity(DURATION, ['120 µs', '3 ms', '1 s'], readDuration)

/** As `duration`, or `forever`: Infinity. */
export const durationOrForever = () =>
  quantity(`${DURATION}, or forever`, ['5 ms', 'forever'], (text) =>
    text === 'forever' ? Infinity : readDuration(text),
  )

/** A duration above 0 that is a whole number of `unitNs`, counted in them. */
export const durationIn = (unitNs: number, unitName: string) =>
  quantity(DURATION, ['500 ms', '2 s'], (text) => {
    const units = readDuration(text) / unitNs
    if (units > 0 && Number.isInteger(units) && units <= 0xffff_ffff) return units
    return refuse(text, `a whole number of ${unitName} above 0`)
  })

function readDuration(text: string): number {
  return text === '0' ? 0 : parseDurationNs(text)
}

/** An integer within bounds. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected })
}

/** YAML's true and false, and the words that people use for switches. */
export const onOff = () =>
  z
    .union([z.boolean(), z.enum(['on', 'off', 'yes', 'no'])], { error: 'on or off' })
    .transform((value) => value === true || value === 'on' || value === 'yes')

export interface LbaRange {
  readonly first: number
  readonly last: number
}

const LBA_RANGE = 'a sector such as 8, or a range of sectors such as 8-15'

/** `8` or `8-15`, both ends included. */
export const lbaRange = () =>
  z
    .union([z.string(), z.number()], { error: LBA_RANGE })
    .meta({ description: LBA_RANGE, examples: [8, '8-15'] })
    .transform((value, context): LbaRange => {
      const match = /^\s*(\d{1,15})\s*(?:-\s*(\d{1,15})\s*)?$/.exec(String(value))
      const first = Number(match?.[1])
      const last = match?.[2] === undefined ? first : Number(match[2])
      if (match && first <= last) return { first, last }
      context.addIssue({ code: 'custom', message: LBA_RANGE })
      return z.NEVER
    })

const KEPT = 'all, none, or numbers of sectors such as 0-7,9'

/** Which sectors of those that a power cut may keep persist. */
export const kept = () =>
  z
    .union([z.string(), z.number()], { error: KEPT })
    .meta({ description: KEPT, examples: ['all', 'none', '0-7,9'] })
    .transform((value, context): Kept => {
      const text = String(value).replaceAll(' ', '')
      if (text === 'all' || text === 'none') return text
      const runs = text.split(',').map((run) => /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(run))
      const numbers = runs.map((run): [number, number] => [Number(run?.[1]), Number(run?.[2] ?? run?.[1])])
      if (numbers.every(([first, last]) => first <= last)) return numbers
      context.addIssue({ code: 'custom', message: KEPT })
      return z.NEVER
    })

const RATIO = 'a ratio such as 1/2000'

/** `1/2000`: a probability, exact. */
export const ratio = () =>
  z
    .string({ error: RATIO })
    .meta({ description: RATIO, examples: ['1/2000'] })
    .transform((value, context): Ratio => {
      const match = /^\s*(\d{1,9})\s*\/\s*(\d{1,9})\s*$/.exec(value)
      const numerator = Number(match?.[1])
      const denominator = Number(match?.[2])
      if (match && denominator > 0 && numerator > 0 && numerator <= denominator) return { numerator, denominator }
      context.addIssue({ code: 'custom', message: `${RATIO}: above 0 and at most 1` })
      return z.NEVER
    })

/** A path, relative to the scenario file. */
export const path = () => z.string({ error: 'the path of a file' }).min(1, { error: 'the path of a file' })

/**
 * A map that names its kind by a key: exactly one of `keys` must be there. zod's discriminated unions want the kind in a value; with it
 * in the key a file reads as it is spoken: `pull: { bay: 1 }`.
 */
export function exactlyOne<T extends z.ZodObject>(object: T, ...groups: readonly (readonly string[])[]) {
  return object
    .meta({ allOf: groups.map((keys) => ({ oneOf: keys.map((key) => ({ required: [key] })) })) })
    .superRefine((value, context) => {
      for (const keys of groups) {
        const present = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined)
        if (present.length === 1) continue
        context.addIssue({
          code: 'custom',
          path: present.length > 1 ? [present[1]!] : [],
          message: `exactly one of ${keys.join(', ')}`,
          params: { found: present.length === 0 ? 'none of them' : present.join(' and ') },
        })
      }
    })
}
