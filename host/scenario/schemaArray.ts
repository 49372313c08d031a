// `array:` and `drives:`: the controller with its jumpers, and what is plugged into its bays.

import { z } from 'zod'
import { CONFIG_LUNS_MAX } from '../../assembly/abi/config'
import { STATUS_BAY_WORDS, STATUS_BAYS, STATUS_WORDS } from '../../assembly/abi/status'
import { WRITABLE_MODEL_NAMES } from '../hardware/timing/timingModels'
import { duration, durationIn, integer, onOff, path, size, sizeOrOff, sizeOrRest } from './schemaUnits'

/** Bays that a microcode can report on (assembly/abi/status.ts). */
export const BAYS_MAX = (STATUS_WORDS - STATUS_BAYS) / STATUS_BAY_WORDS
/** assembly/abi/config.ts, CONFIG_MEMBERS. */
const MEMBERS_MAX = 8
const LUNS = `a list of 1 to ${CONFIG_LUNS_MAX} sizes; the last may be rest`
const MILLISECOND_NS = 1_000_000
const MICROSECOND_NS = 1_000

export const arraySchema = z.strictObject({
  microcode: path()
    .default('mirror')
    .describe(
      'What runs the controller: the name of a microcode that ships with Platterlab, or the path of a .wasm file',
    ),
  members: integer(1, MEMBERS_MAX).default(2).describe('Drives that hold a replica'),
  spares: integer(0, BAYS_MAX - 1)
    .default(0)
    .describe('Hot spares, in the bays after the members'),
  bays: integer(1, BAYS_MAX).optional().describe('Bays in all; those after members and spares are empty at the start'),
  driveCapacity: size().prefault('16 MiB').describe('Capacity of each drive'),
  luns: z
    .array(sizeOrRest(), { error: LUNS })
    .min(1, { error: LUNS })
    .max(CONFIG_LUNS_MAX, { error: LUNS })
    .optional()
    .describe(
      'The LUNs that the array is cut into, by size, LUN 0 first; the last may be rest. By default one has everything',
    ),
  writeCache: onOff()
    .prefault('off')
    .describe(
      'Write cache towards the initiator (WCE): off = an acknowledged write is durable; on = a flush makes it so',
    ),
  placement: z
    .enum(['controller', 'host'])
    .default('controller')
    .describe("Where the microcode runs: in a controller, or in the initiators' machine"),
  hostBus: sizeOrOff()
    .prefault('off')
    .describe(
      "Bytes a second over the bus of the initiators' machine; off = no limit with placement controller, 3.2 GB with host",
    ),
  assumeClean: onOff()
    .optional()
    .describe('The drives are known to be equal at format; by default on when their contents are zeros'),
  bitmapChunk: size().optional().describe('What one bit of the write-intent bitmap covers'),
  commandDeadline: durationIn(MILLISECOND_NS, 'milliseconds')
    .optional()
    .describe('A drive command that takes longer is aborted'),
  discovery: durationIn(MILLISECOND_NS, 'milliseconds')
    .optional()
    .describe('How long boot waits for members that are missing'),
  bitmapSweep: durationIn(MILLISECOND_NS, 'milliseconds')
    .optional()
    .describe('Pause between two clean-ups of the bitmap'),
  resyncPause: durationIn(MICROSECOND_NS, 'microseconds')
    .optional()
    .describe('Pause between two steps of resync or rebuild'),
  checkpoint: size().optional().describe('Copied between two persisted checkpoints of a rebuild'),
  dataOffset: size().optional().describe('Reserved on each member before the data'),
  snapshotArea: integer(0, 90)
    .default(0)
    .describe(
      'Percent of each member behind its metadata that are kept free for a snapshot; 0 = there are no snapshots',
    ),
  firstEvents: integer(0).default(0).describe('Event count that the array begins with: what a long life led to'),
  firstCounters: integer(0, 0xffff_ffff)
    .default(0)
    .describe("Where the microcode's own 32-bit counters begin at every boot: near 4294967295 they wrap soon"),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number or a switch' }), {
      error: 'a map from name to value',
    })
    .prefault({})
    .describe('Settings of the microcode by name, through its front panel'),
})

const modelName = z.enum(WRITABLE_MODEL_NAMES)

const model = z
  .union([
    modelName,
    z.strictObject({
      name: modelName,
      parameters: z
        .string({ error: 'the name of a parameter set' })
        .optional()
        .describe('A named set (hdd: cheetah9lp, ...; ssd: nvme, ...), or times of the ideal model (readNs=50000)'),
    }),
  ])
  .transform((value) => (typeof value === 'string' ? { name: value, parameters: undefined } : value))
  .describe('How long the drives take')

const contents = z.enum(['zeros', 'garbage']).describe('What is on the drives when they come')

const driveOverrides = z.strictObject({
  empty: onOff().optional().describe('No drive in this bay at the start'),
  model: model.optional(),
  capacity: size().optional().describe('Capacity of this drive'),
  volatileCache: onOff().optional(),
  contents: contents.optional(),
  spinUp: duration().optional(),
})

export const drivesSchema = z.strictObject({
  model: model.prefault('ideal'),
  volatileCache: onOff()
    .prefault(true)
    .describe("The drives' own write cache: what is in it may be lost at a power cut"),
  // The arrays' metadata and the SCSI front end count in sectors of 512 bytes.
  sectorBytes: z.literal(512, { error: '512' }).default(512).describe('Bytes of a logical sector'),
  contents: contents.default('zeros'),
  spinUp: duration().prefault(0).describe('From power on until the drive is there'),
  bays: z
    .record(z.string(), driveOverrides, { error: 'a map from bay number to what is different there' })
    .prefault({})
    .describe('What is different in single bays, by bay number'),
})
