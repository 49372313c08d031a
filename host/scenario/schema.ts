// The scenario file as zod sees it. Strict: a key that is not known is an error, never ignored.
//
// This is the one description of the format: it checks files, fills in defaults, and gives the JSON Schema for editors.

import { z } from 'zod'
import { EVENT_CODES } from '../faults/eventNames'
import { LAW_TEXT, type Law } from '../oracle/verdict'
import { ARRAY_STATES, BAY_STATES, LIVE_IMAGE_KINDS } from './scenario'
import { arraySchema, drivesSchema } from './schemaArray'
import { faultsSchema } from './schemaFaults'
import { remoteSchema } from './schemaRemote'
import { duration, integer, path } from './schemaUnits'
import { workloadSchema } from './schemaWorkload'

const EVENT_NAMES = [...EVENT_CODES.keys()] as [string, ...string[]]
const LAWS = Object.keys(LAW_TEXT) as [Law, ...Law[]]

const liveImagesSchema = z
  .array(
    z.strictObject({
      kind: z
        .enum(LIVE_IMAGE_KINDS)
        .default('full')
        .describe('All of it, what changed since the last image, or what changed since the last full one'),
      after: duration()
        .prefault('0')
        .describe('From the start of the workload, or the end of the image before, until its snapshot is taken'),
      depth: integer(1, 32).default(4).describe('Reads of the snapshot at once'),
    }),
    { error: 'a list of images' },
  )
  .prefault([])

const limitsSchema = z.strictObject({
  simulatedTime: duration().prefault('60 s').describe('A run that is not over by then ends with a violation of LIVE'),
  commandTimeout: duration().prefault('30 s').describe('A command of an initiator that takes longer breaks LIVE'),
})

const expectSchema = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'unknown']).default('pass').describe('The verdict that the author expects'),
  laws: z.array(z.enum(LAWS), { error: 'a list of laws' }).prefault([]).describe('With fail: laws that must be broken'),
  arrayState: z.enum(ARRAY_STATES).optional().describe('What the array claims at the end'),
  bays: z
    .record(z.string(), z.enum(BAY_STATES), { error: 'a map from bay number to state' })
    .prefault({})
    .describe('What the array claims of single bays at the end'),
  events: z
    .partialRecord(z.enum(EVENT_NAMES), integer(1), {
      // For unknown keys the message lists the known ones: see issues.ts.
      error: (issue: { code: string }) =>
        issue.code === 'unrecognized_keys' ? EVENT_NAMES.join(', ') : 'a map from event to count',
    })
    .prefault({})
    .describe('Events that must have happened, at least so often'),
  faultsStruck: integer(0)
    .optional()
    .describe('At least so many faults must have struck; by default every one that is not drawn at a rate'),
})

export const scenarioSchema = z
  .strictObject({
    name: z
      .string({ error: 'a name' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'a name of letters, digits, dots, dashes and underscores' })
      .optional()
      .describe("Name of the scenario; by default the file's"),
    story: z.string({ error: 'a text' }).default('').describe('What happens here, and why, for a reader'),
    seed: integer(0).optional().describe('Seed of everything random; --seed overrides it'),
    array: arraySchema.prefault({}),
    drives: drivesSchema.prefault({}),
    remote: remoteSchema
      .optional()
      .describe('A second site with an array like this one; the initiators begin at site a'),
    image: path().optional().describe('Content of the LUN at the start: a raw image, written through the microcode'),
    workload: workloadSchema.describe('What the initiators do, all at the same time'),
    liveImages: liveImagesSchema.describe('Images of the LUNs that a backup host makes meanwhile, one after the other'),
    holds: z
      .array(
        z.strictObject({
          step: integer(1).describe('Which event, counted over all that may be held, since the workload began'),
          for: duration().describe('For how long'),
        }),
        { error: 'a list of holds' },
      )
      .prefault([])
      .describe(
        'Events that come later than the hardware would have had them: answers of drives, timers, spin-ups, initiators',
      ),
    faults: faultsSchema.describe('What goes wrong, and when'),
    limits: limitsSchema.prefault({}),
    expect: expectSchema.prefault({}).describe('What must come out'),
  })
  .meta({ title: 'Platterlab scenario' })

export type ScenarioInput = z.output<typeof scenarioSchema>

/** The JSON Schema (draft-07, which editors know best) of what a person writes. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-07' })
}
