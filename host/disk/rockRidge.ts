// Names, links and kinds that Rock Ridge adds to directory records: "System Use Sharing Protocol" (IEEE P1281, here SUSP) and "Rock Ridge
// Interchange Protocol" (IEEE P1282, here RRIP).
//
//   0       2        3         4
//   +-------+--------+---------+------
//   | sign. | length | version | data ...        one entry after the other; CE names another area that goes on with them
//   +-------+--------+---------+------

import type { Bytes } from './bytes'
import type { DiskWindow } from './diskWindow'
import { ISO_SECTOR_BYTES, rootRecord } from './isoDescriptors'

/** Continuations of one record, as a chain of CE may come back to itself; and how long one may be. */
const CONTINUATIONS_MAX = 32
const AREA_BYTES_MAX = 64 << 10
const NAME_LENGTH_MAX = 4096
/** RRIP 4.1.1, POSIX: kinds of files in a mode. */
const MODE_KIND = 0o170000
const MODE_LINK = 0o120000

export interface RockRidge {
  /** '' = the record has no name of its own. */
  readonly name: string
  /** Where a symbolic link leads. */
  readonly link: string | null
  /** RRIP 4.1.5.1: the directory is elsewhere, at this block. */
  readonly childBlock: number | null
  /** RRIP 4.1.5.3: this directory is shown elsewhere. */
  readonly isRelocated: boolean
}

interface Entry {
  readonly signature: string
  readonly data: Bytes
}

/** SUSP 5.3: the first record of the root begins with SP when the volume follows the protocol; ER or RR says which extension. */
export async function hasRockRidge(window: DiskWindow, primary: Bytes): Promise<boolean> {
  const start = rootRecord(primary).u32(2) * ISO_SECTOR_BYTES
  const sector = await window.read(start, ISO_SECTOR_BYTES)
  if (!sector || sector.u8(0) < 34) return false
  const entries = await entriesOf(window, sector.slice(34, sector.u8(0) - 34))
  if (entries[0]?.signature !== 'SP') return false
  return entries.some(({ signature, data }) => {
    if (signature === 'RR' || signature === 'PX') return true
    return signature === 'ER' && data.length > 4 && /^(RRIP|IEEE_P?1282)/.test(data.latin1(4, data.u8(0)))
  })
}

export async function readRockRidge(window: DiskWindow, systemUse: Bytes): Promise<RockRidge> {
  let [name, link, mode] = ['', '', 0]
  let childBlock: number | null = null
  let isRelocated = false
  const entries = await entriesOf(window, systemUse)
  const parts: string[] = []
  for (const { signature, data } of entries) {
    if (signature === 'NM' && name.length < NAME_LENGTH_MAX) name += data.text(1, data.length - 1)
    if (signature === 'PX' && data.length >= 4) mode = data.u32(0)
    if (signature === 'SL') parts.push(...linkParts(data))
    if (signature === 'CL' && data.length >= 4) childBlock = data.u32(0)
    if (signature === 'RE') isRelocated = true
  }
  link = parts.join('').replace(/\/$/, '') || '/'
  return { name, link: (mode & MODE_KIND) === MODE_LINK ? link : null, childBlock, isRelocated }
}

/** RRIP 4.1.3.1: components with flags; bit 0: goes on in the next one, 1: '.', 2: '..', 3: the root. */
function linkParts(data: Bytes): string[] {
  const parts: string[] = []
  for (let at = 1; at + 2 <= data.length; at += 2 + data.u8(at + 1)) {
    const flags = data.u8(at)
    const text = flags & 2 ? '.' : flags & 4 ? '..' : flags & 8 ? '' : data.text(at + 2, data.u8(at + 1))
    parts.push(flags & 1 ? text : `${text}/`)
  }
  return parts
}

async function entriesOf(window: DiskWindow, systemUse: Bytes): Promise<Entry[]> {
  const entries: Entry[] = []
  let area: Bytes | null = systemUse
  for (let count = 0; area && count <= CONTINUATIONS_MAX; count++) {
    const next = addEntries(entries, area)
    area = next && next.length <= AREA_BYTES_MAX ? await window.read(next.at, next.length) : null
  }
  return entries
}

/** Returns the area that CE names. */
function addEntries(entries: Entry[], area: Bytes): { at: number; length: number } | null {
  let next: { at: number; length: number } | null = null
  for (let at = 0; at + 4 <= area.length; ) {
    const length = area.u8(at + 2)
    const signature = area.latin1(at, 2)
    if (length < 4 || at + length > area.length || signature === 'ST') break
    const data = area.slice(at + 4, length - 4)
    // SUSP 5.1: block, offset and length, each in both orders.
    if (signature === 'CE' && length >= 28)
      next = { at: data.u32(0) * ISO_SECTOR_BYTES + data.u32(8), length: data.u32(16) }
    else entries.push({ signature, data })
    at += length
  }
  return next
}
