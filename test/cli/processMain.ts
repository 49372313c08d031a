// The real command with an engine that answers slowly, for tests of signals and pipes. Bundled by process.test.ts.

import { runCli } from '../../host/cli/program'
import { processTerminal } from '../../host/cli/terminal'
import { passed } from '../report/samples'

const SLOW_MS = Number(process.env.TEST_SLOW_MS ?? 0)

process.exitCode = await runCli(process.argv.slice(2), processTerminal(), () => ({
  close: async () => {},
  run: (_input, signal) =>
    new Promise((resolve) => {
      const output = {
        kind: 'ran',
        outcome: { verdict: passed(), arrayState: 'optimal', bayStates: [], events: new Map() },
        notes: [],
        writtenBays: [],
        writtenImages: [],
      } as const
      const timer = setTimeout(() => resolve({ kind: 'done', output }), SLOW_MS)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve({ kind: 'cancelled' })
      })
    }),
}))
