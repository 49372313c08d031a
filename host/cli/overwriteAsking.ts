// How whoever sits at the terminal, or the command line, says that a target may be written over.

import type { OverwriteAsking } from '../image/overwrite'
import type { Terminal } from './terminal'

/** `name`: of the option --overwrite. */
export function askingOn(terminal: Terminal, name: string | undefined): OverwriteAsking {
  return { name: name ?? null, ask: terminal.ask ?? null, tell: (line) => terminal.err(`${line}\n`) }
}

/** `names`: of the option --overwrite, which is repeated where there are several targets. */
export function askingOnTargets(terminal: Terminal, names: readonly string[], targets: number): OverwriteAsking {
  if (targets === 1 && names.length <= 1) return askingOn(terminal, names[0])
  return { ...askingOn(terminal, undefined), names }
}
