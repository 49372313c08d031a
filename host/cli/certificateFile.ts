// Whether a JSON document is a certificate, as certify --json prints it.

import { z } from 'zod'
import { LAWS } from '../oracle/verdict'

const count = z.number().int().nonnegative()
const law = z.enum(LAWS as [string, ...string[]])

const CERTIFICATE = z.object({
  kind: z.literal('certificate'),
  version: z.string(),
  microcode: z.object({ file: z.string(), sha256: z.string() }),
  seed: count,
  budget: z.union([z.object({ states: count }), z.object({ durationNs: count })]),
  shard: z.object({ index: count.nullable(), count: count.min(1) }),
  stopped: z.enum(['bail', 'interrupted']).nullable(),
  units: count,
  coverage: z.object({
    states: count,
    crashPointsMet: count,
    pointsExplored: count,
    pointsCut: count,
    duplicates: count,
    choicesCut: count,
    cells: z.record(z.string(), z.partialRecord(law, count)),
  }),
  breaches: z.array(
    z.object({
      law,
      units: count,
      unit: count,
      lba: count.nullable(),
      found: z.string(),
      expected: z.string(),
      token: z.string(),
      replay: z.string(),
      scenarioFile: z.string().nullable(),
    }),
  ),
  lost: z.array(z.object({ unit: count, reason: z.string() })),
})

/** Null: it is one. Otherwise the first thing that is wrong, with its place. */
export function certificateProblem(document: unknown): string | null {
  const result = CERTIFICATE.safeParse(document)
  if (result.success) return null
  const { path, message } = result.error.issues[0]!
  const place = path.length === 0 ? '' : `${path.join('.')}: `
  return `${place}${message}; expected what certify --json prints`
}
