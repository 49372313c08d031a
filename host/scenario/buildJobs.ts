// The workload of a scenario as jobs: fio files, traces, patterns. Bad input is thrown as InputError with its position.

import { parseFioJobFile } from '../workload/fio/fioJobs'
import { GeneratorJob } from '../workload/generator'
import { GeneratorOptionError } from '../workload/generatorOptions'
import { InputError, type InputProblem } from '../workload/inputProblem'
import type { WorkloadJob, WorkloadTarget } from '../workload/io'
import { jobOnLun } from '../workload/jobOnLun'
import type { LunMap } from '../workload/lunMap'
import { firstBeyond, formatOperation, lunOf, OperationsJob } from '../workload/operations'
import type { ScenarioFiles } from './runTypes'
import type { ResolvedScenario, ResolvedWorkload } from './scenario'
import { traceJob } from './traceJob'

const SECTOR_BYTES = 512

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
  luns: LunMap,
  seed: number,
): { readonly jobs: WorkloadJob[]; readonly notes: string[] } {
  const jobs: WorkloadJob[] = []
  const notes: string[] = []
  for (const [index, part] of scenario.workload.entries()) {
    const made = jobsOf(part, scenario, files, luns, seed + index)
    const first = part.kind === 'operations' ? 0 : luns.firstOf(part.lun ?? 0)
    jobs.push(...made.jobs.map((job) => jobOnLun(job, first)))
    notes.push(...made.notes)
  }
  return { jobs, notes }
}

function jobsOf(
  part: ResolvedWorkload,
  scenario: ResolvedScenario,
  files: ScenarioFiles,
  luns: LunMap,
  seed: number,
): { jobs: WorkloadJob[]; notes: string[] } {
  if (part.kind === 'operations') return { jobs: [operationsJob(part, scenario.file, luns)], notes: [] }
  const target = { lunSectors: luns.sizes[part.lun ?? 0]!, sectorBytes: SECTOR_BYTES }
  switch (part.kind) {
    case 'fio':
      return fioJobs(files.texts.get(part.path)!, part.path, target, seed, 1)
    case 'fio-text':
      return fioJobs(part.text, scenario.file, target, seed, part.firstLine)
    case 'trace':
      return traceJob(part, files, target)
    case 'pattern':
      return { jobs: [patternJob(part.options, scenario.file, part.line, target, seed)], notes: [] }
  }
}

function operationsJob(
  part: Extract<ResolvedWorkload, { kind: 'operations' }>,
  file: string,
  luns: LunMap,
): WorkloadJob {
  const beyond = part.wrap ? -1 : firstBeyond(part.operations, luns)
  if (beyond < 0) return new OperationsJob(part, luns)
  const operation = part.operations[beyond]!
  const lunSectors = luns.sizes[lunOf(operation)]!
  const found = `operations: ${formatOperation(operation)}`
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
