// Builds the mirror microcode with expressions of its source replaced: mistakes that a programmer could have made.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileMicrocode } from '../../scripts/buildMicrocode.mjs'

const ROOT = join(import.meta.dirname, '..', '..')

export interface Edit {
  /** In assembly/mirror. */
  readonly file: string
  /** There exactly once; otherwise the edit must be mended. */
  readonly from: string
  readonly to: string
}

export function editedMirror(edits: readonly Edit[]): Promise<Uint8Array> {
  return compileEdited(edits, {}, '')
}

/** With more files in assembly/mirror, and lines in front of those that are edited. */
export async function compileEdited(
  edits: readonly Edit[],
  more: Readonly<Record<string, string>>,
  head: string,
): Promise<Uint8Array> {
  // Inside the repository, so that the compiler finds what it imports; build/ is ignored by git.
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'build', 'edit-'))
  try {
    cpSync(join(ROOT, 'assembly'), join(folder, 'assembly'), { recursive: true })
    for (const [file, text] of Object.entries(more)) writeFileSync(join(folder, 'assembly', 'mirror', file), text)
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const path = join(folder, 'assembly', 'mirror', file)
      writeFileSync(path, head + readFileSync(path, 'utf8'))
    }
    for (const { file, from, to } of edits) {
      const path = join(folder, 'assembly', 'mirror', file)
      const parts = readFileSync(path, 'utf8').split(from)
      if (parts.length !== 2) throw new Error(`${file} has '${from}' ${parts.length - 1} times, not once`)
      writeFileSync(path, parts.join(to))
    }
    const wasm = join(folder, 'mirror.wasm')
    await compileMicrocode('mirror', join(folder, 'assembly'), wasm)
    return readFileSync(wasm)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
