// Compiles each folder of assembly/ that has an index.ts into build/NAME.wasm. Skips what is newer than all sources.
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = join(root, 'assembly')
const build = join(root, 'build')

/** Compiles `assembly/<name>/index.ts` below `from` into the file `to`; throws with the compiler's own words. */
export async function compileMicrocode(name, from = sources, to = join(build, `${name}.wasm`)) {
  mkdirSync(dirname(to), { recursive: true })
  const temporary = `${to}.${process.pid}.tmp`
  const { error, stderr } = await asc.main([
    join(from, name, 'index.ts'),
    '--baseDir',
    root,
    '--outFile',
    temporary,
    '--transform',
    join(sources, 'transform.mjs'),
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    '--converge',
    '--runtime',
    'incremental',
    '--exportRuntime',
    '--use',
    'abort=',
    '--noAssert',
    '--enable',
    'bulk-memory',
    '--enable',
    'simd',
  ])
  if (error) throw new Error(`${name}: ${error.message}\n${stderr.toString()}`)
  renameSync(temporary, to)
}

const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs), 0)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const changed = Math.max(newest(sources), statSync(fileURLToPath(import.meta.url)).mtimeMs)
  for (const name of readdirSync(sources)) {
    if (!existsSync(join(sources, name, 'index.ts'))) continue
    const out = join(build, `${name}.wasm`)
    if (existsSync(out) && statSync(out).mtimeMs > changed) continue
    await compileMicrocode(name)
  }
}
