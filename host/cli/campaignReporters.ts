// The reporters of a campaign, and where their texts go. Files appear together with the end of the command, or not at all.

import { createColors } from 'picocolors'
import type { Colors } from 'picocolors/types'
import type { CampaignReport, CampaignReporter } from '../report/campaign/model'
import type { OutputFiles } from './outputFile'
import type { ReporterPlace } from './reporters'
import type { Terminal } from './terminal'

const LOADERS = {
  pretty: async (colours: Colors): Promise<CampaignReporter> =>
    (await import('../report/campaign/pretty')).campaignPrettyReporter(colours),
  json: async (): Promise<CampaignReporter> => (await import('../report/campaign/json')).campaignJsonReporter(),
  junit: async (): Promise<CampaignReporter> => (await import('../report/campaign/junit')).campaignJunitReporter(),
  github: async (): Promise<CampaignReporter> => (await import('../report/campaign/github')).campaignGithubReporter(),
  html: async (): Promise<CampaignReporter> => (await import('../report/campaign/html')).campaignHtmlReporter(),
}

export type CampaignReporterName = keyof typeof LOADERS
export const CAMPAIGN_REPORTER_NAMES = Object.keys(LOADERS) as CampaignReporterName[]
export type CampaignReporterChoice = ReporterPlace<CampaignReporterName>

/** A place that cannot be written should be known before the work. */
export function reserveReports(choices: readonly CampaignReporterChoice[], files: OutputFiles): void {
  for (const { file } of choices) if (file !== null) files.temporary(file)
}

/** Prints to stdout what belongs there, and writes the files, which the caller commits. */
export async function writeReports(
  report: CampaignReport,
  choices: readonly CampaignReporterChoice[],
  files: OutputFiles,
  terminal: Terminal,
): Promise<void> {
  for (const { name, file } of choices) {
    const reporter = await LOADERS[name](file === null ? terminal.outColours : createColors(false))
    const text = reporter.document(report)
    if (file === null) terminal.out(text)
    else files.write(file, text)
  }
}
