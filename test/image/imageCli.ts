// `platterlab image ...` in this process, with what it said.

import { createColors } from 'picocolors'
import { runCli } from '../../host/cli/program'
import type { Terminal } from '../../host/cli/terminal'

export interface Told {
  readonly code: number
  readonly out: string
  readonly err: string
}

export function listener(signal = new AbortController().signal): {
  terminal: Terminal
  told: { out: string; err: string }
} {
  const told = { out: '', err: '' }
  const colours = createColors(false)
  const terminal: Terminal = {
    out: (text) => {
      told.out += text
    },
    err: (text) => {
      told.err += text
    },
    outColours: colours,
    errColours: colours,
    interrupted: signal,
  }
  return { terminal, told }
}

export async function image(...argv: string[]): Promise<Told> {
  const { terminal, told } = listener()
  const code = await runCli(['image', ...argv], terminal)
  return { code, ...told }
}
