// The reporters of a run, each with the place where its text goes: stdout at once, a file at the end.

import { createColors } from 'picocolors'
import type { Reporter } from '../report/model'
import type { OutputFiles } from './outputFile'
import { loadReporter, type ReporterChoice } from './reporters'
import type { Terminal } from './terminal'

export interface Sink {
  readonly reporter: Reporter
  readonly write: (text: string) => void
}

/** Each reporter with where its text goes; files are gathered, and written at the end. */
export async function openSinks(
  choices: readonly ReporterChoice[],
  files: OutputFiles,
  terminal: Terminal,
): Promise<{ sinks: Sink[]; finish: () => void }> {
  const documents = new Map<string, string>()
  const sinks: Sink[] = []
  for (const choice of choices) {
    const { file } = choice
    if (file === null) {
      sinks.push({ reporter: await loadReporter(choice, terminal.outColours), write: (text) => terminal.out(text) })
      continue
    }
    files.temporary(file)
    documents.set(file, '')
    const write = (text: string) => documents.set(file, documents.get(file)! + text)
    sinks.push({ reporter: await loadReporter(choice, createColors(false)), write: (text) => void write(text) })
  }
  const finish = () => {
    for (const [file, text] of documents) files.write(file, text)
  }
  return { sinks, finish }
}
