// `faults:`: what goes wrong (one key names the fault) and when (one key names the trigger).

import { z } from 'zod'
import { EVENT_CODES } from '../faults/eventNames'
import { BAYS_MAX } from './schemaArray'
import { duration, durationOrForever, exactlyOne, integer, kept, lbaRange, onOff, ratio } from './schemaUnits'

const EVENT_NAMES = [...EVENT_CODES.keys()] as [string, ...string[]]

const bay = () => integer(0, BAYS_MAX - 1).describe('Bay, from 0')
const count = () => integer(1).default(1).describe('How many commands in a row')
const lasting = () => durationOrForever().prefault('forever').describe('For how long')

const site = () => z.enum(['a', 'b'], { error: 'a or b' }).describe('The site: a is the primary at first')
/** Of faults that concern one array. */
const at = { site: site().optional().describe('The site; without it a, where the initiators begin') }
const frames = () => integer(1).default(1).describe('How many frames in a row, each way')
const direction = () => z.enum(['both', 'a-to-b', 'b-to-a']).default('both').describe('Which way of the link')

const eventName = z.enum(EVENT_NAMES, {
  error: 'an event, such as drive-write, host-ack or microcode:bitmap-begin',
})

const place = {
  lba: lbaRange().optional().describe('Sectors of the drive, such as 8 or 8-15'),
  lunLba: lbaRange().optional().describe('Sectors of the LUN, such as 128 or 128-135'),
  sectors: integer(1).optional().describe('How many sectors, from a single lba or lunLba on'),
}

/** Exactly one of lba and lunLba. */
const placed = <T extends z.ZodRawShape>(shape: T) =>
  exactlyOne(z.strictObject({ ...shape, ...place }), ['lba', 'lunLba'])

const actions = {
  'power-cut': z.strictObject({
    ...at,
    duration: duration().prefault('1 s').describe('How long the power is away'),
    tearSector: onOff().prefault('off').describe('One sector of a write in progress is left half old, half new'),
    keeps: z
      .record(z.string(), kept(), { error: 'a map from bay number to all, none or numbers such as 0-7,9' })
      .optional()
      .describe(
        'What persists of the writes in cache and in flight, by bay, oldest first; other bays: none. By default the seed chooses',
      ),
    nvramKeeps: kept().optional().describe('Which NVRAM words persist of those stored and not committed'),
    late: bay().optional().describe('The drive in this bay comes back a second after the power'),
    final: onOff().prefault('off').describe('Afterwards no fault strikes any more, and the initiators send nothing'),
  }),
  'nvram-loss': z.strictObject({
    ...at,
    content: z
      .enum(['blank', 'noise', 'old'])
      .default('noise')
      .describe(
        'What is in the NVRAM when power returns: zeros, noise, or what was there when power came the last time',
      ),
  }),
  pull: z.strictObject({ ...at, bay: bay() }),
  insert: z.strictObject({
    ...at,
    bay: bay(),
    drive: z
      .enum(['same', 'new', 'foreign'])
      .default('same')
      .describe('The drive that was pulled, a factory-new one, or one full of foreign data'),
  }),
  'operator-scrub': z.strictObject(at),
  'operator-detach': z.strictObject({ ...at, bay: bay() }),
  'operator-attach': z.strictObject({ ...at, bay: bay() }),
  'operator-stop': z.strictObject(at),
  'operator-snapshot': z.strictObject({}),
  'operator-release': z.strictObject({
    as: z
      .enum(['dropped', 'image', 'base'])
      .default('dropped')
      .describe('Whether an image of the snapshot was made: of what changed, or a full one'),
  }),
  'site-loss': z.strictObject({ site: site(), duration: lasting() }),
  failover: z.strictObject({}),
  'operator-promote': z.strictObject({
    site: site(),
    force: onOff().prefault('off').describe('Also with contents that are not consistent'),
  }),
  'operator-demote': z.strictObject({ site: site() }),
  'operator-discard': z.strictObject({ site: site() }),
  'operator-point': z.strictObject({ site: site() }),
  'link-cut': z.strictObject({ direction: direction(), duration: lasting() }),
  'link-stall': z.strictObject({ direction: direction(), duration: duration().describe('For how long') }),
  'link-slow': z.strictObject({
    direction: direction(),
    factor: integer(2, 1_000_000).default(10).describe('Bytes take so many times as long; with a bandwidth only'),
    duration: lasting(),
  }),
  'link-drop': z.strictObject({ direction: direction(), count: frames() }),
  'link-duplicate': z.strictObject({ direction: direction(), count: frames() }),
  'link-reorder': z.strictObject({ direction: direction(), count: frames() }),
  'link-corrupt': z.strictObject({ direction: direction(), count: frames() }),
  'latent-sector-error': placed({ ...at, bay: bay() }),
  'transient-read-error': z.strictObject({ ...at, bay: bay(), count: count() }),
  'transient-write-error': z.strictObject({ ...at, bay: bay(), count: count() }),
  'write-error': z.strictObject({ ...at, bay: bay(), count: integer(1).optional(), ...place }),
  hang: z.strictObject({ ...at, bay: bay(), duration: lasting() }),
  'fail-slow': z.strictObject({
    ...at,
    bay: bay(),
    factor: integer(2, 1_000_000).default(10).describe('Service takes so many times as long'),
    duration: lasting(),
  }),
  'torn-write': z.strictObject({ ...at, bay: bay(), count: count() }),
  'lost-write': z.strictObject({ ...at, bay: bay(), count: count() }),
  'misdirected-write': z.strictObject({
    ...at,
    bay: bay(),
    count: count(),
    offsetSectors: integer(-1_000_000, 1_000_000).default(8).describe('How far from where it belongs'),
  }),
  'bit-rot': placed({
    ...at,
    bay: bay(),
    bits: integer(1, 4096).default(1).describe('How many bits flip in each sector'),
  }),
  'ignored-flush': z.strictObject({ ...at, bay: bay(), duration: lasting() }),
  'failing-flush': z.strictObject({ ...at, bay: bay(), count: count() }),
}

/** Of a rig with two sites alone. */
export const isOfTwoSites = (kind: string): boolean =>
  /^(site-loss|failover|link-.*|operator-(promote|demote|discard|point))$/.test(kind)

/** Of an array with room for a snapshot alone. */
export const isOfSnapshots = (kind: string): boolean => kind === 'operator-snapshot' || kind === 'operator-release'

export const FAULT_KINDS = Object.keys(actions) as (keyof typeof actions)[]

const filter = {
  event: eventName.describe('What is counted'),
  site: site().optional().describe('Only at this site; by default where the initiators are then'),
  bay: bay().optional().describe('Only in this bay'),
  lba: lbaRange().optional().describe('Only where these sectors of the drive are touched'),
}

const triggers = {
  at: z
    .union([z.literal('start'), duration()], {
      error: 'start, or a duration since the start of the workload, such as 3 ms',
    })
    .optional()
    .describe('A simulated time since the start of the workload; start = before it'),
  after: z
    .union([
      eventName.transform((event) => ({ event, n: 1, site: undefined, bay: undefined, lba: undefined })),
      z.strictObject({ ...filter, n: integer(1).default(1).describe('Which one, from 1') }),
    ])
    .optional()
    .describe('The n-th matching event since the start of the workload'),
  rate: z
    .strictObject({
      ...filter,
      ratio: ratio(),
      limit: integer(1).optional().describe('At most so often; by default without limit'),
    })
    .optional()
    .describe('Each matching event draws with this probability'),
}

export const TRIGGER_KINDS = Object.keys(triggers) as (keyof typeof triggers)[]

const optionalActions = Object.fromEntries(
  Object.entries(actions).map(([kind, schema]) => [kind, schema.optional()]),
) as unknown as { [K in keyof typeof actions]: z.ZodOptional<(typeof actions)[K]> }

export const faultSchema = exactlyOne(
  z.strictObject({
    name: z.string({ error: 'a text' }).optional().describe('How reports call it'),
    ...optionalActions,
    ...triggers,
  }),
  FAULT_KINDS,
  TRIGGER_KINDS,
)

export const faultsSchema = z.array(faultSchema, { error: 'a list of faults' }).prefault([])

export type FaultInput = z.output<typeof faultSchema>
