// One line on stderr that is rewritten while a command works. Only on a terminal: a pipe or a log gets nothing. What is longer than the
// terminal is wide is cut off: a line that wraps cannot be rewritten.

import type { Terminal } from './terminal'

const PAUSE_MS = 200

export interface StatusLine {
  /** Asks for the text only when it is time for a new one. */
  readonly show: (text: (elapsedMs: number) => string) => void
  /** Takes the line away. */
  readonly end: () => void
}

export function statusLine(
  terminal: Terminal,
  isTerminal = Boolean(process.stderr.isTTY),
  clockMs = () => performance.now(),
  columns: () => number | undefined = () => process.stderr.columns,
): StatusLine {
  if (!isTerminal) return { show: () => {}, end: () => {} }
  const startMs = clockMs()
  let lastMs = startMs
  let isShown = false
  return {
    show(text) {
      const nowMs = clockMs()
      if (nowMs - lastMs < PAUSE_MS) return
      lastMs = nowMs
      isShown = true
      // The last column is left free: some terminals wrap when it is written.
      const line = text(nowMs - startMs).slice(0, (columns() || Infinity) - 1)
      terminal.err(`\r\x1b[K${line}`)
    },
    end() {
      if (isShown) terminal.err('\r\x1b[K')
    },
  }
}
