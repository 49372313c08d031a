// A campaign as annotations for GitHub Actions: an error for each broken law, and a notice that sums up.

import { createColors } from 'picocolors'
import { annotation } from '../github'
import { type CampaignReporter, partsOf } from './model'
import { breachLines, verdictText } from './pretty'

export function campaignGithubReporter(): CampaignReporter {
  return {
    document(report) {
      const errors = partsOf(report).flatMap(({ title, file, facts }) =>
        facts.breaches.map((breach) => {
          const text = breachLines(breach, createColors(false)).join('\n')
          return annotation('error', { file, line: 1, title: `${title}: ${breach.law} is broken` }, text)
        }),
      )
      return [...errors, annotation('notice', { title: 'platterlab' }, verdictText(report))].join('')
    },
  }
}
