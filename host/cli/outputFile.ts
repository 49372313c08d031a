// Output files: written under a temporary name beside the real one, and renamed when all is well. A run that fails or is interrupted
// leaves nothing, and never half a file under a name that somebody trusts.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { BadInput } from './cliError'

/** A set of files that appear together, or not at all. */
export class OutputFiles {
  readonly #pending = new Map<string, string>()

  /** Where to write what will be `path`. The directory is made when it is missing. */
  temporary(path: string): string {
    const name = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
    try {
      mkdirSync(dirname(path), { recursive: true })
      // An early trial: a place that cannot be written should be known before the work, not after it.
      writeFileSync(name, '')
    } catch (error) {
      throw new BadInput(`cannot write ${path}: ${(error as Error).message}`)
    }
    this.#pending.set(path, name)
    return name
  }

  write(path: string, text: string): void {
    writeFileSync(this.#pending.get(path) ?? this.temporary(path), text)
  }

  /** Gives every file its name. */
  commit(): void {
    for (const [path, name] of this.#pending) {
      renameSync(name, path)
      this.#pending.delete(path)
    }
  }

  /** Gives one up. */
  drop(path: string): void {
    const name = this.#pending.get(path)
    if (name !== undefined) rmSync(name, { force: true })
    this.#pending.delete(path)
  }

  /** Removes what was not committed. */
  discard(): void {
    for (const name of this.#pending.values()) rmSync(name, { force: true })
    this.#pending.clear()
  }
}
