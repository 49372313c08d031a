// A worker process for the tests of the queue: `node process.mjs URL QUEUE THREADS FILE`. Says each unit that it carried out; ends by
// SIGTERM with code 0, after what it has begun, or with code 4 when the server is lost.
import { pathToFileURL } from 'node:url'
import { QueueServerError } from '../../host/explore/queueServer'
import { queueWorker } from '../../host/explore/queueWorker'

const [url, queue, threads, file] = process.argv.slice(2)
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
try {
  await queueWorker(url, {
    queue,
    threads: Number(threads),
    workerFile: pathToFileURL(file),
    signal: stop.signal,
    stallMs: 500,
    lockMs: 1_500,
    patienceMs: 3_000,
    onUnit: (id) => void process.stdout.write(`${id}\n`),
  })
  process.stdout.write('ended\n')
} catch (error) {
  if (!(error instanceof QueueServerError)) throw error
  process.stdout.write(`${error.message}\n`)
  process.exitCode = 4
}
