// A campaign as one JSON document, for programs and for `platterlab merge`. Keys carry their units; no wall time is in it.

import { jsonText } from '../json'
import { type CampaignReport, type CampaignReporter, campaignVerdict } from './model'

export function campaignJsonReporter(): CampaignReporter {
  return { document: (report) => jsonText(campaignDocument(report)) }
}

export function campaignDocument(report: CampaignReport): object {
  const { stopped } = report
  const end = { complete: stopped === null, stopped, verdict: campaignVerdict(report) }
  if (report.kind === 'exploration') {
    const { kind, version, bounds, scenarios } = report
    return {
      kind,
      version,
      bounds,
      ...end,
      scenarios: scenarios.map((one) => ({ ...one, coverage: sorted(one.coverage) })),
    }
  }
  const { kind, version, microcode, seed, budget, shard, units, coverage, breaches, lost } = report
  return { kind, version, microcode, seed, budget, shard, units, ...end, coverage: sorted(coverage), breaches, lost }
}

/** Cells by name, so that equal coverage gives equal bytes whatever it was added up from. */
function sorted<T extends { readonly cells: Readonly<Record<string, object>> }>(coverage: T): T {
  const rows = Object.entries(coverage.cells).sort(([a], [b]) => (a < b ? -1 : 1))
  const cells = rows.map(([fault, row]) => [
    fault,
    Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))),
  ])
  return { ...coverage, cells: Object.fromEntries(cells) }
}
