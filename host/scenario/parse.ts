// Text of a scenario file -> scenario, or everything that is wrong with it. Pure.
//
// Three stages, each of which reports all of its errors: YAML, schema, sense (bays that exist, sectors within the drives, …). A later
// stage runs only when the one before found nothing. Not checked here: files that the scenario names, and what only the microcode knows.

import type { InputError } from './inputError'
import { expectedWords, issuesToErrors } from './issues'
import { resolveScenario } from './resolve'
import type { ResolvedScenario } from './scenario'
import { scenarioSchema } from './schema'
import { YamlSource } from './yamlSource'

export type ScenarioResult =
  | { readonly ok: true; readonly scenario: ResolvedScenario }
  | { readonly ok: false; readonly errors: readonly InputError[] }

export interface ParseOptions {
  /** Whether a file that the scenario names is there; without it, nobody looks. */
  readonly exists?: (path: string) => boolean
}

/** `file` is for messages, and names the scenario when the text does not. */
export function parseScenario(text: string, file: string, options: ParseOptions = {}): ScenarioResult {
  const source = new YamlSource(text, file)
  if (source.syntaxErrors.length > 0) return { ok: false, errors: source.syntaxErrors }
  let value: unknown
  try {
    value = source.value()
  } catch (error) {
    // The only thing that `yaml` throws here: aliases that do not resolve, or expand without bound.
    return { ok: false, errors: [source.error([], (error as Error).message, 'aliases that resolve')] }
  }
  if (value === null || value === undefined) {
    return { ok: false, errors: [source.error([], 'an empty file', 'a scenario')] }
  }
  const checked = scenarioSchema.safeParse(value, { error: expectedWords })
  if (!checked.success) return { ok: false, errors: issuesToErrors(checked.error.issues, source) }
  return resolveScenario(checked.data, source, options)
}
