// How far a copy is, in one line.

import type { Pace } from './pace'
import { bytesText, plural, timeLeftText } from './quantities'

export interface ProgressFacts {
  readonly totalBytes: number
  readonly doneBytes: number
  /** Sectors that are listed so far, and in how many areas; 0: areas are not counted. */
  readonly listedSectors: number
  readonly listedAreas: number
  /** What else there is to say; '': nothing. */
  readonly note: string
}

/** '37 %  12.3 GiB of 33.2 GiB, 231 MiB/s now, 250 MiB/s mean, 1 min 30 s left, 24 sectors in 2 areas listed' */
export function progressText(facts: ProgressFacts, pace: Pace): string {
  const { totalBytes, doneBytes, listedSectors, listedAreas, note } = facts
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes)
  const { rateNow, rateMean } = pace
  const leftMs = pace.leftMs(totalBytes)
  const parts = [
    `${percent} %  ${bytesText(doneBytes)} of ${bytesText(totalBytes)}`,
    rateNow === null ? null : `${bytesText(rateNow)}/s now`,
    rateMean === null ? null : `${bytesText(rateMean)}/s mean`,
    leftMs === null ? null : `${timeLeftText(leftMs)} left`,
    listedSectors === 0 ? null : listedText(listedSectors, listedAreas),
    note === '' ? null : note,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function listedText(sectors: number, areas: number): string {
  return areas === 0
    ? `${plural(sectors, 'sector')} listed`
    : `${plural(sectors, 'sector')} in ${plural(areas, 'area')} listed`
}
