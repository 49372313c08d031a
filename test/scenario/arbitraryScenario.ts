// Scenario files of every shape, as text; all of them valid.

import fc from 'fast-check'
import { stringify } from 'yaml'
import { EVENT_CODES } from '../../host/faults/eventNames'

const EVENT_NAMES = [...EVENT_CODES.keys()]

const bay = fc.integer({ min: 0, max: 1 })
const count = fc.integer({ min: 1, max: 50 })
const durationText = fc.constantFrom('120 µs', '3 ms', '1.5 s', '7 ns')
const lasting = fc.oneof(durationText, fc.constant('forever'))
const size = fc.integer({ min: 1, max: 64 }).map((blocks) => `${blocks * 4} KiB`)
const onOff = fc.constantFrom('on', 'off')
const lba = fc.integer({ min: 0, max: 1000 })

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined })
}

const range = fc.oneof(
  lba.map((first) => ({ lba: first })),
  fc.tuple(lba, count).map(([first, length]) => ({ lba: `${first}-${first + length}` })),
  fc.tuple(lba, count).map(([first, sectors]) => ({ lunLba: first, sectors })),
)

const placed = (more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.tuple(fc.record({ bay, ...more }), range).map(([head, place]) => ({ ...head, ...place }))

const action = fc.oneof(
  fc.record({ 'power-cut': fc.record({ duration: durationText, tearSector: onOff }) }),
  fc.record({ pull: fc.record({ bay }) }),
  fc.record({ insert: fc.record({ bay, drive: fc.constantFrom('same', 'new', 'foreign') }) }),
  fc.record({ 'operator-scrub': fc.constant({}) }),
  fc.record({ 'operator-detach': fc.record({ bay }) }),
  fc.record({ 'operator-attach': fc.record({ bay }) }),
  fc.record({ 'operator-stop': fc.constant({}) }),
  fc.record({ 'latent-sector-error': placed() }),
  fc.record({ 'transient-read-error': fc.record({ bay, count }) }),
  fc.record({ 'write-error': fc.oneof(placed(), placed({ count }), fc.record({ bay, count })) }),
  fc.record({ hang: fc.record({ bay, duration: lasting }) }),
  fc.record({ 'fail-slow': fc.record({ bay, factor: fc.integer({ min: 2, max: 99 }), duration: lasting }) }),
  fc.record({ 'misdirected-write': fc.record({ bay, count, offsetSectors: fc.constantFrom(-8, 3, 64) }) }),
  fc.record({ 'bit-rot': placed({ bits: count }) }),
  fc.record({ 'ignored-flush': fc.record({ bay, duration: lasting }) }),
)

const site = fc.constantFrom('a', 'b')
const direction = optional(fc.constantFrom('both', 'a-to-b', 'b-to-a'))

/** What needs a second site. */
const remoteAction = fc.oneof(
  fc.record({ 'site-loss': fc.record({ site, duration: optional(lasting) }) }),
  fc.record({ failover: fc.constant({}) }),
  fc.record({ 'operator-promote': fc.record({ site, force: optional(onOff) }) }),
  fc.record({ 'operator-demote': fc.record({ site }) }),
  fc.record({ 'operator-discard': fc.record({ site }) }),
  fc.record({ 'operator-point': fc.record({ site }) }),
  fc.record({ 'link-cut': fc.record({ direction, duration: optional(lasting) }) }),
  fc.record({ 'link-stall': fc.record({ direction, duration: durationText }) }),
  fc.record({
    'link-slow': fc.record({ direction, factor: fc.integer({ min: 2, max: 99 }), duration: optional(lasting) }),
  }),
  ...['link-drop', 'link-duplicate', 'link-reorder', 'link-corrupt'].map((kind) =>
    fc.record({ [kind]: fc.record({ direction, count: optional(count) }) }),
  ),
)

const milliseconds = fc.constantFrom('20 ms', '1 s')

/** A mode, with what goes with it alone. */
const modeAndMore = fc.oneof(
  fc.record({ mode: optional(fc.constantFrom('sync', 'received', 'one-behind')) }),
  fc.record({ mode: fc.constant('async'), rpo: optional(milliseconds) }),
  fc.record({
    mode: fc.constant('scheduled'),
    rpo: optional(milliseconds),
    interval: optional(milliseconds),
    area: optional(fc.integer({ min: 1, max: 90 })),
  }),
  fc.record({ mode: fc.constant('scheduled'), cron: fc.constantFrom('*/5 * * * *', '30 0 12 * * 1-5') }),
)

const remoteBasics = fc.record({
  onLinkLoss: optional(fc.constantFrom('go-on', 'stop')),
  linkTimeout: optional(fc.constantFrom('100 ms', '2 s')),
  link: optional(
    fc.record({
      latency: optional(durationText),
      bandwidth: optional(fc.constantFrom('off', '1 GB', '100 MiB', 12_345_678)),
      window: optional(size),
      paths: optional(fc.integer({ min: 1, max: 16 })),
      fragment: optional(size),
    }),
  ),
})

const remote = fc.tuple(remoteBasics, modeAndMore).map(([basics, more]) => ({ ...basics, ...more }))

const filter = { event: fc.constantFrom(...EVENT_NAMES), bay: optional(bay), lba: optional(fc.constantFrom(7, '8-15')) }
const trigger = fc.oneof(
  fc.record({ at: fc.oneof(durationText, fc.constant('start')) }),
  fc.record({ after: fc.oneof(fc.constantFrom(...EVENT_NAMES), fc.record({ ...filter, n: count })) }),
  fc.record({ rate: fc.record({ ...filter, ratio: fc.constantFrom('1/2000', '3/4'), limit: optional(count) }) }),
)

const pattern = fc.record({
  rw: fc.constantFrom('read', 'write', 'rw', 'randread', 'randwrite', 'randrw'),
  depth: count,
  count: optional(count),
  runtime: optional(durationText),
  size: optional(size),
  offset: size,
  readPercent: fc.integer({ min: 0, max: 100 }),
  flushEvery: fc.integer({ min: 0, max: 9 }),
  fua: onOff,
  verify: onOff,
})

const trace = fc.record({
  file: fc.constantFrom('a.log', 'b/c.csv'),
  format: fc.constantFrom('auto', 'spc', 'msr'),
  payloads: optional(fc.constant('p.bin')),
  closedLoop: optional(count),
  device: optional(fc.constantFrom('0', 'sda')),
  wrap: onOff,
})

const operation = fc.constantFrom('write 0+8', 'write 8+1 fua', 'read 7+3', 'flush', 'drain', 'wait 3 ms')
const operations = fc.record({ list: fc.array(operation, { maxLength: 5 }), depth: count, wrap: onOff })

const workload = fc.oneof(
  fc.record({ fio: fc.constant('x.fio') }),
  fc.record({ job: fc.constantFrom('[a]\nrw=read\n', '; note\n\n[b]\n  rw = write') }),
  fc.record({ trace }),
  fc.record({ pattern }),
  fc.record({ operations }),
)

const array = fc.record({
  members: fc.integer({ min: 2, max: 8 }),
  spares: fc.integer({ min: 0, max: 3 }),
  driveCapacity: fc.constantFrom('16 MiB', '1 GiB', 33554432),
  luns: optional(fc.constantFrom(['rest'], ['1 MiB', 'rest'], ['4 KiB', '512 KiB', 65_536])),
  writeCache: onOff,
  placement: optional(fc.constantFrom('controller', 'host')),
  hostBus: optional(fc.constantFrom('off', '100 MB')),
  bitmapChunk: optional(fc.constantFrom('64 KiB', '4 KiB')),
  commandDeadline: optional(fc.constantFrom('2 s', '5 ms')),
  firstEvents: optional(fc.constantFrom(1, 2 ** 53 - 1)),
  firstCounters: optional(fc.constantFrom(0x8000_0000, 0xffff_ffff)),
  resyncPause: optional(fc.constantFrom('20 µs', '1 ms')),
  settings: fc.constantFrom({}, { policy: 'nearest' }),
})

const drives = fc.record({
  model: fc.constantFrom('ideal', 'ssd', { name: 'hdd' }),
  volatileCache: onOff,
  sectorBytes: fc.constant(512),
  contents: fc.constantFrom('zeros', 'garbage'),
  bays: fc.constantFrom({}, { 1: { capacity: '64 MiB', volatileCache: 'off' } }),
})

const expectation = fc.record({
  arrayState: optional(fc.constantFrom('optimal', 'degraded')),
  bays: fc.constantFrom({}, { 0: 'in-sync' }),
  events: fc.constantFrom({}, { 'microcode:rebuild-done': 2 }),
})

const faultsOf = (actions: fc.Arbitrary<object>, triggers: fc.Arbitrary<object> = trigger) =>
  fc.array(
    fc.tuple(actions, triggers).map(([what, when]) => ({ ...what, ...when })),
    { maxLength: 4 },
  )

const oneSite = fc.record({
  name: fc.constant('a-name'),
  story: fc.constantFrom('', 'Once upon a time.\n\nTwice.'),
  seed: optional(fc.maxSafeNat()),
  array,
  drives,
  image: optional(fc.constant('i.img')),
  workload: fc.array(workload, { maxLength: 3 }),
  faults: faultsOf(action),
  expect: expectation,
})

const hasRate = (bandwidth: string | number | undefined) => bandwidth !== undefined && bandwidth !== 'off'

/** A fault of one array, at a site, which may happen because of something at a site. */
const actionSomewhere = fc.tuple(action, optional(site)).map(([fault, where]) => {
  return Object.fromEntries(Object.entries(fault).map(([kind, value]) => [kind, { ...(value as object), site: where }]))
})
const eventSomewhere = { ...filter, site: optional(site) }
const triggerSomewhere = fc.oneof(
  trigger,
  fc.record({ after: fc.record({ ...eventSomewhere, n: count }) }),
  fc.record({ rate: fc.record({ ...eventSomewhere, ratio: fc.constant('1/7') }) }),
)

const twoSites = fc
  .tuple(oneSite, remote, faultsOf(fc.oneof(actionSomewhere, remoteAction), triggerSomewhere))
  .map(([one, second, faults]) => ({
    ...one,
    array: { ...one.array, writeCache: 'off' },
    remote: second,
    // A link that has no rate is not made slower.
    faults: hasRate(second.link?.bandwidth) ? faults : faults.filter((fault) => !('link-slow' in fault)),
  }))

/** Where there is a second LUN, something uses it. */
const scenario = fc.oneof(oneSite, twoSites).map((one) => {
  const [first, ...others] = one.workload
  return first && (one.array.luns?.length ?? 1) > 1 ? { ...one, workload: [{ lun: 1, ...first }, ...others] } : one
})

export const scenarioText = scenario.map((value) => stringify(JSON.parse(JSON.stringify(value))))
