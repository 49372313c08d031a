// The mirror microcode with the names of its functions and the lines of its source, so that a mutant that survives can be traced.
//
// Compiled with the flags of scripts/buildMicrocode.mjs, and `--debug` and `--sourceMap`, which add custom sections. The optimizer may then
// number locals in another way: it is the same program as build/mirror.wasm, and not always the same bytes (namedMirror.test.ts).
import { join } from 'node:path'
import asc from 'assemblyscript/asc'
import { functionNames } from './mutate'
import { sourceLines } from './sourceLines'

const ROOT = join(import.meta.dirname, '..', '..')

/** As in scripts/buildMicrocode.mjs. */
const flags = (root: string): string[] => [
  ...['--transform', join(root, 'assembly', 'transform.mjs')],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge'],
  ...['--runtime', 'incremental', '--exportRuntime'],
  ...['--use', 'abort=', '--noAssert', '--enable', 'bulk-memory', '--enable', 'simd'],
]

export interface NamedModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** By function index: `assembly/mirror/write/advanceWrite`. What is called once or is short lives on in its callers only. */
  readonly names: ReadonlyMap<number, string>
  /** `assembly/mirror/write.ts:71`, also of what has been inlined; null for code of the compiler's. */
  readonly lineOf: (offset: number) => string | null
}

/** Of the `assembly/mirror` of the tree at `root`. Takes seconds. */
export async function compileNamedMirror(root = ROOT): Promise<NamedModule> {
  const files = new Map<string, Uint8Array | string>()
  const { error, stderr } = await asc.main(
    [
      ...[join(root, 'assembly', 'mirror', 'index.ts'), '--baseDir', root, ...flags(root)],
      ...['--debug', '--sourceMap', '--outFile', 'mirror.wasm'],
    ],
    { writeFile: (name: string, contents: Uint8Array | string) => void files.set(name, contents) },
  )
  if (error) throw new Error(`mirror: ${error.message}\n${stderr.toString()}`)
  const bytes = new Uint8Array(files.get('mirror.wasm') as Uint8Array)
  return { bytes, names: functionNames(bytes), lineOf: sourceLines(String(files.get('mirror.wasm.map'))) }
}
