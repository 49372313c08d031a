// Finds a file of the build by its name: beside this code when both are built, in dist/ when this code runs from its source.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function builtFile(name: string): URL {
  const file = new URL(import.meta.url.endsWith('.ts') ? `../../dist/${name}` : `./${name}`, import.meta.url)
  if (!existsSync(fileURLToPath(file))) throw new Error(`${fileURLToPath(file)} is missing: run "npm run build"`)
  return file
}
