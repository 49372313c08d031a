// The server behind a queue, Redis or Valkey: how to reach it, and whether it still answers.
//
// Clients reconnect by themselves, for ever; this file says when that has lasted too long. It asks for a sign of life all the time, on
// a connection of its own, and counts the looks that found none: after `patienceMs` the server is lost, with one error that names it
// (never its password). A process that was itself asleep or busy loses nobody. Not supported: Redis Cluster.
import { Redis } from 'ioredis'

export class QueueServerError extends Error {
  override readonly name = 'QueueServerError'
}

const PATIENCE_MS = 10_000
const LOOKS = 20
const RETRY_MS = 100
const RETRY_MS_MAX = 1_000
const CLOSE_MS = 3_000

export interface ServerOptions {
  readonly url: string
  readonly maxRetriesPerRequest: null
  /** Null = not again. */
  retryStrategy(attempt: number): number | null
}

export class QueueServer {
  /** Its URL, without user and password. */
  readonly name: string
  /** What a connection of BullMQ needs. */
  readonly connection: ServerOptions
  readonly client: Redis
  private over = false
  private readonly loss = new AbortController()
  private readonly timer: NodeJS.Timeout
  private silentLooks = 0
  private asking = false
  private lastError = ''

  constructor(
    url: string,
    private readonly patienceMs = PATIENCE_MS,
  ) {
    this.name = nameOf(url)
    this.connection = {
      url,
      // Commands wait for the next connection. How long is our decision.
      maxRetriesPerRequest: null,
      retryStrategy: (attempt) => (this.over ? null : Math.min(attempt * RETRY_MS, RETRY_MS_MAX)),
    }
    this.client = new Redis(url, this.connection)
    this.client.on('error', this.note)
    this.timer = setInterval(() => this.look(), patienceMs / LOOKS)
  }

  /** Aborts once, with a QueueServerError, when the server is lost. */
  get lost(): AbortSignal {
    return this.loss.signal
  }

  /** For the connections of BullMQ: what goes wrong is told when the server is lost, and not before. */
  readonly note = (error: unknown): void => {
    // A host with two addresses, both of them silent: an AggregateError without words.
    const { message, code } = error as NodeJS.ErrnoException
    this.lastError = message || (code ?? '') || this.lastError
  }

  /** What `work` gives, unless the server is lost first. */
  async orLost<T>(work: Promise<T>): Promise<T> {
    const { lost } = this
    let onLost = (): void => {}
    const loss = new Promise<never>((_, reject) => {
      onLost = () => reject(lost.reason)
      if (lost.aborted) onLost()
      else lost.addEventListener('abort', onLost)
    })
    try {
      return await Promise.race([work, loss])
    } finally {
      lost.removeEventListener('abort', onLost)
    }
  }

  /** Waits for the connections of BullMQ to end, which then do not come back; but not for long, for the server may be gone. */
  async close(connections: readonly Promise<unknown>[]): Promise<void> {
    this.over = true
    clearInterval(this.timer)
    await within(CLOSE_MS, Promise.allSettled(connections))
    this.client.disconnect()
  }

  private look(): void {
    this.silentLooks++
    if (this.silentLooks > LOOKS) {
      clearInterval(this.timer)
      this.over = true
      const cause = this.lastError === '' ? '' : `: ${this.lastError}`
      this.loss.abort(new QueueServerError(`no answer from ${this.name} for ${this.patienceMs / 1000} s${cause}`))
    }
    if (!this.asking) void this.ask()
  }

  private async ask(): Promise<void> {
    this.asking = true
    try {
      await this.client.ping()
      this.silentLooks = 0
    } catch (error) {
      this.note(error)
    }
    this.asking = false
  }
}

/** Resolves with `work`, or after `ms`, whichever comes first. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, enough])
  clearTimeout(timer)
}

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function nameOf(url: string): string {
  const wanted = 'a queue needs a server as redis://host:port, or rediss://host:port with TLS'
  if (!URL.canParse(url)) throw new QueueServerError(wanted)
  const { protocol, host, pathname } = new URL(url)
  if ((protocol !== 'redis:' && protocol !== 'rediss:') || host === '') throw new QueueServerError(wanted)
  return `${protocol}//${host}${pathname}`
}
