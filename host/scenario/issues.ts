// What zod complains about, in our words: found, expected, and where in the file.

import type { core } from 'zod'
import { didYouMean } from './didYouMean'
import type { InputError } from './inputError'
import type { Path, YamlSource } from './yamlSource'

type Issue = core.$ZodIssue

/** A longer list than this helps nobody. */
const KEYS_SHOWN_MAX = 20

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map(String)
  if (words.length === 1) return words[0]!
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** The message of an issue whose schema has no words of its own. For unknown keys: the known ones, comma-separated (see `fromIssue`). */
export function expectedWords(issue: core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') {
    const definition = (issue.inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def
    return Object.keys(definition?.shape ?? {}).join(', ')
  }
  if (issue.code === 'invalid_type') return TYPE_WORDS[String(issue.expected)] ?? `${issue.expected}`
  if (issue.code === 'invalid_value') return oneOf(issue.values)
  return undefined
}

/** Which alternatives of a union the value was nearest to: those that took the value itself and refused something in it, or else those of its type. */
function nearestBranches(branches: readonly (readonly Issue[])[]): readonly (readonly Issue[])[] {
  const entered = branches.filter((branch) =>
    branch.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  )
  if (entered.length > 0) return entered
  const typed = branches.filter((branch) => branch.every((issue) => issue.code !== 'invalid_type'))
  return typed.length > 0 ? typed : branches
}

/** An issue inside the alternative of a union that was meant is an issue of its own. */
function flatten(issue: Issue, base: Path): { issue: Issue; path: Path }[] {
  const path = [...base, ...issue.path]
  const ownWords = issue.message !== '' && issue.message !== 'Invalid input'
  if (issue.code !== 'invalid_union' || ownWords) return [{ issue, path }]
  const near = nearestBranches(issue.errors)
  if (near.length === 1) return near[0]!.flatMap((inner) => flatten(inner, path))
  const expected = [...new Set(near.flat().map((inner) => inner.message))].join(', or ')
  return [{ issue: { ...issue, message: expected }, path }]
}

function fromIssue(issue: Issue, path: Path, source: YamlSource): InputError[] {
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(', ')
    return issue.keys.map((key) =>
      source.errorAtKey(
        [...path, key],
        `the key ${JSON.stringify(key)}`,
        known.length > KEYS_SHOWN_MAX ? `one of ${known.length} keys that are known here` : `one of ${issue.message}`,
        didYouMean(key, known),
      ),
    )
  }
  const told = issue.code === 'custom' ? (issue.params?.found as string | undefined) : undefined
  const value = source.found(path)
  const hint = issue.code === 'invalid_value' ? didYouMean(value.replaceAll('"', ''), issue.values.map(String)) : null
  return [source.error(path, told ?? value, issue.message, hint)]
}

export function issuesToErrors(issues: readonly Issue[], source: YamlSource): InputError[] {
  return issues
    .flatMap((issue) => flatten(issue, []))
    .flatMap(({ issue, path }) => fromIssue(issue, path, source))
    .sort((a, b) => a.line - b.line || a.column - b.column)
}
