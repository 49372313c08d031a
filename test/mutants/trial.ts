// One mutant against the standard campaign: unit 0, 1, 2, … of a campaign's seed, until a law is broken, the module is refused, or so
// many states were judged. Each unit is what `exploreUnit` carries out; it ends as soon as a law is broken, for the rest changes nothing.
//
// Not here: what to do about a mutant that never returns. Whoever runs the thread watches the progress cell (campaign.ts).
import { MicrocodeRefused } from '../../host/controller/microcodeRefused'
import { ProgressCell } from '../../host/controller/progressCell'
import { Explorer } from '../../host/explore/explorer'
import { exploreInput, loadMicrocode } from '../../host/explore/unit'

export interface TrialInput {
  readonly bytes: Uint8Array
  readonly campaignSeed: number
  /** Judged states; the unit in which they are used up is finished. */
  readonly states: number
  /** By unit: how many states it judges, where it is known that it does not come to the mutant's place (survey.ts); -1: try it. */
  readonly known?: Int32Array
}

export type Fate =
  /** `what`: the laws that the first state with a violation broke, LIVE for one that stood still, or `refused`. */
  | { readonly kind: 'killed'; readonly what: readonly string[]; readonly found: string; readonly states: number }
  | { readonly kind: 'survived'; readonly states: number }
  /** Known to be equivalent. */
  | { readonly kind: 'untried'; readonly states: 0 }
  /** The wall clock ran out: slow, but nothing was wrong until then. */
  | { readonly kind: 'slow'; readonly states: number }
  /** The host broke down: a bug of ours, not of the mutant's. */
  | { readonly kind: 'broken'; readonly reason: string; readonly states: number }

/** Thrown through the microcode's caller to end a unit: the microcode does not see it. */
class Enough extends Error {}

/** A cell that looks up now and then whether there is a reason to stop. */
class WatchingCell extends ProgressCell {
  isEnough: () => boolean = () => false

  override enter(entry: number, argument: number, timeNs: number): void {
    if (this.isEnough()) throw new Enough()
    super.enter(entry, argument, timeNs)
  }
}

/** `words`: of the progress cell. `judged` is told how many states there are by now. */
export function tryMutant(input: TrialInput, words: Int32Array, judged: (states: number) => void): Fate {
  let states = 0
  try {
    const loaded = loadMicrocode(input.bytes)
    for (let index = 0; states < input.states; index++) {
      const known = input.known?.[index] ?? -1
      if (known >= 0) {
        states += known
        continue
      }
      const cell = new WatchingCell(words)
      const run = { kind: 'drawn', campaignSeed: input.campaignSeed, index } as const
      const explorer = new Explorer({ ...exploreInput(run, loaded, cell), slice: 0, slices: 1 })
      cell.isEnough = () => explorer.violations.length > 0
      try {
        explorer.run()
      } catch (error) {
        if (!(error instanceof Enough)) throw error
      } finally {
        cell.leave()
      }
      states += explorer.coverage.states
      judged(states)
      if (explorer.violations.length > 0) return killedBy(explorer, states)
    }
    return { kind: 'survived', states }
  } catch (error) {
    if (error instanceof MicrocodeRefused) return { kind: 'killed', what: ['refused'], found: error.message, states }
    return { kind: 'broken', reason: (error as Error).stack ?? String(error), states }
  }
}

function killedBy({ violations }: Explorer, states: number): Fate {
  const what = [...new Set(violations.map(({ violation }) => violation.law))]
  const { lba, found, expected } = violations[0].violation
  const place = lba === null ? '' : `LBA ${lba}: `
  return { kind: 'killed', what, found: `${place}found ${found}, expected ${expected}`, states }
}
