// The worker's side of workerProtocol.ts: waits for requests, runs jobs of a registry, answers. Jobs run one at a time, in the order of
// their requests. Never exits by itself; the main thread ends it.
import { parentPort, workerData } from 'node:worker_threads'
import { ProgressCell } from '../controller/progressCell'
import { describeError } from '../explore/jobError'
import type { Jobs } from './jobs'
import type { JobNote, JobReply, JobRequest, WorkerStart } from './workerProtocol'

export function serveJobs(jobs: Jobs): void {
  if (parentPort === null) throw new Error('serveJobs runs in a worker thread only')
  const port = parentPort
  const progress = new ProgressCell((workerData as WorkerStart).progress)
  port.on('message', async (request: JobRequest) => {
    const reply = await answer(jobs, request, progress, (note) => port.postMessage(note))
    try {
      port.postMessage(reply)
    } catch (error) {
      // An output that cannot be cloned.
      port.postMessage({ kind: 'failed', id: request.id, error: describeError(error) } satisfies JobReply)
    }
  })
}

async function answer(
  jobs: Jobs,
  { id, name, input }: JobRequest,
  progress: ProgressCell,
  send: (note: JobNote) => void,
): Promise<JobReply> {
  try {
    if (!Object.hasOwn(jobs, name)) throw new Error(`no job is called "${name}"`)
    const context = { progress, note: (value: unknown) => send({ kind: 'note', id, value }) }
    return { kind: 'done', id, output: await jobs[name](input as never, context) }
  } catch (error) {
    return { kind: 'failed', id, error: describeError(error) }
  } finally {
    progress.leave()
  }
}
