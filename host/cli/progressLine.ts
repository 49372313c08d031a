// How far a copy is, as a line on stderr that is rewritten while it runs.

import type { CopyProgress } from '../image/copyJob'
import { bytesText, plural } from '../report/quantities'
import { statusLine } from './statusLine'
import type { Terminal } from './terminal'

export interface ProgressLine {
  /** `sectorBytes`: where it was not known before. */
  readonly show: (progress: CopyProgress, sectorBytes?: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

export function progressLine(
  terminal: Terminal,
  sectorBytes: number,
  isTerminal?: boolean,
  clockMs?: () => number,
): ProgressLine {
  const line = statusLine(terminal, isTerminal, clockMs)
  return {
    show: ({ sectors, sectorsDone, lostSectors, droppedTargets = 0 }, unitBytes = sectorBytes) =>
      line.show((elapsedMs) => {
        const doneBytes = sectorsDone * unitBytes
        const percent = sectors === 0 ? 100 : Math.floor((100 * sectorsDone) / sectors)
        const rate = bytesText((doneBytes / elapsedMs) * 1000)
        const lost = lostSectors > 0 ? `, ${lostSectors} sectors listed` : ''
        const dropped = droppedTargets > 0 ? `, ${plural(droppedTargets, 'target')} dropped` : ''
        return `${percent} %  ${bytesText(doneBytes)} of ${bytesText(sectors * unitBytes)}, ${rate}/s${lost}${dropped}`
      }),
    end: line.end,
  }
}
