// Traces are not replayed yet: a scenario that asks for one is refused, with its file named.

import { InputError } from '../workload/inputProblem'
import type { WorkloadJob, WorkloadTarget } from '../workload/io'
import type { ScenarioFiles } from './runTypes'
import type { ResolvedWorkload } from './scenario'

export function traceJob(
  part: Extract<ResolvedWorkload, { kind: 'trace' }>,
  _files: ScenarioFiles,
  _target: WorkloadTarget,
): { jobs: WorkloadJob[]; notes: string[] } {
  const found = `a trace in format ${part.format}`
  throw new InputError({
    file: part.path,
    line: 0,
    column: 0,
    found,
    expected: 'an fio job or a pattern: traces are not replayed yet',
  })
}
