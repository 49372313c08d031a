// The steps that led to a violation, oldest first: where each version came from, and when the power failed in between.

import { versionName } from './content'
import type { HistoryStep } from './verdict'
import {
  WRITE_CUT,
  WRITE_FAILED,
  WRITE_FUA,
  WRITE_GOOD,
  WRITE_IN_FLIGHT,
  WRITE_ZEROS,
  type WriteTable,
} from './writeTable'

const STEPS_MAX = 40

export function sectorsText(lba: number, sectors: number): string {
  return sectors === 1 ? `LBA ${lba}` : `LBA ${lba} to ${lba + sectors - 1}`
}

const ENDS: Readonly<Record<number, string>> = {
  [WRITE_GOOD]: 'acknowledged',
  [WRITE_FAILED]: 'answered with an error',
  [WRITE_CUT]: 'in flight when everything was interrupted',
}

/** Steps of the given versions and the power cuts after the first of them, then `last`. */
export function storyOf(
  writes: WriteTable,
  ids: readonly number[],
  interruptions: readonly HistoryStep[],
  last: HistoryStep | null,
): HistoryStep[] {
  const steps: HistoryStep[] = []
  for (const id of [...new Set(ids)].sort((a, b) => a - b)) {
    if (id <= 0) {
      if (id === 0) steps.push({ timeNs: 0, text: `${versionName(0)} is there` })
      continue
    }
    const flags = writes.flags[id]!
    const what = `${flags & WRITE_ZEROS ? 'trim' : 'write'} ${id} (${sectorsText(writes.lba[id]!, writes.sectors[id]!)})`
    steps.push({ timeNs: writes.submitNs[id]!, text: `${what} submitted${flags & WRITE_FUA ? ' with FUA' : ''}` })
    const state = writes.stateOf(id)
    if (state !== WRITE_IN_FLIGHT) steps.push({ timeNs: writes.doneNs[id]!, text: `${what} ${ENDS[state]}` })
  }
  const firstNs = steps.reduce((least, { timeNs }) => Math.min(least, timeNs), Number.POSITIVE_INFINITY)
  for (const step of interruptions) if (step.timeNs >= firstNs) steps.push(step)
  steps.sort((a, b) => a.timeNs - b.timeNs)
  if (last) steps.push(last)
  return steps.slice(-STEPS_MAX)
}
