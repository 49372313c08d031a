// The names of segment files: .E01 to .E99, then .EAA, .EAB, ... .EZZ, .FAA, ... .ZZZ ([EWF] Segment file extensions). SMART's begin with S, and
// small letters stay small.

import { ImageInputError } from '../imageInputError'

const LETTERS = 26
const NUMBERED = 99

const codeOf = (letter: string): number => letter.charCodeAt(0)
const isSmall = (letter: string): boolean => letter >= 'a'

/** How many files a set can have whose first one ends like this one. */
export function segmentCountMax(firstPath: string): number {
  const first = firstLetter(firstPath)
  const last = isSmall(first) ? 'z' : 'Z'
  return NUMBERED + (codeOf(last) - codeOf(first) + 1) * LETTERS * LETTERS
}

/** `segmentNumber` counts from 1. */
export function segmentPath(firstPath: string, segmentNumber: number): string {
  const stem = firstPath.slice(0, -3)
  const first = firstLetter(firstPath)
  if (segmentNumber <= NUMBERED) return `${stem}${first}${String(segmentNumber).padStart(2, '0')}`
  const index = segmentNumber - NUMBERED - 1
  const small = codeOf(isSmall(first) ? 'a' : 'A')
  const letters = [
    codeOf(first) + Math.floor(index / LETTERS ** 2),
    small + (Math.floor(index / LETTERS) % LETTERS),
    small + (index % LETTERS),
  ]
  return stem + String.fromCharCode(...letters)
}

/** Throws an ImageInputError when a set cannot begin with this name. */
export function firstLetter(firstPath: string): string {
  const letter = /\.([a-z])01$/i.exec(firstPath)?.[1]
  if (letter === undefined) {
    throw new ImageInputError(`${firstPath}: the first file of an EWF image has to end in .E01 (or .e01, .s01)`)
  }
  return letter
}
