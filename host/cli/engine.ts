// The engine of the command line: the job "run-scenario" in a worker that a watchdog can end.

import { IsolatedRunner } from './isolated'
import type { Job } from './jobs'
import type { RunJobInput, RunJobOutput } from './runJob'
import type { RunEngine } from './runOne'

export interface Engine {
  readonly run: RunEngine
  readonly close: () => Promise<void>
}

export function isolatedEngine(): Engine {
  const runner = new IsolatedRunner<{ readonly 'run-scenario': Job<RunJobInput, RunJobOutput> }>()
  runner.start()
  return {
    run: (input, signal) => runner.run('run-scenario', input, { signal }),
    close: () => runner.close(),
  }
}
