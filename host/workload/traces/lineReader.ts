// Reads a long text line by line and field by field, without making a string of each line. Wrong input is an InputError with its place.
//
// Numbers are exact: an integer below 2^53, or a decimal number of some unit as integer nanoseconds (digits below 1 ns round to the
// nearest). Lines end in LF or CRLF; lines of blanks are skipped. A byte order mark at the start is skipped.

import { InputError } from '../inputProblem'

const LF = 10
const CR = 13
const TAB = 9
const BLANK = 32
const ZERO = 48
const DOT = 46

const FOUND_CHARACTERS = 40

export class LineReader {
  /** Number of the current line, from 1. */
  line = 0
  #lineStart = 0
  #end = 0
  #next = 0
  #position = 0

  constructor(
    readonly text: string,
    readonly file: string,
    /** What ends a field besides a blank: for messages. */
    readonly separator: ',' | '' = '',
  ) {
    if (text.charCodeAt(0) === 0xfeff) this.#next = 1
  }

  /** Goes to the next line that is not empty; false: there is none. */
  nextLine(): boolean {
    while (this.#next < this.text.length) {
      this.#lineStart = this.#next
      const newline = this.text.indexOf('\n', this.#next)
      this.#end = newline < 0 ? this.text.length : newline
      this.#next = this.#end + 1
      this.line++
      if (this.#end > this.#lineStart && this.text.charCodeAt(this.#end - 1) === CR) this.#end--
      this.#position = this.#lineStart
      this.skipBlanks()
      if (this.#position < this.#end) return true
    }
    return false
  }

  /** The rest of the line from here on. */
  rest(): string {
    return this.text.slice(this.#position, this.#end)
  }

  startsWith(prefix: string): boolean {
    return this.text.startsWith(prefix, this.#position)
  }

  atEnd(): boolean {
    return this.#position >= this.#end
  }

  skipBlanks(): void {
    while (this.#position < this.#end && isBlank(this.text.charCodeAt(this.#position))) this.#position++
  }

  /** The character here, or 0 at the end of the line. */
  peek(): number {
    return this.#position < this.#end ? this.text.charCodeAt(this.#position) : 0
  }

  /** Requires this character here, and steps over it. */
  expect(character: string, expected: string): void {
    if (this.#position >= this.#end || this.text[this.#position] !== character) this.fail(expected)
    this.#position++
  }

  /** Requires at least one blank here, and steps over all of them. */
  expectBlanks(expected: string): void {
    if (!isBlank(this.peek())) this.fail(`${expected} after a blank`)
    this.skipBlanks()
  }

  /** Requires nothing but blanks until the end of the line. */
  expectEnd(): void {
    this.skipBlanks()
    if (!this.atEnd()) this.fail('the end of the line')
  }

  /** Characters up to a blank or `separator`; at least one. */
  word(expected: string, separator = ''): string {
    const start = this.#position
    while (this.#position < this.#end) {
      const code = this.text.charCodeAt(this.#position)
      if (isBlank(code) || this.text[this.#position] === separator) break
      this.#position++
    }
    if (this.#position === start) this.fail(expected)
    return this.text.slice(start, this.#position)
  }

  /** An integer from 0 to 2^53 - 1. */
  integer(expected: string): number {
    const start = this.#position
    let value = 0
    for (let digit = this.#digit(); digit >= 0; digit = this.#digit()) {
      value = value * 10 + digit
      this.#position++
    }
    if (this.#position === start || !this.#atFieldEnd()) this.fail(expected, start)
    if (value > Number.MAX_SAFE_INTEGER) this.fail(`${expected} below 2^53`, start)
    return value
  }

  /** A decimal number of units of `unitNs`, in whole nanoseconds. `unitNs` is a power of ten. */
  decimalNs(unitNs: number, expected: string): number {
    const start = this.#position
    let whole = 0
    for (let digit = this.#digit(); digit >= 0; digit = this.#digit()) {
      whole = whole * 10 + digit
      this.#position++
    }
    let fractionNs = 0
    if (this.#position > start && this.peek() === DOT) {
      this.#position++
      const fractionStart = this.#position
      let scale = unitNs
      for (let digit = this.#digit(); digit >= 0; digit = this.#digit()) {
        scale /= 10
        fractionNs += digit * scale
        this.#position++
      }
      if (this.#position === fractionStart) this.fail(expected, start)
    }
    if (this.#position === start || !this.#atFieldEnd()) this.fail(expected, start)
    const valueNs = whole * unitNs + Math.round(fractionNs)
    if (valueNs > Number.MAX_SAFE_INTEGER) this.fail(`${expected} below 2^53 ns`, start)
    return valueNs
  }

  /** Where the next field starts, for `fail`. */
  mark(): number {
    return this.#position
  }

  /** Throws: found is the field at `at` (default: here). */
  fail(expected: string, at = this.#position): never {
    const line = this.text.slice(at, this.#end)
    const field = (this.separator ? /^[^\s,]+/ : /^\S+/).exec(line)?.[0] ?? line
    const shown = field.length > FOUND_CHARACTERS ? `${field.slice(0, FOUND_CHARACTERS)}…` : field
    const found = shown === '' ? 'the end of the line' : JSON.stringify(shown)
    throw new InputError({
      file: this.file,
      line: Math.max(1, this.line),
      column: at - this.#lineStart + 1,
      found,
      expected,
    })
  }

  #digit(): number {
    if (this.#position >= this.#end) return -1
    const digit = this.text.charCodeAt(this.#position) - ZERO
    return digit >= 0 && digit <= 9 ? digit : -1
  }

  /** A number must not run into letters: '12abc' is no number. */
  #atFieldEnd(): boolean {
    if (this.#position >= this.#end) return true
    const code = this.text.charCodeAt(this.#position)
    return !(isLetter(code) || code === DOT || (code >= ZERO && code <= ZERO + 9))
  }
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB || code === CR || code === LF
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}
