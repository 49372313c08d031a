// A redis-server of a test's own, and worker processes that take units from it: started here, ended here by their process ids.
//
// The server listens on a free port of loopback, keeps nothing on disk, and works in a folder that is removed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { build } from 'tsdown'
import { ROOT } from '../tidy/tree'

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export interface RunningProcess {
  readonly process: ChildProcess
  /** What it said so far. */
  output(): string
  /** Resolves when it is gone; its exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string>
}

export function start(command: string, args: readonly string[]): RunningProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => said.push(String(data)))
  const gone = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  const end = (signal: NodeJS.Signals): Promise<number | string> => {
    child.kill(signal)
    return gone
  }
  return { process: child, output: () => said.join(''), end }
}

/** Returns when the server answers. */
export async function startRedis(path: string, folder: string, port: number): Promise<RunningProcess> {
  const quiet = ['--save', '', '--appendonly', 'no', '--daemonize', 'no']
  const running = start(path, ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...quiet])
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 50 })
  client.on('error', () => {})
  try {
    await Promise.race([client.ping(), sleep(20_000)])
    if (client.status !== 'ready') throw new Error(`redis-server does not answer:\n${running.output()}`)
  } catch (error) {
    await running.end('SIGKILL')
    throw error
  } finally {
    client.disconnect()
  }
  return running
}

/** Bundles the worker process and its threads' file into `folder`. Packages stay outside, and are found through a link. */
export async function bundleQueueWorker(folder: string): Promise<{ process: string; threads: string }> {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const source = (name: string): string => fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url))
  await build({
    config: false,
    entry: { process: source('queueWorkerProcess'), threads: source('exploreTestWorker') },
    outDir: join(folder, 'bundle'),
    format: 'esm',
    platform: 'node',
    target: 'node20',
    dts: false,
    deps: { neverBundle: ['bullmq', 'ioredis', 'piscina'] },
    logLevel: 'silent',
  })
  return { process: join(folder, 'bundle/process.mjs'), threads: join(folder, 'bundle/threads.mjs') }
}
