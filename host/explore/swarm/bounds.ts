// How far a drawn run is explored: at how many of its crash points power fails, and in how many ways.

import type { RandomStream } from '../../sim/random'
import type { Bounds } from '../explorer'
import { pick } from './drawing'

const NO_BRANCHES: Bounds = { crashPoints: 0, choices: 0, depth: 0, states: 0, absences: false }

export function drawBounds(random: RandomStream): Bounds {
  // Most of what needs a rare fault shows without any branch: two runs of three have none.
  if (random.chance(2, 3)) return NO_BRANCHES
  // Few of each run: another run shows more than another branch of this one.
  const [crashPoints, choices] = pick(random, [
    [3, 8],
    [6, 4],
    [12, 2],
  ] as const)
  return {
    crashPoints,
    choices,
    depth: random.chance(1, 4) ? 2 : 1,
    states: 24,
    absences: random.chance(1, 2),
  }
}

/** Two sites: a branch is the whole run once more, so there are fewer of them. Of what was not committed and not flushed nothing persists, or all. */
export function drawSiteBounds(random: RandomStream): Bounds {
  if (random.chance(5, 6)) return NO_BRANCHES
  const [crashPoints, choices] = pick(random, [
    [2, 2],
    [4, 1],
  ] as const)
  return { crashPoints, choices, depth: 1, states: 6, absences: false }
}
