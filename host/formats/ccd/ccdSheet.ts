// The sheet of a CloneCD image: sections of `name = value`, as in Windows' INI files. There is no published specification; the names are those
// that libmirage documents (image-ccd.h): the entries of the table of contents as a drive gives them (MMC-6, READ TOC, format 2).

import type { ImageFile } from '../imageFile'

export type Section = ReadonlyMap<string, string>

export interface CcdEntry {
  readonly session: number
  /** A track, or 0xa0 first track, 0xa1 last track, 0xa2 lead-out. */
  readonly point: number
  readonly control: number
  readonly lba: number
  readonly minute: number
}

export interface CcdSheet {
  readonly version: string
  readonly catalog: string
  readonly entries: readonly CcdEntry[]
  readonly tracks: ReadonlyMap<number, Section>
}

const SECTIONS_MAX = 1000

export function parseCcd(file: ImageFile, text: string): CcdSheet {
  const sections = parseSections(file, text)
  if (!sections.has('clonecd')) throw file.damage(0, 'it has no section [CloneCD]')
  const disc = sections.get('disc') ?? new Map<string, string>()
  const entries: CcdEntry[] = []
  const tracks = new Map<number, Section>()
  for (const [name, section] of sections) {
    const [, kind, number] = /^(entry|track) (\d+)$/.exec(name) ?? []
    if (kind === 'track') tracks.set(Number(number), section)
    if (kind !== 'entry') continue
    const value = (key: string) => numberIn(file, section, name, key)
    entries.push({
      session: value('session'),
      point: value('point'),
      control: value('control'),
      lba: value('plba'),
      minute: value('pmin'),
    })
  }
  const count = Number(disc.get('tocentries'))
  if (count !== entries.length)
    throw file.damage(0, `it is to have ${disc.get('tocentries')} entries, and has ${entries.length}`)
  return { version: sections.get('clonecd')!.get('version') ?? '', catalog: disc.get('catalog') ?? '', entries, tracks }
}

function parseSections(file: ImageFile, text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let current: Map<string, string> | null = null
  let offset = 0
  for (const line of text.split('\n')) {
    const trimmed = line.replace(/^\ufeff/, '').trim()
    const name = /^\[(.+)\]$/.exec(trimmed)?.[1]
    const [, key, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(trimmed) ?? []
    if (name !== undefined) {
      current = new Map()
      sections.set(name.toLowerCase().replace(/\s+/g, ' '), current)
      if (sections.size > SECTIONS_MAX) throw file.damage(offset, `it has more than ${SECTIONS_MAX} sections`)
    } else if (key !== undefined && current) current.set(key.toLowerCase().replace(/\s+/g, ' '), value!)
    else if (trimmed !== '') throw file.damage(offset, `it is neither a section nor a value: ${trimmed.slice(0, 40)}`)
    offset += line.length + 1
  }
  return sections
}

/** Decimal, or hexadecimal with 0x. */
export function numberIn(file: ImageFile, section: Section, name: string, key: string): number {
  const text = section.get(key)
  if (text !== undefined && /^(-?\d{1,9}|0x[0-9a-f]{1,8})$/i.test(text)) return Number(text)
  throw file.damage(0, `[${name}] has no number ${key}: ${text ?? 'nothing'}`)
}
