// Carries out units in threads of this machine: with one thread too, for the microcode of a unit may never return.
import { readOutcome } from './unitHandler'
import type { NextUnit, UnitEnded, UnitJob, UnitPool } from './unitPool'
import { UnitThreads, type UnitThreadsOptions } from './unitThreads'

export type LocalPoolOptions = UnitThreadsOptions

export function localPool(options: LocalPoolOptions): UnitPool {
  return new LocalPool(options)
}

class LocalPool implements UnitPool {
  private readonly threads: UnitThreads
  private running = false
  private closed = false

  constructor(options: LocalPoolOptions) {
    this.threads = new UnitThreads(options)
  }

  async run(next: NextUnit, ended: UnitEnded, signal: AbortSignal): Promise<void> {
    if (this.running) throw new Error('a pool carries out one run at a time')
    this.running = true
    const onAbort = (): void => void this.threads.drop()
    signal.addEventListener('abort', onAbort)
    const underWay = new Set<Promise<void>>()
    try {
      await this.keepBusy(next, ended, signal, underWay)
    } catch (error) {
      await this.threads.drop()
      await Promise.allSettled(underWay)
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.running = false
    }
  }

  close(): Promise<void> {
    this.closed = true
    return this.threads.drop()
  }

  private async keepBusy(
    next: NextUnit,
    ended: UnitEnded,
    signal: AbortSignal,
    underWay: Set<Promise<void>>,
  ): Promise<void> {
    let failure: { readonly error: unknown } | null = null
    const stopped = (): boolean => this.closed || signal.aborted || failure !== null
    const carryOut = async (job: UnitJob): Promise<void> => {
      try {
        const text = await this.threads.run(job.name, JSON.stringify(job.input ?? null))
        if (text !== null && !stopped()) ended(job, readOutcome(text))
      } catch (error) {
        failure ??= { error }
      }
    }
    for (;;) {
      const broken = failure as { readonly error: unknown } | null
      if (broken !== null) throw broken.error
      while (underWay.size < this.threads.count && !stopped()) {
        const job = next()
        if (job === null) break
        const unit = carryOut(job).finally(() => underWay.delete(unit))
        underWay.add(unit)
      }
      if (underWay.size === 0) return
      await Promise.race(underWay)
    }
  }
}
