// Names of other files in a sheet. A sheet comes from elsewhere: its folders are not ours, and it must not choose any file of this machine. So
// a name is looked for in the sheet's own folder, and below it.

import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A name as it is in the sheet, or without its folders, or in other letters; where there is none, the first of these, to say what is missing. */
export function pathBeside(sheet: string, name: string): string {
  const folder = dirname(sheet)
  const parts = name.split(/[\\/]/)
  const isBelow = !parts.includes('..') && !/^([\\/]|[A-Za-z]:)/.test(name)
  const last = parts.at(-1)!
  const wanted = join(folder, isBelow ? join(...parts) : last)
  if (existsSync(wanted)) return wanted
  const beside = readdirSync(folder).find((other) => other.toLowerCase() === last.toLowerCase())
  return beside === undefined ? wanted : join(folder, beside)
}

/** The sheet's name with another ending. */
export function besideWithEnding(sheet: string, ending: string): string {
  return pathBeside(sheet, `${basename(sheet).replace(/\.[^.]*$/, '')}.${ending}`)
}
