// Opens what somebody named, or refuses it with one sentence that says what is the matter. Reads whole what is open.

import { constants, openSync, read, readSync } from 'node:fs'
import { ImageInputError } from './imageInputError'

/** Handing a shorter read to another thread takes longer than it saves. */
export const LONG_READ_BYTES = 256 << 10

/** The caller closes the descriptor. `expected`: what a path to a directory should be. */
export function openFile(path: string, expected: string, flags = constants.O_RDONLY): number {
  try {
    return openSync(path, flags, 0o644)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new ImageInputError(`${path} does not exist`)
    if (code === 'EEXIST') throw new ImageInputError(`${path} exists already`)
    if (code === 'EISDIR') throw directoryError(path, expected)
    if (code === 'EACCES' || code === 'EPERM') throw new ImageInputError(`${path}: permission denied`)
    throw new ImageInputError(`cannot open ${path}: ${message}`)
  }
}

/** A directory can be opened for reading: who has looked at it says so. */
export function directoryError(path: string, expected: string): ImageInputError {
  return new ImageInputError(`${path} is a directory; expected ${expected}`)
}

/** Fills `into` from a place on; less of it where the file ends before. Returns the number of bytes. */
export function readUpTo(descriptor: number, offsetBytes: number, into: Uint8Array): number {
  let done = 0
  while (done < into.length) {
    const got = readSync(descriptor, into, done, into.length - done, offsetBytes + done)
    if (got === 0) break
    done += got
  }
  return done
}

/** The same in another thread: `into` and the descriptor are in use until then. */
export function readUpToAside(descriptor: number, offsetBytes: number, into: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, into, 0, into.length, offsetBytes, (error, got) => {
      if (error) return reject(error)
      try {
        resolve(got + readUpTo(descriptor, offsetBytes + got, into.subarray(got)))
      } catch (errorOfRest) {
        reject(errorOfRest)
      }
    })
  })
}
