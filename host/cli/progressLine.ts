// How far a copy is, as a line on stderr that is rewritten while it runs.

import type { CopyProgress } from '../image/copyJob'
import { bytesText } from '../report/quantities'
import { statusLine } from './statusLine'
import type { Terminal } from './terminal'

export interface ProgressLine {
  readonly show: (progress: CopyProgress) => void
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
    show: ({ sectors, sectorsDone, lostSectors }) =>
      line.show((elapsedMs) => {
        const doneBytes = sectorsDone * sectorBytes
        const percent = sectors === 0 ? 100 : Math.floor((100 * sectorsDone) / sectors)
        const rate = bytesText((doneBytes / elapsedMs) * 1000)
        const lost = lostSectors > 0 ? `, ${lostSectors} sectors listed` : ''
        return `${percent} %  ${bytesText(doneBytes)} of ${bytesText(sectors * sectorBytes)}, ${rate}/s${lost}`
      }),
    end: line.end,
  }
}
