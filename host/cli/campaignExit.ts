// How a campaign ended, and what that means as an exit code.

import { type CampaignReport, campaignVerdict, type Stopped } from '../report/campaign/model'
import { EXIT_BROKEN, EXIT_INTERRUPTED, EXIT_OK, EXIT_UNMET } from './exitCodes'
import type { Terminal } from './terminal'

export function campaignExitCode(report: CampaignReport): number {
  if (report.stopped === 'interrupted') return EXIT_INTERRUPTED
  const verdict = campaignVerdict(report)
  if (verdict === 'fail') return EXIT_UNMET
  // Units without a result, and no law broken: a thread of ours died.
  return verdict === 'pass' ? EXIT_OK : EXIT_BROKEN
}

/** A campaign that came to its end before Ctrl-C was heard was not interrupted. */
export function stoppedBy(isComplete: boolean, bailed: boolean, { interrupted }: Terminal): Stopped | null {
  if (bailed) return 'bail'
  return interrupted.aborted || !isComplete ? 'interrupted' : null
}
