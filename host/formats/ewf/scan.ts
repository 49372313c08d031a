// Walks the sections of all segment files of a set, once, when it is opened: descriptors and headers, no chunks.
//
// Damage does not end the walk where what is left is still sure to be right. A lost section may have been a table, and then the numbers
// of all chunks behind it are unknown: from there on they are lost. Without the end of the set, or with a damaged `error2`, it is not known which
// sectors were unread.

import { existsSync } from 'node:fs'
import { DamagedImage } from '../damagedImage'
import { ImageInputError } from '../imageInputError'
import { UnreadRanges } from '../unreadRanges'
import { isSummed } from './adler32'
import { bridge } from './bridge'
import { ChunkTables, readTable } from './chunkTables'
import { type Digests, readDigests } from './digests'
import { readError2 } from './error2'
import { type HeaderValues, readHeaderValues } from './headerValues'
import { difference, type Media, readMedia } from './media'
import { FILE_HEADER_BYTES, isLast, readFileHeader, readSection, type Section } from './sections'
import { SegmentFiles } from './segmentFiles'
import { segmentCountMax, segmentPath } from './segmentNames'

/** Far more than the 2^32 chunks of the format need in tables of 16375. */
const TABLES_MAX = 400_000
/** [EWF] Session section: a header of 36 bytes, entries of 32. */
const SESSION_HEADER_BYTES = 36
const SESSION_ENTRY_BYTES = 32

export interface ScannedSet {
  readonly files: SegmentFiles
  readonly media: Media
  readonly diskBytes: number
  readonly tables: ChunkTables
  readonly headers: HeaderValues
  readonly unread: UnreadRanges
  /** Which sectors were unread cannot be said. */
  readonly isUnreadUnknown: boolean
  readonly digests: readonly { readonly digests: Digests; readonly segment: number; readonly startBytes: number }[]
  readonly sessionCount: number | null
  readonly problems: readonly DamagedImage[]
}

export function scanSet(firstPath: string): ScannedSet {
  const files = new SegmentFiles()
  try {
    return new Scan(firstPath, files).run()
  } catch (error) {
    files.close()
    throw error
  }
}

class Scan {
  readonly problems: DamagedImage[] = []
  private readonly tables: ChunkTables
  private readonly digests: { digests: Digests; segment: number; startBytes: number }[] = []
  private media: Media | null = null
  private headers: HeaderValues = new Map()
  private unread = new UnreadRanges(new Float64Array())
  private isUnreadUnknown = false
  private sessionCount: number | null = null
  /** The sections of the chunks that no table was seen for yet, and the table that waits for its copy. */
  private sectors: Section | null = null
  private openTable: Section | null = null
  /** The first copy was damaged, and the second one is not here yet. */
  private damagedTable: DamagedImage | null = null
  /** How many tables there were when the first damaged descriptor was passed over. */
  private tablesBeforeBridge: number | null = null

  constructor(
    private readonly firstPath: string,
    private readonly files: SegmentFiles,
  ) {
    this.tables = new ChunkTables(files)
  }

  run(): ScannedSet {
    const isWhole = this.walkSegments()
    if (!this.media) throw this.problems[0] ?? new DamagedImage(this.firstPath, 0, 'no section describes the disk')
    const { files, media, tables, headers, unread, digests, sessionCount, problems } = this
    if (media.type === 0x0e) {
      throw new ImageInputError(`${this.firstPath} holds logical files (L01), not the sectors of a disk`)
    }
    if (media.sectorCount === 0) throw new DamagedImage(this.firstPath, 0, 'the disk has no sectors')
    const diskBytes = media.sectorCount * media.sectorBytes
    // As a section was passed over, the tables must have all chunks: else one of them was lost, and those behind it have wrong numbers.
    if (this.tablesBeforeBridge !== null && !this.hasAllChunks()) tables.cut(this.tablesBeforeBridge)
    const isUnreadUnknown = this.isUnreadUnknown || !isWhole
    return { files, media, diskBytes, tables, headers, unread, isUnreadUnknown, digests, sessionCount, problems }
  }

  /** Whether the last segment and its end are there. */
  private walkSegments(): boolean {
    const countMax = segmentCountMax(this.firstPath)
    for (let number = 1; number <= countMax; number++) {
      const path = segmentPath(this.firstPath, number)
      if (number > 1 && !existsSync(path)) {
        this.problems.push(new DamagedImage(path, 0, `segment ${number} of the image is missing`))
        return false
      }
      this.files.paths.push(path)
      try {
        if (this.walk(number - 1) === 'done') return true
      } catch (error) {
        if (!(error instanceof DamagedImage)) throw error
        this.problems.push(error)
        return false
      }
    }
    this.problems.push(new DamagedImage(this.firstPath, 0, `no segment of ${countMax} is the last one`))
    return false
  }

  /** The type of the last section. Throws a DamagedImage where sections may be lost. */
  private walk(segment: number): string {
    const file = this.files.at(segment)
    const number = readFileHeader(file)
    if (number !== segment + 1) {
      if (segment === 0) {
        throw new ImageInputError(`${file.path} is segment ${number} of an image; open the first one`)
      }
      throw file.damage(9, `this is segment ${number}, expected ${segment + 1}`)
    }
    this.sectors = null
    this.openTable = null
    let at = FILE_HEADER_BYTES
    for (;;) {
      const section = this.sectionAt(segment, at)
      if (section.type !== 'table2') this.loseDamagedTable()
      this.take(segment, section)
      at = section.endBytes
      if (!isLast(section.type)) continue
      if (at < file.sizeBytes) this.problems.push(file.damage(at, 'there is more behind the last section of the file'))
      return section.type
    }
  }

  /** One whose descriptor is damaged is what its neighbours say. */
  private sectionAt(segment: number, at: number): Section {
    const file = this.files.at(segment)
    try {
      return readSection(file, at)
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      const { sectors, openTable: table } = this
      const isLastFile = this.digests.some((one) => one.segment === segment)
      const section = bridge(file, at, { sectors, table, isLastFile })
      if (!section) throw error
      this.problems.push(error)
      this.tablesBeforeBridge ??= this.tables.tables.length
      return section
    }
  }

  private hasAllChunks(): boolean {
    const { media, tables } = this
    return media !== null && tables.chunkCount === Math.ceil(media.sectorCount / media.sectorsPerChunk)
  }

  private take(segment: number, section: Section): void {
    const file = this.files.at(segment)
    switch (section.type) {
      case 'sectors':
        this.sectors = section
        break
      case 'table':
      case 'table2':
        this.takeTable(segment, section)
        break
      case 'volume':
      case 'disk':
      case 'data':
        this.takeMedia(segment, section)
        break
      case 'header':
      case 'header2':
        this.attempt(() => {
          const values = readHeaderValues(file, section)
          // header2 comes first, and has all characters.
          this.headers = new Map([...values, ...this.headers])
        })
        break
      case 'hash':
      case 'digest':
        this.attempt(() => {
          const digests = readDigests(file, section)
          this.digests.push({ digests, segment, startBytes: section.startBytes })
        })
        break
      case 'error2':
        this.takeError2(segment, section)
        break
      case 'session':
        this.attempt(() => this.takeSession(segment, section))
        break
      default: // Of other versions, and about no sector.
    }
  }

  private attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      this.problems.push(error)
    }
  }

  private takeMedia(segment: number, section: Section): void {
    const file = this.files.at(segment)
    let other: string | null = null
    this.attempt(() => {
      const media = readMedia(file, section)
      other = this.media && difference(this.media, media)
      this.media ??= media
    })
    if (other === null) return
    const damage = file.damage(section.startBytes, `section ${section.type}: ${other}`)
    // A file of another set: its chunks are none of this disk's.
    if (segment > 0) throw damage
    this.problems.push(damage)
  }

  private takeTable(segment: number, section: Section): void {
    const file = this.files.at(segment)
    const isFirst = section.type === 'table'
    if (!isFirst && !this.openTable && !this.damagedTable) throw file.damage(section.startBytes, 'table2 has no table')
    if (this.tables.tables.length >= TABLES_MAX) throw file.damage(section.startBytes, 'more tables than are believed')
    try {
      const copy = readTable(file, section, this.sectors !== null)
      if (isFirst || this.damagedTable) {
        const dataStartBytes = this.sectors?.dataBytes ?? copy.entriesBytes + copy.count * 4
        const dataEndBytes = (this.sectors ?? section).endBytes
        this.tables.add({ segment, count: copy.count, copies: [copy], dataStartBytes, dataEndBytes })
      } else {
        const { count } = this.tables.tables.at(-1)!
        if (count !== copy.count)
          throw file.damage(section.startBytes, `table2 has ${copy.count} entries, not ${count}`)
        this.tables.addCopy(copy)
      }
      this.openTable = isFirst ? section : null
      this.damagedTable = null
    } catch (error) {
      if (!(error instanceof DamagedImage)) throw error
      this.problems.push(error)
      // Both copies: how many chunks there were is not known.
      if (this.damagedTable) throw error
      if (isFirst) this.damagedTable = error
    }
  }

  /** No table2 came to help. */
  private loseDamagedTable(): void {
    this.openTable = null
    const damaged = this.damagedTable
    this.damagedTable = null
    if (damaged) throw new DamagedImage(damaged.file, damaged.fileOffsetBytes, 'the table has no copy: chunks are lost')
  }

  private takeError2(segment: number, section: Section): void {
    this.isUnreadUnknown = true
    this.attempt(() => {
      if (!this.media) return
      const { sectorBytes, sectorCount } = this.media
      this.unread = readError2(this.files.at(segment), section, sectorBytes, sectorCount * sectorBytes)
      this.isUnreadUnknown = false
    })
  }

  private takeSession(segment: number, section: Section): void {
    const file = this.files.at(segment)
    const wrong = (what: string) => file.damage(section.startBytes, `section session: ${what}`)
    const header = file.readBytes(section.dataBytes, SESSION_HEADER_BYTES, 'the header of the sessions')
    if (!isSummed(header, SESSION_HEADER_BYTES - 4)) throw wrong('the checksum of its header is wrong')
    const count = new DataView(header.buffer).getUint32(0, true)
    const length = count * SESSION_ENTRY_BYTES
    if (count > 0xffff || section.dataBytes + SESSION_HEADER_BYTES + length + 4 > section.endBytes) {
      throw wrong(`${count} sessions are more than it has room for`)
    }
    const entries = file.readBytes(section.dataBytes + SESSION_HEADER_BYTES, length + 4, 'the sessions')
    if (!isSummed(entries, length)) throw wrong('the checksum of its entries is wrong')
    this.sessionCount = count
  }
}
