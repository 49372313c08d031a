// Whether an array has nothing more to do, by its own claims: after the workload a run waits for that.

import {
  ARRAY_DEGRADED,
  ARRAY_DISCOVERING,
  ARRAY_FAILED,
  ARRAY_NONE,
  ARRAY_OPTIMAL,
  ARRAY_STOPPED,
  BAY_STATE_CATCHING_UP,
  BAY_STATE_REBUILDING,
  BAY_STATE_UNKNOWN,
  REMOTE_DATED,
  REMOTE_REFUSED,
  REMOTE_SPLIT,
  REMOTE_UP,
  STATUS_ARRAY_STATE,
  STATUS_BAY_STATE,
  STATUS_BAY_WORDS,
  STATUS_BAYS,
  STATUS_BUSY,
  STATUS_DIRTY_REGIONS,
  STATUS_LUN_SECTORS_HIGH,
  STATUS_LUN_SECTORS_LOW,
  STATUS_REMOTE_DIRTY_REGIONS,
  STATUS_REMOTE_STATE,
  STATUS_UNDECIDED_REGIONS,
} from '../../assembly/abi/status'
import type { Rig } from '../rig/rig'
import type { Site } from '../rig/site'

/** The sites hold the same, or what was appointed, or will not without an operator. */
const SETTLED: ReadonlySet<number> = new Set([REMOTE_UP, REMOTE_DATED, REMOTE_SPLIT, REMOTE_REFUSED])
const REFUSING: ReadonlySet<number> = new Set([ARRAY_FAILED, ARRAY_NONE, ARRAY_STOPPED])

/** The array says that it was stopped. */
export function isStopped({ controller }: Site): boolean {
  return controller.statusWord(STATUS_ARRAY_STATE) === ARRAY_STOPPED
}

/** The array says that it cannot serve, and waits for members that are missing, or for the next boot. */
export function refusesForGood({ controller, isPowered }: Site): boolean {
  return isPowered && controller.isRunning && REFUSING.has(controller.statusWord(STATUS_ARRAY_STATE))
}

/** The array says that it has its members. */
export function knowsItsArray({ controller, isPowered }: Site): boolean {
  const state = controller.statusWord(STATUS_ARRAY_STATE)
  return isPowered && controller.isRunning && (state === ARRAY_OPTIMAL || state === ARRAY_DEGRADED)
}

export function lunSectorsOf({ controller }: Site): number {
  const [low, high] = [STATUS_LUN_SECTORS_LOW, STATUS_LUN_SECTORS_HIGH].map((word) => controller.statusWord(word))
  return low! + high! * 0x1_0000_0000
}

/** Both sites say that they hold the same. */
export function isInStep({ sites }: Rig): boolean {
  return sites.every(({ controller }) => {
    const state = controller.statusWord(STATUS_REMOTE_STATE)
    const lacksNothing = controller.statusWord(STATUS_REMOTE_DIRTY_REGIONS) === 0
    return state === REMOTE_UP || (state === REMOTE_DATED && lacksNothing)
  })
}

/** Nothing more is going to happen at any site that has power, nor between the two. */
export function isRigQuiet({ sites, link }: Rig): boolean {
  const powered = sites.filter(({ isPowered }) => isPowered)
  if (!powered.every(isQuiet)) return false
  if (link === null || powered.length < sites.length || !link.directions.every(({ isUp }) => isUp)) return true
  // With a site that has no array there is nothing to settle.
  if (powered.some(refusesForGood)) return true
  return powered.every(({ controller }) => SETTLED.has(controller.statusWord(STATUS_REMOTE_STATE)))
}

export function isQuiet(site: Site): boolean {
  const { controller } = site
  if (!controller.isRunning || !controller.waiting.isEmpty) return false
  if (controller.statusWord(STATUS_ARRAY_STATE) === ARRAY_DISCOVERING) return false
  if (controller.statusWord(STATUS_BUSY) !== 0) return false
  // What was left to do is done after the next boot, or when members come.
  if (refusesForGood(site)) return true
  if (controller.statusWord(STATUS_UNDECIDED_REGIONS) !== 0) return false
  for (let bay = 0; bay < site.bays.length; bay++) {
    const state = controller.statusWord(STATUS_BAYS + bay * STATUS_BAY_WORDS + STATUS_BAY_STATE)
    if (state === BAY_STATE_REBUILDING || state === BAY_STATE_CATCHING_UP) return false
    if (state === BAY_STATE_UNKNOWN && site.bays[bay]) return false
  }
  const isOptimal = controller.statusWord(STATUS_ARRAY_STATE) === ARRAY_OPTIMAL
  return !isOptimal || controller.statusWord(STATUS_DIRTY_REGIONS) === 0
}
