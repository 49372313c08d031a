// One line on stderr that is rewritten while a copy runs. Only on a terminal: a pipe or a log gets nothing.

import type { CopyProgress } from '../image/copyJob'
import { bytesText } from '../report/quantities'
import type { Terminal } from './terminal'

const PAUSE_MS = 200

export interface ProgressLine {
  readonly show: (progress: CopyProgress) => void
  /** Takes the line away. */
  readonly end: () => void
}

export function progressLine(
  terminal: Terminal,
  sectorBytes: number,
  isTerminal = Boolean(process.stderr.isTTY),
  clockMs = () => performance.now(),
): ProgressLine {
  const startMs = clockMs()
  let lastMs = startMs
  let isShown = false
  if (!isTerminal) return { show: () => {}, end: () => {} }
  return {
    show: ({ sectors, sectorsDone, lostSectors }) => {
      const nowMs = clockMs()
      if (nowMs - lastMs < PAUSE_MS) return
      lastMs = nowMs
      isShown = true
      const doneBytes = sectorsDone * sectorBytes
      const percent = sectors === 0 ? 100 : Math.floor((100 * sectorsDone) / sectors)
      const rate = bytesText((doneBytes / (nowMs - startMs)) * 1000)
      const lost = lostSectors > 0 ? `, ${lostSectors} sectors listed` : ''
      terminal.err(
        `\r\x1b[K${percent} %  ${bytesText(doneBytes)} of ${bytesText(sectors * sectorBytes)}, ${rate}/s${lost}`,
      )
    },
    end: () => {
      if (isShown) terminal.err('\r\x1b[K')
    },
  }
}
