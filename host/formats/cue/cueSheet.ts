// Reads the text of a cue sheet (CDRWIN User's Guide, "Cue sheet commands"): what it says, in order, and nothing about what the files hold.

import { FRAMES_A_SECOND } from '../../hardware/optical/cdSector'

import { DamagedImage } from '../damagedImage'

export interface CueFile {
  readonly name: string
  /** BINARY, MOTOROLA, WAVE, ... */
  readonly type: string
  readonly offsetBytes: number
}

export interface CueIndex {
  readonly number: number
  /** From the beginning of its file. */
  readonly frames: number
  /** By its number in the sheet. */
  readonly file: number
  readonly offsetBytes: number
}

export interface CueTrack {
  readonly number: number
  readonly type: string
  readonly offsetBytes: number
  readonly indexes: CueIndex[]
  pregapFrames: number
  postgapFrames: number
  isrc: string
  readonly flags: string[]
  title: string
  performer: string
}

export interface CueSheet {
  readonly path: string
  readonly files: readonly CueFile[]
  readonly tracks: readonly CueTrack[]
  readonly catalog: string
  readonly title: string
  readonly performer: string
}

/** Words, and strings in quotation marks. */
const WORDS = /"[^"]*"|\S+/g

export function parseCueSheet(path: string, text: string): CueSheet {
  const parser = new CueParser(path)
  let offset = 0
  for (const line of text.split('\n')) {
    parser.line(line, offset)
    offset += line.length + 1
  }
  return parser.sheet()
}

class CueParser {
  readonly #files: CueFile[] = []
  readonly #tracks: CueTrack[] = []
  readonly #texts = { catalog: '', title: '', performer: '' }
  #offset = 0

  constructor(private readonly path: string) {}

  sheet(): CueSheet {
    this.#offset = 0
    if (this.#tracks.length === 0) throw this.#damage('the sheet has no track')
    return { path: this.path, files: this.#files, tracks: this.#tracks, ...this.#texts }
  }

  line(line: string, offset: number): void {
    this.#offset = offset
    const [command, ...words] = (line.match(WORDS) ?? []).map((word) => word.replace(/^"([^"]*)"$/, '$1'))
    if (command === undefined) return
    const name = command.toUpperCase()
    const act = Object.hasOwn(this.#commands, name) ? this.#commands[name] : undefined
    if (!act) throw this.#damage(`no command of a cue sheet: ${command}`)
    act(words)
  }

  readonly #commands: Readonly<Record<string, (words: readonly string[]) => void>> = {
    REM: () => {},
    CDTEXTFILE: () => {},
    SONGWRITER: () => {},
    FILE: (words) => this.#file(words),
    TRACK: (words) => this.#startTrack(words),
    INDEX: (words) => this.#index(words),
    PREGAP: ([time]) => {
      this.#track.pregapFrames = this.#time(time)
    },
    POSTGAP: ([time]) => {
      this.#track.postgapFrames = this.#time(time)
    },
    CATALOG: ([number]) => {
      this.#texts.catalog = this.#matching(number, /^\d{13}$/, 'a catalog number has 13 digits')
    },
    ISRC: ([code]) => {
      this.#track.isrc = this.#matching(code, /^[A-Z0-9]{5}\d{7}$/i, 'an ISRC has 5 letters or digits and 7 digits')
    },
    FLAGS: (flags) => {
      this.#track.flags.push(...flags)
    },
    TITLE: (words) => {
      const named = this.#tracks.at(-1) ?? this.#texts
      named.title = words.join(' ')
    },
    PERFORMER: (words) => {
      const named = this.#tracks.at(-1) ?? this.#texts
      named.performer = words.join(' ')
    },
  }

  #file(words: readonly string[]): void {
    // Names with blanks and without quotation marks are there too: the type is the last word.
    const type = words.at(-1)?.toUpperCase() ?? ''
    if (words.length < 2) throw this.#damage('FILE needs a name and a type')
    this.#files.push({ name: words.slice(0, -1).join(' '), type, offsetBytes: this.#offset })
  }

  #startTrack(words: readonly string[]): void {
    const number = Number(words[0])
    const previous = this.#tracks.at(-1)?.number
    const isNext = previous === undefined ? number >= 1 : number === previous + 1
    if (!/^\d{1,2}$/.test(words[0] ?? '') || !isNext) {
      throw this.#damage(`track ${words[0]} comes ${previous === undefined ? 'first' : `after track ${previous}`}`)
    }
    if (this.#files.length === 0) throw this.#damage('a track comes before any FILE')
    this.#tracks.push({
      number,
      type: words[1]?.toUpperCase() ?? '',
      offsetBytes: this.#offset,
      indexes: [],
      pregapFrames: 0,
      postgapFrames: 0,
      isrc: '',
      flags: [],
      title: '',
      performer: '',
    })
  }

  #index(words: readonly string[]): void {
    const track = this.#track
    const number = Number(words[0])
    const previous = track.indexes.at(-1)?.number
    const isNext = previous === undefined ? number <= 1 : number === previous + 1
    if (!/^\d{1,2}$/.test(words[0] ?? '') || !isNext) {
      throw this.#damage(`index ${words[0]} comes ${previous === undefined ? 'first' : `after index ${previous}`}`)
    }
    const file = this.#files.length - 1
    track.indexes.push({ number, file, frames: this.#time(words[1]), offsetBytes: this.#offset })
  }

  get #track(): CueTrack {
    const track = this.#tracks.at(-1)
    if (!track) throw this.#damage('a command of a track comes before any TRACK')
    return track
  }

  #matching(word: string | undefined, pattern: RegExp, rule: string): string {
    if (word === undefined || !pattern.test(word)) throw this.#damage(`${rule}: ${word ?? 'nothing'}`)
    return word
  }

  /** mm:ss:ff */
  #time(word: string | undefined): number {
    const [, minutes, seconds, frames] = /^(\d{1,4}):(\d\d):(\d\d)$/.exec(word ?? '') ?? []
    if (minutes === undefined || Number(seconds) > 59 || Number(frames) >= FRAMES_A_SECOND) {
      throw this.#damage(`no time: ${word ?? 'nothing'}; expected minutes:seconds:frames`)
    }
    return (Number(minutes) * 60 + Number(seconds)) * FRAMES_A_SECOND + Number(frames)
  }

  #damage(text: string): DamagedImage {
    return new DamagedImage(this.path, this.#offset, text)
  }
}
