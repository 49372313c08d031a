// Files that come with the package, wherever this code was bundled to: `build/mirror.wasm` for instance.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory of our package.json. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) throw new Error('package.json must lie above the code')
    directory = parent
  }
  return directory
}

export function builtinMicrocodeFile(name: string): string {
  const file = join(packageRoot(), 'build', `${name}.wasm`)
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build"`)
  return file
}
