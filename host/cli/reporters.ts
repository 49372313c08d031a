// `--reporter NAME[=FILE]` and `--json` -> reporters, each with the place where its text goes.
//
// Exactly one reporter writes to stdout: two would mix their documents, and none would say nothing to somebody who waits. Each reporter's
// code is loaded only when it is asked for.

import type { Colors } from 'picocolors/types'
import type { Reporter } from '../report/model'
import { didYouMean } from '../scenario/didYouMean'
import { BadInput } from './cliError'

const LOADERS = {
  pretty: async (colours: Colors): Promise<Reporter> => (await import('../report/pretty')).prettyReporter(colours),
  dot: async (colours: Colors): Promise<Reporter> => (await import('../report/dot')).dotReporter(colours),
  json: async (): Promise<Reporter> => (await import('../report/json')).jsonReporter(),
  junit: async (): Promise<Reporter> => (await import('../report/junit')).junitReporter(),
  github: async (): Promise<Reporter> => (await import('../report/github')).githubReporter(),
  html: async (): Promise<Reporter> => (await import('../report/html')).htmlReporter(),
}

export type ReporterName = keyof typeof LOADERS
export const REPORTER_NAMES = Object.keys(LOADERS) as ReporterName[]

export interface ReporterPlace<Name extends string> {
  readonly name: Name
  /** null = stdout. */
  readonly file: string | null
}

export type ReporterChoice = ReporterPlace<ReporterName>

function parseChoice<Name extends string>(names: readonly Name[], text: string): ReporterPlace<Name> {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const file = equals < 0 ? null : text.slice(equals + 1)
  if (!(names as readonly string[]).includes(name)) {
    const hint = didYouMean(name, names)
    throw new BadInput(
      `--reporter: found "${name}", expected one of ${names.join(', ')}${hint === null ? '' : `; ${hint}`}`,
    )
  }
  if (file === '') throw new BadInput(`--reporter: found no file after "${text}", expected ${name}=FILE`)
  return { name: name as Name, file }
}

/** Among the reporters that a command has; `pretty` on stdout when nothing else goes there. */
export function chooseAmong<Name extends string>(
  names: readonly ('pretty' | 'json' | Name)[],
  texts: readonly string[],
  json: boolean,
): ReporterPlace<'pretty' | 'json' | Name>[] {
  const choices = texts.map((text) => parseChoice(names, text))
  if (json) choices.unshift({ name: 'json', file: null })
  const onStdout = choices.filter((choice) => choice.file === null)
  if (onStdout.length > 1) {
    const told = onStdout.map((choice) => choice.name).join(' and ')
    throw new BadInput(`found ${told} both on stdout, expected one there and the others as NAME=FILE`)
  }
  const files = choices.flatMap((choice) => (choice.file === null ? [] : [choice.file]))
  const twice = files.find((file, index) => files.indexOf(file) !== index)
  if (twice !== undefined) throw new BadInput(`--reporter: found ${twice} twice, expected a file of its own for each`)
  return onStdout.length === 0 ? [{ name: 'pretty', file: null }, ...choices] : choices
}

export function chooseReporters(texts: readonly string[], json: boolean): ReporterChoice[] {
  return chooseAmong(REPORTER_NAMES, texts, json)
}

export function loadReporter(choice: ReporterChoice, colours: Colors): Promise<Reporter> {
  return LOADERS[choice.name](colours)
}
