// `platterlab certify`: the standard campaign on a module, and its certificate.

import { CERTIFY_SEED, CERTIFY_STATES, certifyPlan } from '../explore/certify'
import type { Law } from '../oracle/verdict'
import type { Certificate } from '../report/campaign/model'
import { campaignExitCode, stoppedBy } from './campaignExit'
import {
  type CampaignOptions,
  checkCampaignOptions,
  parseBudget,
  parseShard,
  type RawCampaignOptions,
} from './campaignOptions'
import { reserveReports, writeReports } from './campaignReporters'
import { factsOf, openPools, runCampaign } from './campaignRun'
import { type NamedModule, readModule } from './namedModule'
import { OutputFiles } from './outputFile'
import { type Breaking, shrinkBreaches } from './shrinkBreaches'
import type { Terminal } from './terminal'
import { VERSION } from './version'

export interface RawCertifyOptions extends RawCampaignOptions {
  readonly budget?: string
  readonly shard?: string
}

interface CertifyWork extends CampaignOptions {
  readonly module: NamedModule
  readonly campaignSeed: number
  readonly budget: ReturnType<typeof parseBudget>
  readonly shard: ReturnType<typeof parseShard>
}

/** Returns the exit code; throws BadInput. */
export async function certifyCommand(
  file: string | undefined,
  raw: RawCertifyOptions,
  terminal: Terminal,
): Promise<number> {
  const options = checkCampaignOptions(raw)
  const budget = parseBudget(raw.budget ?? `states:${CERTIFY_STATES}`)
  const shard = parseShard(raw.shard)
  const module = readModule(file)
  const work = { ...options, module, budget, shard, campaignSeed: options.seed ?? CERTIFY_SEED }
  terminal.err(terminal.errColours.dim(`seed ${work.campaignSeed}\n`))
  const files = new OutputFiles()
  try {
    reserveReports(options.reporters, files)
    const found = await campaign(work, terminal)
    const breakingOf = (index: number): Breaking => ({
      run: { kind: 'drawn', campaignSeed: work.campaignSeed, index },
      microcodeFile: module.path,
      namedMicrocode: module.option,
      directory: '.',
    })
    const nameOf = (law: Law) => `${law}.yaml`
    const report = await shrinkBreaches(found, work.shrinkDirectory, breakingOf, nameOf, files, terminal)
    await writeReports(report, options.reporters, files, terminal)
    if (report.stopped !== 'interrupted') files.commit()
    return campaignExitCode(report)
  } finally {
    files.discard()
  }
}

async function campaign(work: CertifyWork, terminal: Terminal): Promise<Certificate> {
  const { module, campaignSeed, budget, shard, bail, jobs, queue } = work
  const plan = certifyPlan(module.bytes, {
    seed: campaignSeed,
    budget: 'states' in budget ? budget : { ms: budget.durationNs / 1e6 },
    shard,
    bail,
    jobs,
    clockMs: () => performance.now(),
  })
  const pools = await openPools(queue, jobs, terminal)
  try {
    const name = `certify-${plan.microcode.digest.slice(0, 16)}-${campaignSeed}-${shard.index + 1}of${shard.count}`
    const result = await runCampaign(plan, pools.open(name), module.path, terminal)
    const facts = factsOf(result, (index) => ({ kind: 'drawn', campaignSeed, index }), module.option)
    return {
      kind: 'certificate',
      version: VERSION,
      microcode: module.report,
      seed: campaignSeed,
      budget,
      shard: { index: shard.index + 1, count: shard.count },
      stopped: stoppedBy(result.isComplete, bail && facts.breaches.length > 0, terminal),
      ...facts,
    }
  } finally {
    await pools.close()
  }
}
