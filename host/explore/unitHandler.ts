// The worker thread's side of unitThreads.ts: carries out one unit, and answers with the JSON of its outcome. The same text goes to the
// caller on this machine and into the queue's server. Never throws: a job's error is an outcome, and so is an output that JSON cannot say.
import { PROGRESS_WORDS, ProgressCell } from '../controller/progressCell'
import { describeError } from './jobError'
import type { Jobs } from './jobs'
import type { UnitOutcome } from './unitPool'

export interface UnitTask {
  /** Which job of the registry. */
  readonly name: string
  /** JSON. */
  readonly input: string
  /** UNIT_WORDS words in shared memory, of this unit alone: those of a ProgressCell, and one that is set when a thread begins. */
  readonly progress: Int32Array<SharedArrayBuffer>
}

const WORD_BEGUN = PROGRESS_WORDS
export const UNIT_WORDS = PROGRESS_WORDS + 1

/** False: whatever went wrong, it was not the unit. */
export const hasBegun = (words: Int32Array): boolean => Atomics.load(words, WORD_BEGUN) !== 0

export type UnitHandler = (task: UnitTask) => Promise<string>

/** What a worker's file has to export as its default. */
export function unitHandler(jobs: Jobs): UnitHandler {
  return async ({ name, input, progress }) => {
    Atomics.store(progress, WORD_BEGUN, 1)
    const cell = new ProgressCell(progress)
    try {
      if (!Object.hasOwn(jobs, name)) throw new Error(`no job is called "${name}"`)
      const output = await jobs[name](JSON.parse(input) as never, { progress: cell })
      return outcomeText({ kind: 'done', output })
    } catch (error) {
      return failedText(error)
    } finally {
      cell.leave()
    }
  }
}

export const outcomeText = (outcome: UnitOutcome): string => JSON.stringify(outcome)

export const readOutcome = (text: string): UnitOutcome => JSON.parse(text) as UnitOutcome

function failedText(error: unknown): string {
  const described = describeError(error)
  try {
    return outcomeText({ kind: 'failed', error: described })
  } catch {
    // A field that JSON cannot say, such as a BigInt.
    return outcomeText({ kind: 'failed', error: { ...described, fields: {} } })
  }
}
