// Sums of a disk, as text beside an image: SHA-256 of all of it, of each chunk, and of the files that it is in.
//
//   # platterlab sums 1
//   # disk 10485760 bytes in sectors of 512
//   # sha256 <of the disk>
//   # unread 1048576 512                 <a stretch that could not be read: where, how long; its bytes count as zeros>
//   # chunks of 4194304
//   # 0 <sha256 of the chunk that begins there>
//   # 4194304 <...>
//   # file 5242880 disk.001              <how long it is>
//   <sha256>  disk.001
//   # end <sha256 of all lines above>
//
// For `sha256sum -c` all lines with # are remarks, and the others the files that it checks. The last line tells damage of the sums from
// damage of the image.

import { createHash } from 'node:crypto'
import { DamagedImage } from '../damagedImage'
import { UnreadRanges } from '../unreadRanges'

export const SHA256_BYTES = 32

export interface FileSum {
  /** Without a folder: it is where the sums are. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface Sums {
  readonly diskBytes: number
  readonly sectorBytes: number
  readonly sha256: string
  readonly unread: UnreadRanges
  readonly chunkBytes: number
  /** One digest after the other. */
  readonly chunks: Uint8Array
  /** May be none. */
  readonly files: readonly FileSum[]
}

const TITLE = '# platterlab sums 1'
const HEX = '[0-9a-f]{64}'

export const hexOf = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

export const chunkCountOf = ({ diskBytes, chunkBytes }: Pick<Sums, 'diskBytes' | 'chunkBytes'>): number =>
  Math.ceil(diskBytes / chunkBytes)

export function sumsText(sums: Sums): Buffer {
  const lines = [TITLE, `# disk ${sums.diskBytes} bytes in sectors of ${sums.sectorBytes}`, `# sha256 ${sums.sha256}`]
  for (let range = sums.unread.after(0); range; range = sums.unread.after(range.endBytes)) {
    lines.push(`# unread ${range.startBytes} ${range.endBytes - range.startBytes}`)
  }
  lines.push(`# chunks of ${sums.chunkBytes}`)
  for (let chunk = 0; chunk < chunkCountOf(sums); chunk++) {
    const digest = sums.chunks.subarray(chunk * SHA256_BYTES, (chunk + 1) * SHA256_BYTES)
    lines.push(`# ${chunk * sums.chunkBytes} ${hexOf(digest)}`)
  }
  for (const { name, bytes, sha256 } of sums.files) lines.push(`# file ${bytes} ${name}`, `${sha256}  ${name}`)
  const text = Buffer.from(`${lines.join('\n')}\n`)
  return Buffer.concat([text, Buffer.from(`# end ${createHash('sha256').update(text).digest('hex')}\n`)])
}

/** Throws a DamagedImage; `path` is named in it. */
export function parseSums(text: Buffer, path: string): Sums {
  const end = text.lastIndexOf('\n# end ') + 1
  const last = text.subarray(end).toString('latin1')
  const sum = new RegExp(`^# end (${HEX})\n$`).exec(last)?.[1]
  if (sum === undefined) throw new DamagedImage(path, text.length, 'the sums do not end as they should')
  const body = text.subarray(0, end)
  if (createHash('sha256').update(body).digest('hex') !== sum) {
    throw new DamagedImage(path, 0, 'the sums are damaged: their own sum is wrong')
  }
  return new Parser(body, path).parse()
}

/** Line by line: there may be a million of them. What is wrong here was written wrong, or by somebody who made a sum for it. */
class Parser {
  #at = 0

  constructor(
    private readonly text: Buffer,
    private readonly path: string,
  ) {}

  parse(): Sums {
    this.#expect(/^# platterlab sums 1$/)
    const [diskBytes, sectorBytes] = this.#numbers(this.#expect(/^# disk (\d+) bytes in sectors of (\d+)$/))
    const [sha256] = this.#expect(new RegExp(`^# sha256 (${HEX})$`))
    const unread = this.#unread(diskBytes!)
    const [chunkBytes] = this.#numbers(this.#expect(/^# chunks of (\d+)$/))
    if (chunkBytes! < 1 || sectorBytes! < 1) throw this.#wrong('chunks and sectors of no bytes')
    const chunks = this.#chunks(diskBytes!, chunkBytes!)
    const files: FileSum[] = []
    while (this.#at < this.text.length) {
      const [bytes, name] = this.#expect(/^# file (\d+) ([^/]+)$/)
      const [fileSum, again] = this.#expect(new RegExp(`^(${HEX}) {2}([^/]+)$`))
      if (name !== again || name === '.' || name === '..') throw this.#wrong(`a file called ${name}`)
      files.push({ name: name!, bytes: this.#numbers([bytes!])[0]!, sha256: fileSum! })
    }
    return {
      diskBytes: diskBytes!,
      sectorBytes: sectorBytes!,
      sha256: sha256!,
      unread,
      chunkBytes: chunkBytes!,
      chunks,
      files,
    }
  }

  #unread(diskBytes: number): UnreadRanges {
    const pairs: number[] = []
    for (;;) {
      const found = /^# unread (\d+) (\d+)$/.exec(this.#line())
      if (!found) return new UnreadRanges(Float64Array.from(pairs))
      const [start, length] = this.#numbers(found.slice(1)) as [number, number]
      if (length < 1 || start + length > diskBytes) throw this.#wrong('an unread stretch that is not on the disk')
      pairs.push(start, start + length)
      this.#next()
    }
  }

  #chunks(diskBytes: number, chunkBytes: number): Uint8Array {
    const count = chunkCountOf({ diskBytes, chunkBytes })
    // Looked at before it is allocated: each one has a line.
    if (count * 2 * SHA256_BYTES > this.text.length) throw this.#wrong(`${count} chunks are more than there are lines`)
    const chunks = new Uint8Array(count * SHA256_BYTES)
    const pattern = new RegExp(`^# (\\d+) (${HEX})$`)
    for (let chunk = 0; chunk < count; chunk++) {
      const [start, digest] = this.#expect(pattern)
      if (Number(start) !== chunk * chunkBytes) throw this.#wrong(`expected the chunk at ${chunk * chunkBytes}`)
      chunks.set(Buffer.from(digest!, 'hex'), chunk * SHA256_BYTES)
    }
    return chunks
  }

  #expect(pattern: RegExp): string[] {
    const found = pattern.exec(this.#line())
    if (!found) throw this.#wrong(`found ${JSON.stringify(this.#line().slice(0, 80))}`)
    this.#next()
    return found.slice(1)
  }

  #line(): string {
    const end = this.text.indexOf(10, this.#at)
    return this.text.subarray(this.#at, end === -1 ? this.text.length : end).toString('utf8')
  }

  #next(): void {
    const end = this.text.indexOf(10, this.#at)
    this.#at = end === -1 ? this.text.length : end + 1
  }

  #numbers(texts: readonly string[]): number[] {
    const numbers = texts.map(Number)
    if (numbers.every(Number.isSafeInteger)) return numbers
    throw this.#wrong('a number that is too large')
  }

  #wrong(text: string): DamagedImage {
    return new DamagedImage(this.path, this.#at, `these are no sums: ${text}`)
  }
}
