// A WebAssembly module that was named on the command line, or the mirror of the package.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { MicrocodeReport } from '../report/campaign/model'
import { BadInput } from './cliError'
import { builtinMicrocodeFile } from './packageFiles'

const BUILTIN = 'mirror'

export interface NamedModule {
  readonly bytes: Uint8Array
  readonly path: string
  readonly report: MicrocodeReport
  /** What `--microcode` has to say; null = nothing. */
  readonly option: string | null
}

/** Throws BadInput. */
export function readModule(file: string | undefined): NamedModule {
  const path = file ?? builtinMicrocodeFile(BUILTIN)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new BadInput(`${path}: found ${(error as Error).message}, expected a WebAssembly module that can be read`)
  }
  return { bytes, path, report: { file: file ?? BUILTIN, sha256: sha256(bytes) }, option: file ?? null }
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
