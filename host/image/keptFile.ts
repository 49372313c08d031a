// A file that says how far a job is, kept up to date while it goes on. It is whole at any time: written under a temporary name, flushed,
// renamed. When it cannot be written (no space left, say) the job is stopped in order: `signal`. Not where a copy has several targets: then the
// file lies beside one of them, whose want of room is not to stop the others.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { ImageInputError } from '../formats/imageInputError'

/** Null when there is no such file. */
export function readKeptFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ImageInputError(`cannot read ${path}: ${(error as Error).message}`)
  }
}

export class KeptFile<Content> {
  lastError = ''
  readonly #stop = new AbortController()

  constructor(
    private readonly path: string,
    private readonly textOf: (content: Content) => string,
    interrupted: AbortSignal | undefined,
    private readonly isVital = true,
  ) {
    if (interrupted?.aborted) this.#stop.abort()
    interrupted?.addEventListener('abort', () => this.#stop.abort())
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** False when it could not be written; the reason is in `lastError`. */
  save(content: Content): boolean {
    const temporary = `${this.path}.${process.pid}.tmp`
    try {
      const descriptor = openSync(temporary, 'w')
      try {
        writeSync(descriptor, this.textOf(content))
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      renameSync(temporary, this.path)
      return true
    } catch (error) {
      rmSync(temporary, { force: true })
      this.lastError = `${this.path}: ${(error as Error).message}`
      if (this.isVital) this.#stop.abort()
      return false
    }
  }
}
