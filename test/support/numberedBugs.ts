// One build of the mirror that has several bugs in it, of which a module has one, or none: a compile takes much longer than what shows a bug.
//
// Where a bug is, its edit says BUG: a condition that is so in the module that has it. Which one that is, is a word in the module's data.

import { compileEdited, type Edit } from './editedMicrocode'

const MARK = [0x2d677562, 0x7265626d] as const
const NONE = 0x7fff_ffff

const SOURCE = `
const CHOSEN: usize = memory.data<u32>([${MARK}, ${NONE}])

export function isBug(number: u32): bool {
  return load<u32>(CHOSEN + 8) == number
}
`

export class NumberedBugs {
  readonly #names: readonly string[]
  readonly #edits: readonly Edit[]
  #built: Promise<Uint8Array> | null = null

  constructor(bugs: Readonly<Record<string, readonly Edit[]>>) {
    this.#names = Object.keys(bugs)
    this.#edits = Object.values(bugs).flatMap((some, number) =>
      some.map(({ file, from, to }) => ({ file, from, to: to.replaceAll('BUG', `isBug(${number})`) })),
    )
  }

  /** A module with one bug. */
  async with(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const number = this.#names.indexOf(name)
    if (number < 0) throw new Error(`there is no bug '${name}'`)
    return this.#module(number)
  }

  /** The same module without any. */
  async without(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#module(NONE)
  }

  async #module(number: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#built ??= compileEdited(this.#edits, { 'bug.ts': SOURCE }, "import { isBug } from './bug'\n")
    const bytes = new Uint8Array(await this.#built)
    const at = Buffer.from(bytes.buffer).indexOf(Buffer.from(new Uint32Array(MARK).buffer))
    if (at < 0) throw new Error('the word that says which bug it is is not there')
    new DataView(bytes.buffer).setUint32(at + 8, number, true)
    return bytes
  }
}
