// `remote:`: a second site with an array like the first one, and the link between them.

import { z } from 'zod'
import { REMOTE_MODES } from './scenario'
import { duration, durationIn, integer, onOff, size, sizeOrOff } from './schemaUnits'

const MILLISECOND_NS = 1_000_000

const linkSchema = z.strictObject({
  latency: duration().prefault('1 ms').describe('One way'),
  bandwidth: sizeOrOff().prefault('off').describe('Bytes a second, each way; off = no limit'),
  window: size().prefault('16 MiB').describe('Bytes that may be on the way before frames wait at the sender'),
  mtu: sizeOrOff()
    .prefault('off')
    .describe(
      'Bytes of data that one frame may carry, 4 KiB or more: a controller sends more in several; off = no limit',
    ),
  paths: integer(1, 16).default(1).describe('Paths that frames are dealt to in fragments'),
  fragment: size().prefault('64 KiB').describe('What a fragment holds'),
})

export const remoteSchema = z.strictObject({
  mode: z.enum(REMOTE_MODES).default('sync').describe('When a write is acknowledged'),
  onLinkLoss: z
    .enum(['go-on', 'stop'])
    .default('go-on')
    .describe('Without the other site: serve alone and track what changes, or refuse writes'),
  linkTimeout: durationIn(MILLISECOND_NS, 'milliseconds')
    .prefault('100 ms')
    .describe('The other site counts as lost when nothing was heard of it for so long'),
  rpo: durationIn(MILLISECOND_NS, 'milliseconds')
    .optional()
    .describe(
      'Modes async and scheduled: the age that an acknowledged write may have which the other site lacks; 1 s, two intervals',
    ),
  interval: durationIn(MILLISECOND_NS, 'milliseconds')
    .optional()
    .describe('Mode scheduled: between two points in time; 1 s unless cron is there'),
  cron: z
    .string({ error: 'a cron expression such as */10 * * * * *' })
    .optional()
    .describe(
      'Mode scheduled: when points in time are taken, by the wall clock in UTC; five fields, or six with seconds',
    ),
  area: integer(1, 90)
    .optional()
    .describe(
      'Percent of each member that are kept free: mode scheduled for points in time, 50; mode async for the journal, 10',
    ),
  nvram: size()
    .optional()
    .describe(
      'Modes received, one-behind, async: battery-backed memory of each controller, most of it for the journal; 4 MiB',
    ),
  overflow: z
    .enum(['throttle', 'track'])
    .optional()
    .describe(
      'Mode async, when the journal is full: initiators wait (throttle, the default), or regions are marked and copied later (track)',
    ),
  resyncSums: onOff()
    .default(false)
    .describe(
      'A resync compares sums first, and sends what differs: for a line that is slower than the drives; not in mode scheduled',
    ),
  resyncRate: sizeOrOff()
    .prefault('off')
    .describe('Bytes a second that a resync looks at, 1 KiB or more; off = as fast as it goes'),
  link: linkSchema.prefault({}),
})
