// `platterlab merge`: the certificates of all shards of one campaign -> the certificate of the whole.
//
// A function of the certificates alone, in whatever order they are named. What does not belong together is refused, with what is missing.

import { readFileSync } from 'node:fs'
import { Coverage } from '../explore/coverage'
import type { BreachReport, Certificate } from '../report/campaign/model'
import { campaignExitCode } from './campaignExit'
import { checkReporters, type RawCampaignOptions } from './campaignOptions'
import { reserveReports, writeReports } from './campaignReporters'
import { certificateProblem } from './certificateFile'
import { BadInput } from './cliError'
import { OutputFiles } from './outputFile'
import type { Terminal } from './terminal'

interface ReadCertificate {
  readonly file: string
  readonly certificate: Certificate
}

/** Returns the exit code; throws BadInput. */
export async function mergeCommand(
  paths: readonly string[],
  raw: RawCampaignOptions,
  terminal: Terminal,
): Promise<number> {
  const reporters = checkReporters(raw)
  const merged = merge(paths.map(readCertificate))
  const files = new OutputFiles()
  try {
    reserveReports(reporters, files)
    await writeReports(merged, reporters, files, terminal)
    files.commit()
    return campaignExitCode(merged)
  } finally {
    files.discard()
  }
}

function readCertificate(file: string): ReadCertificate {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new BadInput(`${file}: found ${(error as Error).message}, expected what certify --json prints`)
  }
  const problem = certificateProblem(document)
  if (problem !== null) throw new BadInput(`${file}: ${problem}`)
  return { file, certificate: document as Certificate }
}

export function merge(read: readonly ReadCertificate[]): Certificate {
  const [first] = read
  if (first === undefined) throw new BadInput('merge: found no certificates, expected one of each shard')
  for (const { file, certificate } of read) {
    if (certificate.stopped === 'interrupted') {
      throw new BadInput(`${file}: found a campaign that was interrupted, expected one that came to its end`)
    }
  }
  checkAlike(first, read)
  const parts = read.map(({ certificate }) => certificate)
  const { count } = first.certificate.shard
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter(
    (index) => !parts.some(({ shard }) => shard.index === index),
  )
  if (missing.length > 0) {
    const names = missing.map((index) => `${index}/${count}`).join(', ')
    throw new BadInput(`merge: found ${read.length} of ${count} shards, expected each once; missing: ${names}`)
  }
  parts.sort((a, b) => a.shard.index! - b.shard.index!)
  return added(parts)
}

/** The same campaign, and no shard twice. */
function checkAlike(first: ReadCertificate, read: readonly ReadCertificate[]): void {
  const asked = ({ version, microcode, seed, budget, shard }: Certificate) => ({
    version,
    'microcode.sha256': microcode.sha256,
    seed,
    budget: JSON.stringify(budget),
    'shard.count': shard.count,
  })
  const expected = asked(first.certificate)
  const seen = new Map<number | null, string>()
  for (const { file, certificate } of read) {
    for (const [key, found] of Object.entries(asked(certificate))) {
      const other = expected[key as keyof typeof expected]
      if (found !== other) throw new BadInput(`${file}: ${key}: found ${found}, expected ${other} as in ${first.file}`)
    }
    const { index, count } = certificate.shard
    if (index === null) throw new BadInput(`${file}: found a merged certificate, expected one of a shard`)
    const twin = seen.get(index)
    if (twin !== undefined) {
      throw new BadInput(`${file}: found shard ${index}/${count} as in ${twin}, expected each shard once`)
    }
    seen.set(index, file)
  }
}

/** `parts` in the order of the shards. */
function added(parts: readonly Certificate[]): Certificate {
  const coverage = new Coverage()
  for (const part of parts) coverage.add(part.coverage)
  const breaches = new Map<string, BreachReport>()
  for (const breach of parts.flatMap((part) => part.breaches).sort((a, b) => a.unit - b.unit)) {
    const known = breaches.get(breach.law)
    breaches.set(breach.law, known ? { ...known, units: known.units + breach.units } : breach)
  }
  const first = parts[0]!
  const { count } = first.shard
  return {
    kind: 'certificate',
    version: first.version,
    microcode: first.microcode,
    seed: first.seed,
    budget: first.budget,
    shard: count === 1 ? first.shard : { index: null, count },
    stopped: parts.some(({ stopped }) => stopped === 'bail') ? 'bail' : null,
    units: parts.reduce((sum, { units }) => sum + units, 0),
    coverage: { ...coverage },
    breaches: [...breaches.values()],
    lost: parts.flatMap(({ lost }) => lost).sort((a, b) => a.unit - b.unit),
  }
}
