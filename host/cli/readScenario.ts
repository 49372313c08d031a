// A scenario file on disk -> the scenario, with every file that it names known to be there.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { formatInputError } from '../scenario/inputError'
import { parseScenario } from '../scenario/parse'
import type { ResolvedScenario } from '../scenario/scenario'
import { BadInput } from './cliError'

export interface LoadedScenario {
  readonly scenario: ResolvedScenario
  readonly directory: string
  /** A module that was asked for in place of the scenario's own, as it was named. */
  readonly otherMicrocode: string | null
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Directories stand for the scenario files in them, in the order of their names. */
export function expandFiles(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const status = statSync(file, { throwIfNoEntry: false })
    if (status === undefined)
      throw new BadInput(`${file}: found no such file, expected a scenario file or a directory of them`)
    if (!status.isDirectory()) return [file]
    const inside = readdirSync(file).filter((name) => /\.ya?ml$/.test(name))
    if (inside.length === 0)
      throw new BadInput(`${file}: found no scenario in the directory, expected files that end in .yaml`)
    return inside.sort().map((name) => join(file, name))
  })
}

/** Throws BadInput with every error of the file. */
export function readScenario(file: string): LoadedScenario {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInput(`${file}: found ${(error as Error).message}, expected a scenario file that can be read`)
  }
  const directory = dirname(file)
  const exists = (path: string) => isFile(isAbsolute(path) ? path : join(directory, path))
  const result = parseScenario(text, file, { exists })
  if (result.ok) return { scenario: result.scenario, directory, otherMicrocode: null }
  throw new BadInput(result.errors.map(formatInputError).join('\n\n'))
}

/** The same scenario on another module; null = on its own. */
export function withMicrocode(loaded: LoadedScenario, microcodeFile: string | null): LoadedScenario {
  if (microcodeFile === null) return loaded
  if (!isFile(microcodeFile)) throw new BadInput(`${microcodeFile}: found no such file, expected a WebAssembly module`)
  const microcode = { kind: 'file', path: resolve(microcodeFile) } as const
  return {
    ...loaded,
    otherMicrocode: microcodeFile,
    scenario: { ...loaded.scenario, array: { ...loaded.scenario.array, microcode } },
  }
}

/** All of them, or BadInput with the errors of all of them. */
export function readScenarios(files: readonly string[], microcodeFile: string | null = null): LoadedScenario[] {
  const loaded: LoadedScenario[] = []
  const errors: string[] = []
  for (const file of expandFiles(files)) {
    try {
      loaded.push(withMicrocode(readScenario(file), microcodeFile))
    } catch (error) {
      if (!(error instanceof BadInput)) throw error
      errors.push(error.message)
    }
  }
  if (errors.length > 0) throw new BadInput(errors.join('\n\n'))
  return loaded
}
