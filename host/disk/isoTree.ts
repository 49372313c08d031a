// The files on an ISO 9660 volume: names as Rock Ridge has them, or Joliet, or else the plain ones; sizes; links. ECMA-119 9.1 (directory records).
//
// Directories are read in the order of their depth, each extent once: a directory that contains itself ends the way there, not the list.
// Not promised: files in several extents with gaps between them (ECMA-119 6.4.3), extended attributes, volumes of several disks.

import type { Bytes } from './bytes'
import { DiskWindow, LookedEnough } from './diskWindow'
import { ISO_SECTOR_BYTES, readIsoDescriptors, rootRecord } from './isoDescriptors'
import { hasRockRidge, type RockRidge, readRockRidge } from './rockRidge'
import type { SectorReader } from './sectorReader'

export interface IsoFile {
  /** Without a slash in front; directories end with one. */
  readonly path: string
  readonly isDirectory: boolean
  readonly sizeBytes: number
  /** Where a symbolic link leads. */
  readonly link: string | null
  /** ISO 8601, UTC. */
  readonly modified: string | null
}

export interface IsoListing {
  readonly names: 'Rock Ridge' | 'Joliet' | 'ISO 9660'
  readonly files: readonly IsoFile[]
  readonly notes: readonly string[]
}

const FILES_MAX = 500_000
const DEPTH_MAX = 128
/** All paths together. */
const PATHS_LENGTH_MAX = 64 << 20
const DIRECTORY_BYTES_MAX = 64 << 20
/** ECMA-119 9.1.6 */
const FLAG_DIRECTORY = 0x02
const FLAG_GOES_ON = 0x80

interface Folder {
  readonly path: string
  readonly depth: number
  readonly block: number
  readonly length: number
}

/** Directories and continuations of names, all together. */
const LIMIT_BYTES = 1 << 30

/** Null: no ISO 9660 volume begins there. */
export async function listIso(reader: SectorReader, startBytes: number): Promise<IsoListing | null> {
  const window = DiskWindow.whole(reader, LIMIT_BYTES).part(startBytes, reader.diskBytes)
  const descriptors = await readIsoDescriptors(window)
  if (!descriptors) return null
  const isRockRidge = await hasRockRidge(window, descriptors.primary)
  const names = isRockRidge ? 'Rock Ridge' : descriptors.joliet ? 'Joliet' : 'ISO 9660'
  const root = rootRecord(names === 'Joliet' ? descriptors.joliet! : descriptors.primary)
  const walk = new Walk(window, names)
  await walk.from({ path: '', depth: 0, block: root.u32(2), length: root.u32(10) })
  return { names, files: walk.files, notes: [...walk.notes, ...window.unreadable] }
}

class Walk {
  readonly files: IsoFile[] = []
  readonly notes: string[] = []
  readonly #window: DiskWindow
  readonly #names: IsoListing['names']
  readonly #queue: Folder[] = []
  readonly #seen = new Set<number>()
  #pathsLength = 0

  constructor(window: DiskWindow, names: IsoListing['names']) {
    this.#window = window
    this.#names = names
  }

  async from(root: Folder): Promise<void> {
    this.#queue.push(root)
    try {
      for (let next = 0; next < this.#queue.length; next++) await this.#readFolder(this.#queue[next]!)
    } catch (error) {
      if (!(error instanceof LookedEnough)) throw error
      this.#note(error.message)
    }
  }

  #note(text: string): void {
    if (this.notes.length < 20) this.notes.push(text)
  }

  async #readFolder({ path, depth, block, length }: Folder): Promise<void> {
    const name = path === '' ? 'the root directory' : path
    if (this.#seen.has(block)) return this.#note(`${name} is a directory that was read already`)
    this.#seen.add(block)
    if (depth > DEPTH_MAX) return this.#note(`${name} lies deeper than ${DEPTH_MAX} directories`)
    if (length > DIRECTORY_BYTES_MAX) return this.#note(`${name} has an impossible length, ${length} bytes`)
    const bytes = await this.#window.read(block * ISO_SECTOR_BYTES, length)
    if (!bytes) return this.#note(`${name} lies beyond the end of the disk`)
    let earlierBytes = 0
    for (const record of recordsOf(bytes)) {
      const goesOn = (record.u8(25) & FLAG_GOES_ON) !== 0
      earlierBytes += record.u32(10)
      // ECMA-119 9.1.6: all but the last extent of a file have the flag.
      if (goesOn) continue
      await this.#add(record, { path, depth, block, length }, earlierBytes)
      earlierBytes = 0
    }
  }

  async #add(record: Bytes, folder: Folder, sizeBytes: number): Promise<void> {
    const idLength = record.u8(32)
    // ECMA-119 6.8.2.2: a single byte 0 is the directory itself, 1 the one above.
    if (idLength === 1 && record.u8(33) <= 1) return
    const rock = this.#names === 'Rock Ridge' ? await readRockRidge(this.#window, systemUse(record, idLength)) : null
    if (rock?.isRelocated) return
    const name = this.#nameOf(record, idLength, rock)
    const isDirectory = (record.u8(25) & FLAG_DIRECTORY) !== 0 || typeof rock?.childBlock === 'number'
    const path = `${folder.path}${name}${isDirectory ? '/' : ''}`
    this.#pathsLength += path.length
    if (this.files.length >= FILES_MAX || this.#pathsLength > PATHS_LENGTH_MAX) {
      throw new LookedEnough('there are more files than are listed')
    }
    const block = rock?.childBlock ?? record.u32(2)
    const length = typeof rock?.childBlock === 'number' ? await this.#lengthAt(block) : record.u32(10)
    this.files.push({
      path,
      isDirectory,
      sizeBytes: isDirectory ? length : sizeBytes,
      link: rock?.link ?? null,
      modified: shortTime(record),
    })
    if (isDirectory) this.#queue.push({ path, depth: folder.depth + 1, block, length })
  }

  /** Of a directory that lies elsewhere: its own first record says it. */
  async #lengthAt(block: number): Promise<number> {
    const record = await this.#window.read(block * ISO_SECTOR_BYTES, 34)
    return record ? record.u32(10) : 0
  }

  #nameOf(record: Bytes, idLength: number, rock: RockRidge | null): string {
    if (rock && rock.name !== '') return rock.name
    const id = this.#names === 'Joliet' ? record.utf16be(33, idLength) : record.latin1(33, idLength)
    // ECMA-119 7.5.1: name, dot, extension, semicolon, version.
    return id.replace(/;\d*$/, '').replace(/\.$/, '')
  }
}

/** Records do not cross sectors: a length of 0 says that the next one begins in the next sector. */
function* recordsOf(directory: Bytes): Generator<Bytes> {
  for (let at = 0; at + 34 <= directory.length; ) {
    const length = directory.u8(at)
    if (length === 0) {
      at = (Math.floor(at / ISO_SECTOR_BYTES) + 1) * ISO_SECTOR_BYTES
      continue
    }
    const record = directory.slice(at, length)
    if (length >= 34 && record.length === length && 33 + record.u8(32) <= length) yield record
    at += length
  }
}

function systemUse(record: Bytes, idLength: number): Bytes {
  const start = 33 + idLength + (idLength % 2 === 0 ? 1 : 0)
  return record.slice(start, record.length - start)
}

/** ECMA-119 9.1.5: seven bytes, the last one the offset from Greenwich in quarters of an hour. */
function shortTime(record: Bytes): string | null {
  const [year, month, day, hour, minute, second, quarters] = record.array.subarray(18, 25) as unknown as number[]
  if (month === 0) return null
  const offsetMs = ((quarters! << 24) >> 24) * 15 * 60_000
  const ms = Date.UTC(1900 + year!, month! - 1, day, hour, minute, second) - offsetMs
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
