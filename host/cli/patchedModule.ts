// Puts a bug of the zoo into a copy of the microcode's sources and compiles it. That needs the sources, `git` and the AssemblyScript
// compiler, which a repository has and an installed package has not: what is missing is an answer, not an error.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from './packageFiles'

export type PatchedModule =
  | { readonly kind: 'built'; readonly file: string; readonly remove: () => void }
  | { readonly kind: 'missing'; readonly what: string }

interface Compiler {
  compileMicrocode(name: string, from: string, to: string): Promise<void>
}

/** A patch that does not apply throws: it must be mended. */
export async function patchedModule(patchFile: string, microcode = 'mirror'): Promise<PatchedModule> {
  const root = packageRoot()
  if (!existsSync(join(root, 'assembly', microcode))) return missing('the sources of the microcode (assembly/)')
  if (!hasGit()) return missing('git, which applies the patch')
  const compiler = await loadCompiler(join(root, 'scripts', 'buildMicrocode.mjs'))
  if (compiler === null) return missing('the AssemblyScript compiler (npm install)')
  // Inside the package, so that the compiler finds what it imports.
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build', 'bug-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    cpSync(join(root, 'assembly'), join(folder, 'assembly'), { recursive: true })
    const below = `--directory=build/${basename(folder)}`
    execFileSync('git', ['apply', '--whitespace=nowarn', below, patchFile], { cwd: root, stdio: 'pipe' })
    const file = join(folder, `${microcode}.wasm`)
    await compiler.compileMicrocode(microcode, join(folder, 'assembly'), file)
    return { kind: 'built', file, remove }
  } catch (error) {
    remove()
    throw error
  }
}

const missing = (what: string): PatchedModule => ({ kind: 'missing', what })

function hasGit(): boolean {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Null: it, or what it imports, is not there. */
async function loadCompiler(file: string): Promise<Compiler | null> {
  try {
    return (await import(pathToFileURL(file).href)) as Compiler
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  }
}
