// Where a command talks to: stdout for data, stderr for talk, and what Ctrl-C means. Commands take it as an argument, so that tests can
// stand in for a terminal.

import { createColors } from 'picocolors'
import type { Colors } from 'picocolors/types'

export interface Terminal {
  /** Data. */
  out(text: string): void
  /** Talk. */
  err(text: string): void
  readonly outColours: Colors
  readonly errColours: Colors
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal
  /** Asks whoever sits at the terminal; '' after Ctrl-C. Not there when nobody does. */
  readonly ask?: (question: string) => Promise<string>
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR; without either, a terminal gets colours and a pipe does not. */
function wantsColours(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false
  if (process.env.FORCE_COLOR && process.env.FORCE_COLOR !== '0') return true
  return Boolean(stream.isTTY) && process.env.TERM !== 'dumb'
}

/** A reader that went away (`platterlab … | head -1`) is no error: the rest is dropped, and the exit code stays truthful. */
function quietWriter(stream: NodeJS.WriteStream): (text: string) => void {
  let closed = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    closed = true
  })
  return (text) => {
    if (!closed && text !== '') stream.write(text)
  }
}

export function processTerminal(): Terminal {
  const interrupt = new AbortController()
  // The second Ctrl-C is Node's own: it ends the process at once.
  process.once('SIGINT', () => interrupt.abort())
  return {
    out: quietWriter(process.stdout),
    err: quietWriter(process.stderr),
    outColours: createColors(wantsColours(process.stdout)),
    errColours: createColors(wantsColours(process.stderr)),
    interrupted: interrupt.signal,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: (question) => askOnTerminal(question, interrupt) } : {}),
  }
}

async function askOnTerminal(question: string, interrupt: AbortController): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // While a line is read, Ctrl-C is a key and no signal.
  lines.on('SIGINT', () => interrupt.abort())
  try {
    return await lines.question(question, { signal: interrupt.signal })
  } catch (error) {
    if (interrupt.signal.aborted) return ''
    throw error
  } finally {
    lines.close()
  }
}
