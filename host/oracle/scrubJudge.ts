// What a scrub must have come to: it told how many sectors differ (law TRUTH), and gave back what one member could not read (law CONV).
//
// Only of a scrub that ran to its end in peace: every member in sync when it began is so at its end, nothing was undecided, and no fault
// struck meanwhile. What it must do is in assembly/abi/operator.ts and status.ts.

import { STATUS_SCRUB_MISMATCHES } from '../../assembly/abi/status'
import type { CaseFile } from './caseFile'
import type { Differences } from './replicaJudge'
import type { RigView } from './rigView'

export function judgeScrub(caseFile: CaseFile, view: RigView, differences: Differences, nowNs: number): void {
  const { sectors, unreadableOnSome } = differences
  const [unread] = unreadableOnSome
  if (unread && sectors === 0) {
    const { bay, lba } = unread
    const found = `LBA ${lba} cannot be read in bay ${bay}, but can in another one, and a scrub has ended since`
    const expected = 'a scrub writes what one member cannot read from one that can'
    caseFile.charge({ law: 'CONV', lba, found, expected, versions: caseFile.sectors.possible(lba) }, nowNs)
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
