// Live images in a drawn run of one site: room for a snapshot behind the LUNs, a backup host that makes images, requests of an operator, and
// faults that strike where these are at work.
//
// Whether a run has them, and what, is drawn by a stream of its own, and is added to a run that is whole without it: its array, workload and
// faults stay what they are. Only its drives are longer.

import type { EventName, FaultAction, FaultSpec, SectorRange, Trigger } from '../../faults/faultSpec'
import type { LiveImageKind, ResolvedDrive, ResolvedLiveImage, ResolvedScenario } from '../../scenario/scenario'
import type { RandomStream } from '../../sim/random'
import { cut, Drawing, type FaultRange, MS, someMoment } from './drawing'

/** Sectors that a microcode may want for a table in front of its slots, and of a slot: what the mirror of the package takes. */
const TABLE_SECTORS = 256
const SLOT_SECTORS = 128
/** Percents are whole: as much more of the room as one of them may take away. */
const SLACK_PERCENT = 1
/** LUNs end at whole blocks. */
const ROUNDED = 16

const AT_WORK = [
  'microcode:snapshot-taken',
  'microcode:snapshot-kept',
  'microcode:snapshot-kept',
  'microcode:snapshot-kept',
  'microcode:snapshot-released',
  'microcode:snapshot-recalled',
  'microcode:snapshot-invalid',
] as const satisfies readonly EventName[]

interface Room {
  /** Where it begins on each drive, and how long it is. */
  readonly first: number
  readonly sectors: number
  readonly percent: number
  /** What the slots need of it: the LUNs may have the rest. */
  readonly least: number
}

/** The draws of a run that has room for a snapshot. */
class SnapshotDrawing extends Drawing {
  constructor(
    random: RandomStream,
    range: FaultRange,
    readonly room: Room,
    /** A backup host makes images: what was imaged is its word alone. */
    readonly hasImager: boolean,
  ) {
    super(random, range)
  }

  /** While there is something to do for a snapshot. */
  get work(): Trigger {
    return this.nth(this.pick(AT_WORK), 6)
  }

  /** Where slots are, mostly the first ones. */
  get slots(): SectorRange {
    const { first, sectors } = this.room
    const reach = this.random.chance(1, 4)
      ? sectors - TABLE_SECTORS
      : Math.min(sectors - TABLE_SECTORS, 2 * SLOT_SECTORS)
    const from = this.random.below(Math.max(1, reach))
    const count = Math.min(this.pick([1, 8, 128]), sectors - TABLE_SECTORS - from)
    return { lba: first + TABLE_SECTORS + from, sectors: Math.max(1, count) }
  }

  get release(): FaultAction {
    const as = this.hasImager ? 'dropped' : this.pick(['dropped', 'image', 'base'] as const)
    return { kind: 'operator-release', as }
  }
}

type SnapshotDraw = (draw: SnapshotDrawing) => void

/** What may happen to a snapshot, a line or a few for each. */
const FAULTS: readonly SnapshotDraw[] = [
  (d) => {
    const takenNs = d.random.below(60 * MS)
    d.at(takenNs, { kind: 'operator-snapshot' })
    if (d.random.chance(1, 2)) d.at(takenNs + d.pick([0.1, 2, 20, 80]) * MS, d.release)
  },
  (d) => {
    d.add({ kind: 'operator-snapshot' }, someMoment(d))
    if (d.random.chance(1, 2)) d.add(d.release, someMoment(d))
  },
  (d) => d.add(d.release, d.work),
  (d) => d.add(cut(d), d.work),
  (d) => d.add(cut(d), d.work),
  (d) => {
    d.add(cut(d), d.work)
    d.add(cut(d), someMoment(d))
  },
  (d) => pullAtWork(d),
  (d) => pullAtWork(d),
  (d) => allReplaced(d),
  (d) =>
    d.add({ kind: 'latent-sector-error', bay: d.bay, range: d.slots }, d.random.chance(1, 2) ? d.work : someMoment(d)),
  (d) => {
    const range = d.slots
    const trigger = d.work
    for (let bay = 0; bay < d.range.members; bay++) d.add({ kind: 'latent-sector-error', bay, range }, trigger)
  },
  (d) => d.add({ kind: 'write-error', bay: d.bay, range: d.slots, count: d.pick([1, 3]) }, someMoment(d)),
  (d) => {
    // No member takes what is to be kept.
    const range = d.slots
    for (let bay = 0; bay < d.range.bayCount; bay++) d.add({ kind: 'write-error', bay, range, count: 1 }, d.moment())
  },
  // What is to be kept cannot be read, here or anywhere.
  (d) => {
    const range = d.place
    const trigger = d.random.chance(1, 2) ? d.work : someMoment(d)
    const isAll = d.random.chance(1, 2)
    for (let bay = 0; bay < d.range.members; bay++) {
      if (isAll || d.random.chance(1, 2)) d.add({ kind: 'latent-sector-error', bay, range }, trigger)
    }
  },
  (d) => d.add({ kind: 'transient-write-error', bay: d.bay, count: d.pick([1, 2, 6]) }, d.work),
  (d) => d.add({ kind: 'transient-read-error', bay: d.bay, count: d.pick([1, 2, 6]) }, d.work),
  (d) => d.add({ kind: 'hang', bay: d.bay, durationNs: d.pick([5, 60, 120]) * MS }, d.work),
  (d) => d.add({ kind: 'operator-scrub' }, d.work),
  (d) => {
    const { bay } = d
    d.add({ kind: 'operator-detach', bay }, d.work)
    if (d.random.chance(3, 4)) d.add({ kind: 'operator-attach', bay }, d.random.chance(1, 2) ? d.work : someMoment(d))
  },
]

function pullAtWork(d: SnapshotDrawing): void {
  const { bay } = d
  d.add({ kind: 'pull', bay }, d.work)
  const drive = d.pick(['same', 'same', 'new', 'foreign'] as const)
  if (d.random.chance(3, 4)) d.add({ kind: 'insert', bay, drive }, d.random.chance(1, 2) ? d.work : someMoment(d))
}

/** One after the other is replaced: in the end no member is there that was when the snapshot was taken. */
function allReplaced(d: SnapshotDrawing): void {
  let timeNs = d.random.below(30 * MS)
  for (let bay = 0; bay < d.range.members; bay++) {
    d.at(timeNs, { kind: 'pull', bay })
    d.at(timeNs + d.pick([0.5, 5]) * MS, { kind: 'insert', bay, drive: d.pick(['new', 'new', 'same'] as const) })
    timeNs += d.pick([20, 60, 200]) * MS
  }
}

/** A full image, and others that go on from it. */
function drawImages(random: RandomStream): ResolvedLiveImage[] {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  const kind = (number: number): LiveImageKind =>
    number === 0 ? 'full' : pick(['incremental', 'incremental', 'incremental', 'differential', 'full'])
  return Array.from({ length: pick([0, 1, 2, 2, 3, 4]) }, (_, number) => ({
    kind: kind(number),
    afterNs: pick([0, 0.3, 2, 10, 40]) * MS,
    queueDepth: pick([1, 2, 4]),
  }))
}

/** So many slots, or one for each region of the LUNs; the table, and what rounding may take. */
function drawRoom(random: RandomStream, dataOffset: number, lunSectors: number): Room {
  const slots = random.chance(1, 2) ? 1 + random.below(4) : Math.ceil(lunSectors / SLOT_SECTORS)
  const least = TABLE_SECTORS + slots * SLOT_SECTORS
  const sectors = least + Math.ceil(((lunSectors + least) * SLACK_PERCENT) / (100 - SLACK_PERCENT))
  const percent = Math.floor((100 * sectors) / (lunSectors + sectors))
  return { first: dataOffset + lunSectors, sectors, percent, least: least - ROUNDED }
}

/** The same run with live images; or as it is. `range`: of its faults. */
export function withSnapshots(random: RandomStream, scenario: ResolvedScenario, range: FaultRange): ResolvedScenario {
  const { array, bays, replacement, remote } = scenario
  if (remote !== null || !random.chance(1, 5)) return scenario
  const room = drawRoom(random, array.dataOffsetSectors, replacement.sectorCount - array.dataOffsetSectors)
  const liveImages = drawImages(random)
  const longer = <T extends ResolvedDrive | null>(drive: T): T =>
    drive && { ...drive, sectorCount: drive.sectorCount + room.sectors }
  // Now and then a new drive ends before the slots do, or just behind them.
  const missing = random.chance(1, 8) ? random.below(room.least) : 0
  const last = longer(replacement)
  return {
    ...scenario,
    array: { ...array, snapshotAreaPercent: room.percent },
    bays: bays.map(longer),
    replacement: { ...last, sectorCount: last.sectorCount - missing },
    ...(liveImages.length > 0 && { liveImages }),
    faults: [...scenario.faults, ...drawFaults(new SnapshotDrawing(random, range, room, liveImages.length > 0))],
  }
}

function drawFaults(d: SnapshotDrawing): FaultSpec[] {
  if (!d.hasImager) FAULTS[0]!(d)
  for (let left = d.pick([0, 1, 1, 2, 3]); left > 0; left--) d.pick(FAULTS)(d)
  return d.faults
}

/** In one run of three with live images members leave and return in turns, so that in the end one is asked that was away meanwhile. */
export function drawTurns(random: RandomStream, range: FaultRange): readonly FaultSpec[] {
  if (range.members < 2 || !random.chance(1, 3)) return []
  const d = new Drawing(random, range)
  let timeNs = d.random.below(40 * MS)
  for (let turns = d.pick([2, 3, 4]), bay = d.random.below(range.members); turns > 0; turns--) {
    d.at(timeNs, { kind: 'pull', bay })
    const backNs = timeNs + d.pick([1, 5, 20]) * MS
    d.at(backNs, { kind: 'insert', bay, drive: 'same' })
    timeNs = backNs + d.pick([10, 40, 100]) * MS
    bay = (bay + 1) % range.members
  }
  return d.faults
}
