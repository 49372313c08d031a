// How far a copy is, as a line on stderr that is rewritten while it runs.

import type { CopyProgress } from '../image/copyJob'
import { Pace } from '../report/pace'
import { progressText } from '../report/progressText'
import { plural } from '../report/quantities'
import { statusLine } from './statusLine'
import type { Terminal } from './terminal'

/** `note`: what else there is to say, such as the phase of a rescue. */
export type ShownProgress = CopyProgress & { readonly note?: string }

export interface ProgressLine {
  /** `sectorBytes`: where it was not known before. */
  readonly show: (progress: ShownProgress, sectorBytes?: number) => void
  /** Takes the line away. What is shown next is other work, with a pace of its own. */
  readonly end: () => void
}

export function progressLine(
  terminal: Terminal,
  sectorBytes: number,
  isTerminal?: boolean,
  clockMs: () => number = () => performance.now(),
): ProgressLine {
  const line = statusLine(terminal, isTerminal, clockMs)
  let pace: Pace | null = null
  return {
    show(progress, unitBytes = sectorBytes) {
      pace ??= new Pace(clockMs(), (progress.resumedAtSector ?? 0) * unitBytes)
      const { lostSectors, lostAreas = 0, droppedTargets = 0 } = progress
      const note = [progress.note ?? '', droppedTargets > 0 ? `${plural(droppedTargets, 'target')} dropped` : '']
        .filter((text) => text !== '')
        .join(', ')
      const doneBytes = progress.sectorsDone * unitBytes
      line.show(() => {
        pace!.note(clockMs(), doneBytes)
        const totalBytes = progress.sectors * unitBytes
        return progressText({ totalBytes, doneBytes, listedSectors: lostSectors, listedAreas: lostAreas, note }, pace!)
      })
    },
    end() {
      pace = null
      line.end()
    },
  }
}
