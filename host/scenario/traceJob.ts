// A scenario's trace as a job: its format, its device, its times, and the bytes that its writes wrote, if there are any.

import { InputError } from '../workload/inputProblem'
import type { WorkloadJob, WorkloadTarget } from '../workload/io'
import { parseTrace } from '../workload/traces/parseTrace'
import { TraceJob } from '../workload/traces/traceJob'
import type { ByteSource, ScenarioFiles } from './runTypes'
import type { ResolvedWorkload } from './scenario'

type TracePart = Extract<ResolvedWorkload, { kind: 'trace' }>

/** Payloads lie in memory while they are replayed. */
const PAYLOAD_BYTES_MAX = 1024 ** 3

/** Throws InputError. */
export function traceJob(
  part: TracePart,
  files: ScenarioFiles,
  target: WorkloadTarget,
): { jobs: WorkloadJob[]; notes: string[] } {
  const data = parseTrace(files.texts.get(part.path)!, { file: part.path, format: part.format })
  const closed = part.closedLoop !== null
  const job = new TraceJob(data, target, {
    name: part.path,
    replay: closed ? 'closed' : 'timed',
    queueDepth: part.closedLoop ?? part.queueDepth,
    timeScale: part.timeScale,
    beyond: part.wrap ? 'wrap' : 'error',
    ...(part.device === null ? {} : { device: part.device }),
    ...payloadsOf(part, files),
  })
  return { jobs: [job], notes: [...job.notes] }
}

function payloadsOf(part: TracePart, files: ScenarioFiles): { payloads?: Uint8Array; payloadsFile?: string } {
  if (part.payloadsPath === null) return {}
  return { payloads: readAll(files.bytes.get(part.payloadsPath)!, part.payloadsPath), payloadsFile: part.payloadsPath }
}

function readAll(source: ByteSource, file: string): Uint8Array {
  if (source.byteLength > PAYLOAD_BYTES_MAX) {
    const found = `${source.byteLength} bytes of payload`
    throw new InputError({ file, line: 0, column: 0, found, expected: `at most ${PAYLOAD_BYTES_MAX} bytes` })
  }
  const bytes = new Uint8Array(source.byteLength)
  source.read(0, bytes)
  return bytes
}
