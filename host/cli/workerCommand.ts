// `platterlab worker`: carries out units of other machines' campaigns, until Ctrl-C.

import { availableParallelism } from 'node:os'
import { queueWorker } from '../explore/queueWorker'
import { plural } from '../report/quantities'
import { parseJobs } from './campaignOptions'
import { BadInput } from './cliError'
import { EXIT_INTERRUPTED } from './exitCodes'
import { statusLine } from './statusLine'
import type { Terminal } from './terminal'

export interface RawWorkerOptions {
  readonly queue: string
  readonly jobs?: string
}

export async function workerCommand(raw: RawWorkerOptions, terminal: Terminal): Promise<number> {
  const threads = parseJobs(raw.jobs, availableParallelism())
  const line = statusLine(terminal)
  let units = 0
  const onUnit = (): void => {
    units++
    line.show(() => `${plural(units, 'unit')} done`)
  }
  terminal.err(`waiting for units, with ${plural(threads, 'thread')}; Ctrl-C ends after those that are under way\n`)
  try {
    await queueWorker(raw.queue, { threads, signal: terminal.interrupted, onUnit })
  } catch (error) {
    if ((error as Error).name === 'QueueServerError') throw new BadInput(`--queue: ${(error as Error).message}`)
    throw error
  } finally {
    line.end()
  }
  terminal.err(`${plural(units, 'unit')} done\n`)
  return EXIT_INTERRUPTED
}
