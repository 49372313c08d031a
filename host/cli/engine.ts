// The engine of the command line: the job "run-scenario" in a worker that a watchdog can end.

import { IsolatedRunner } from './isolated'
import type { RunEngine } from './runOne'

export async function isolatedEngine(): Promise<{ run: RunEngine; close: () => Promise<void> }> {
  const runner = new IsolatedRunner()
  return {
    run: (input, signal) => runner.run('run-scenario', input, { signal }),
    close: () => runner.close(),
  }
}
