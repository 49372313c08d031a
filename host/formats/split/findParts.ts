// Which files a split image consists of, and how long each one should be: by its sums where there are any, by their names otherwise.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DamagedImage } from '../damagedImage'
import { ImageInputError } from '../imageInputError'
import type { Sums } from '../sums/sums'
import { PartNames } from './partNames'

export interface Part {
  readonly path: string
  /** Of the disk. */
  readonly startBytes: number
  readonly bytes: number
  /** Of all of the file, if it is known. */
  readonly sha256: string | null
}

export function partsBySums(firstPath: string, sums: Sums, sumsPath: string): Part[] {
  const folder = dirname(firstPath)
  let at = 0
  const parts = sums.files.map(({ name, bytes, sha256 }): Part => {
    const part = { path: join(folder, name), startBytes: at, bytes, sha256 }
    at += bytes
    return part
  })
  if (parts.length === 0 || at !== sums.diskBytes) {
    throw new DamagedImage(sumsPath, 0, `the files of the sums have ${at} bytes, and the disk ${sums.diskBytes}`)
  }
  return parts
}

/** Throws a DamagedImage where a part must be missing: all that follows would be at the wrong place. */
export function partsByName(firstPath: string): Part[] {
  const names = PartNames.from(firstPath)
  if (!names) {
    throw new ImageInputError(`${firstPath}: the first part of a split image ends in .001, .000, .00 or .aa, say`)
  }
  if (names.before !== null && existsSync(names.before)) {
    throw new ImageInputError(`${firstPath}: ${names.before} comes before it; open that one`)
  }
  const parts: Part[] = []
  let at = 0
  for (let index = 0; ; index++) {
    const plain = index < names.countMax ? names.at(index) : null
    const path = [plain, names.grownAt(index)].find((name) => name !== null && existsSync(name))
    if (typeof path !== 'string') break
    const bytes = statSync(path).size
    parts.push({ path, startBytes: at, bytes, sha256: null })
    at += bytes
  }
  refuseGap(firstPath, names, parts)
  refuseLengths(parts)
  return parts
}

function refuseGap(firstPath: string, names: PartNames, parts: readonly Part[]): void {
  const folder = dirname(firstPath)
  const found = new Set(parts.map(({ path }) => basename(path)))
  const missed = readdirSync(folder).find((name) => names.isPart(name) && !found.has(name))
  if (missed === undefined) return
  throw new DamagedImage(names.at(parts.length), 0, `this part is missing, or ${missed} is none of the image`)
}

/** All tools make parts of one length, but for the last one. */
function refuseLengths(parts: readonly Part[]): void {
  const [first] = parts
  const last = parts.at(-1)
  for (const part of parts) {
    const isOdd = part === last ? part.bytes > first!.bytes : part.bytes !== first!.bytes
    if (!isOdd) continue
    throw new DamagedImage(
      part.path,
      part.bytes,
      `this part has ${part.bytes} bytes, and the first one ${first!.bytes}`,
    )
  }
}
