// Builds the mirror microcode with one of the bugs of fixtures/bugs put into it.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { compileMicrocode } from '../../scripts/buildMicrocode.mjs'

const ROOT = join(import.meta.dirname, '..', '..')

/** The module's bytes. A patch that does not apply any more throws: it must be mended. */
export async function patchedMirror(patchFile: string): Promise<Uint8Array> {
  // Inside the repository, so that the compiler finds what it imports; build/ is ignored by git.
  mkdirSync(join(ROOT, 'build'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'build', 'bug-'))
  try {
    cpSync(join(ROOT, 'assembly'), join(folder, 'assembly'), { recursive: true })
    execFileSync(
      'git',
      ['apply', '--whitespace=nowarn', `--directory=build/${folder.slice(join(ROOT, 'build').length + 1)}`, patchFile],
      { cwd: ROOT, stdio: 'pipe' },
    )
    const wasm = join(folder, 'mirror.wasm')
    await compileMicrocode('mirror', join(folder, 'assembly'), wasm)
    return readFileSync(wasm)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
