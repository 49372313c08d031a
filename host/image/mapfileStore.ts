// A map file on the disk: read at the beginning of a rescue, and kept up to date while it goes on, whole at any time: written under a
// temporary name, flushed, renamed. When it cannot be written (no space left, say) the rescue is stopped in order: `signal`.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { ImageInputError } from '../formats/imageInputError'
import { type Mapfile, parseMapfile, printMapfile } from './mapfile'

/** Null when there is no such file, or nothing in it. */
export function readMapfile(path: string): Mapfile | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new ImageInputError(`cannot read ${path}: ${(error as Error).message}`)
  }
  return text.trim() === '' ? null : parseMapfile(text, path)
}

export class MapfileStore {
  lastError = ''
  readonly #stop = new AbortController()
  readonly #path: string
  readonly #comments: readonly string[]

  constructor(path: string, comments: readonly string[], interrupted: AbortSignal | undefined) {
    this.#path = path
    this.#comments = comments
    if (interrupted?.aborted) this.#stop.abort()
    interrupted?.addEventListener('abort', () => this.#stop.abort())
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** False when it could not be written; the reason is in `lastError`. */
  save(mapfile: Mapfile): boolean {
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      const descriptor = openSync(temporary, 'w')
      try {
        writeSync(descriptor, printMapfile(mapfile, this.#comments))
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      renameSync(temporary, this.#path)
      return true
    } catch (error) {
      rmSync(temporary, { force: true })
      this.lastError = `${this.#path}: ${(error as Error).message}`
      this.#stop.abort()
      return false
    }
  }
}
