// What a scrub must have come to: it told that it runs and how many sectors differ (law TRUTH), and gave back what one member could not read
// (law CONV).
//
// Only of a scrub that ran to its end in peace: every member in sync when it began is so at its end, nothing was undecided, and no fault
// struck meanwhile. What it must do is in assembly/abi/operator.ts and status.ts.

import { STATUS_SCRUB_MISMATCHES, STATUS_SCRUBBING } from '../../assembly/abi/status'
import type { CaseFile } from './caseFile'
import type { Differences } from './replicaJudge'
import { isClaimedInSync, type RigView } from './rigView'

/** Just after an operator has asked for one, where nothing else is to be done: what is wrong with what the array says; null: nothing. */
export function scrubNotBegun(view: RigView): string | null {
  const said = view.status[STATUS_SCRUBBING]!
  const members = Array.from({ length: view.bayCount }, (_, bay) => isClaimedInSync(view, bay)).filter(Boolean).length
  if (said === 1 || members < 2) return null
  return `a scrub was asked for, and word ${STATUS_SCRUBBING} of the status is ${said}, not 1`
}

export function judgeScrub(caseFile: CaseFile, view: RigView, differences: Differences, nowNs: number): void {
  const { sectors, unreadableOnSome } = differences
  const [unread] = unreadableOnSome
  if (unread && sectors === 0) {
    const { bay, lba } = unread
    const found = `LBA ${lba} cannot be read in bay ${bay}, but can in another one, and a scrub has ended since`
    const expected = 'a scrub writes what one member cannot read from one that can'
    caseFile.charge({ law: 'CONV', lba, found, expected, versions: caseFile.sectors.possible(lba) }, nowNs)
  }
  if (view.status[STATUS_SCRUBBING] !== 0) {
    const found = `at rest after a scrub, word ${STATUS_SCRUBBING} of the status is ${view.status[STATUS_SCRUBBING]}`
    caseFile.charge({ law: 'TRUTH', lba: null, found, expected: '0: none is running', versions: [] }, nowNs)
  }
  const told = view.status[STATUS_SCRUB_MISMATCHES]!
  // Where somebody cannot read, what the others hold is not compared here in all combinations.
  if (unreadableOnSome.length === 0 && told !== sectors) {
    const found = `the scrub says that replicas differ on ${told} sectors`
    caseFile.charge(
      { law: 'TRUTH', lba: null, found, expected: `${sectors} sectors on which they differ`, versions: [] },
      nowNs,
    )
  }
}
