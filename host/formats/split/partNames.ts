// The names of the parts of a split image: disk.001, disk.002, ... (FTK, dcfldd), disk.00, ... (split -d), disk.aa, ... (split).
//
// Numbers that outgrow their width become longer, as FTK has it: .999, .1000. `split` itself goes on otherwise when it is not told a width
// (x89, x9000; xyz, xzaaa), so that names stay in order; both are read, and the first one is written.

import { basename } from 'node:path'

export class PartNames {
  private constructor(
    private readonly stem: string,
    private readonly isNumber: boolean,
    /** As in the first name. */
    private readonly width: number,
    private readonly first: number,
  ) {}

  /** null: no name of a first part. */
  static from(path: string): PartNames | null {
    const digits = /^(.*?)(0+[01])$/s.exec(path)
    if (digits) return new PartNames(digits[1]!, true, digits[2]!.length, Number(digits[2]))
    const letters = /^(.*?)(aa+)$/s.exec(path)
    return letters ? new PartNames(letters[1]!, false, letters[2]!.length, 0) : null
  }

  /** The end of the name begins behind a dot: what else ends in digits is often something else. */
  get hasDot(): boolean {
    return this.stem.endsWith('.')
  }

  /** The part before the first one, if a set can begin there. */
  get before(): string | null {
    return this.isNumber && this.first === 1 ? this.stem + '0'.padStart(this.width, '0') : null
  }

  /** How many names there are. */
  get countMax(): number {
    return this.isNumber ? 100_000 : 26 ** this.width
  }

  /** `index` counts from 0. */
  at(index: number): string {
    const ending = this.isNumber ? String(index + this.first).padStart(this.width, '0') : letters(index, this.width)
    return this.stem + ending
  }

  /** What GNU split calls it when it chose the width, where that is another name; otherwise null. */
  grownAt(index: number): string | null {
    const base = this.isNumber ? 10 : 26
    // The last first digit, 9 or z, says that there are two more.
    let [width, before, room] = [this.width, 0, (base - 1) * base ** (this.width - 1)]
    if (this.first !== 0 || index < room) return null
    let prefix = ''
    while (index - before >= room) {
      before += room
      prefix += this.isNumber ? '9' : 'z'
      width++
      room = (base - 1) * base ** (width - 1)
    }
    const rest = index - before
    return this.stem + prefix + (this.isNumber ? String(rest).padStart(width, '0') : letters(rest, width))
  }

  /** Whether a file of the same folder is called like a part. */
  isPart(name: string): boolean {
    const stem = basename(`${this.stem}x`).slice(0, -1)
    const ending = name.slice(stem.length)
    const pattern = this.isNumber ? /^\d+$/ : /^[a-z]+$/
    return name.startsWith(stem) && ending.length >= this.width && pattern.test(ending)
  }
}

function letters(index: number, width: number): string {
  let text = ''
  for (let rest = index; text.length < width; rest = Math.floor(rest / 26)) {
    text = String.fromCharCode(97 + (rest % 26)) + text
  }
  return text
}
