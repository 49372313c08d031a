// The workload of a scenario as jobs: fio files, traces, patterns. Bad input is thrown as InputError with its position.

import { parseFioJobFile } from '../workload/fio/fioJobs'
import { GeneratorJob } from '../workload/generator'
import { GeneratorOptionError } from '../workload/generatorOptions'
import { InputError, type InputProblem } from '../workload/inputProblem'
import type { WorkloadJob, WorkloadTarget } from '../workload/io'
import { firstBeyond, formatOperation, OperationsJob } from '../workload/operations'
import type { ScenarioFiles } from './runTypes'
import type { ResolvedScenario, ResolvedWorkload } from './scenario'
import { traceJob } from './traceJob'

/** Several problems at once. */
export class WorkloadErrors extends Error {
  override readonly name = 'WorkloadErrors'

  constructor(readonly problems: readonly InputProblem[]) {
    super(problems.map((problem) => `${problem.file}:${problem.line}: ${problem.found}`).join('\n'))
  }
}

export function buildJobs(
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  target: WorkloadTarget,
  seed: number,
): { readonly jobs: WorkloadJob[]; readonly notes: string[] } {
  const jobs: WorkloadJob[] = []
  const notes: string[] = []
  for (const [index, part] of scenario.workload.entries()) {
    const made = jobsOf(part, scenario, files, target, seed + index)
    jobs.push(...made.jobs)
    notes.push(...made.notes)
  }
  return { jobs, notes }
}

function jobsOf(
  part: ResolvedWorkload,
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  target: WorkloadTarget,
  seed: number,
): { jobs: WorkloadJob[]; notes: string[] } {
  switch (part.kind) {
    case 'fio':
      return fioJobs(files.texts.get(part.path)!, part.path, target, seed, 1)
    case 'fio-text':
      return fioJobs(part.text, scenario.file, target, seed, part.firstLine)
    case 'trace':
      return traceJob(part, files, target)
    case 'operations':
      return { jobs: [operationsJob(part, scenario.file, target)], notes: [] }
    case 'pattern':
      return { jobs: [patternJob(part.options, scenario.file, part.line, target, seed)], notes: [] }
  }
}

function operationsJob(
  part: Extract<ResolvedWorkload, { kind: 'operations' }>,
  file: string,
  target: WorkloadTarget,
): WorkloadJob {
  const { lunSectors } = target
  const beyond = part.wrap ? -1 : firstBeyond(part.operations, lunSectors)
  if (beyond < 0) return new OperationsJob(part, target)
  const found = `operations: ${formatOperation(part.operations[beyond]!)}`
  throw new InputError({
    file,
    line: part.line,
    column: 1,
    found,
    expected: `a place inside the LUN's ${lunSectors} sectors`,
  })
}

function fioJobs(text: string, file: string, target: WorkloadTarget, seed: number, firstLine: number) {
  const result = parseFioJobFile(text, { file, target, seed, oversize: 'clamp' })
  if (result.ok) return { jobs: result.jobs, notes: result.notes }
  throw new WorkloadErrors(result.problems.map((one) => ({ ...one, line: one.line + firstLine - 1 })))
}

function patternJob(
  options: ConstructorParameters<typeof GeneratorJob>[0],
  file: string,
  line: number,
  target: WorkloadTarget,
  seed: number,
): WorkloadJob {
  try {
    return new GeneratorJob(options, target, seed)
  } catch (error) {
    if (!(error instanceof GeneratorOptionError)) throw error
    throw new InputError({ file, line, column: 1, found: `${error.option}: ${error.found}`, expected: error.expected })
  }
}
