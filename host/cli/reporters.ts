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

export interface ReporterChoice {
  readonly name: ReporterName
  /** null = stdout. */
  readonly file: string | null
}

function parseChoice(text: string): ReporterChoice {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const file = equals < 0 ? null : text.slice(equals + 1)
  if (!(REPORTER_NAMES as readonly string[]).includes(name)) {
    const hint = didYouMean(name, REPORTER_NAMES)
    throw new BadInput(
      `--reporter: found "${name}", expected one of ${REPORTER_NAMES.join(', ')}${hint === null ? '' : `; ${hint}`}`,
    )
  }
  if (file === '') throw new BadInput(`--reporter: found no file after "${text}", expected ${name}=FILE`)
  return { name: name as ReporterName, file }
}

export function chooseReporters(texts: readonly string[], json: boolean): ReporterChoice[] {
  const choices = texts.map(parseChoice)
  if (json) choices.unshift({ name: 'json', file: null })
  const onStdout = choices.filter((choice) => choice.file === null)
  if (onStdout.length > 1) {
    const names = onStdout.map((choice) => choice.name).join(' and ')
    throw new BadInput(`found ${names} both on stdout, expected one there and the others as NAME=FILE`)
  }
  const files = choices.flatMap((choice) => (choice.file === null ? [] : [choice.file]))
  const twice = files.find((file, index) => files.indexOf(file) !== index)
  if (twice !== undefined) throw new BadInput(`--reporter: found ${twice} twice, expected a file of its own for each`)
  return onStdout.length === 0 ? [{ name: 'pretty', file: null }, ...choices] : choices
}

export function loadReporter(choice: ReporterChoice, colours: Colors): Promise<Reporter> {
  return LOADERS[choice.name](colours)
}
