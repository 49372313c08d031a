// The faults of a drawn run: a few of the catalogue, each somewhere, at some moment.
//
// Faults that belong together are drawn together (a pull and the return of the drive, a stop and the power cut that ends it); the rest is
// free to meet. What a run cannot survive is the judge's business: it knows what remains promised.

import type { FaultSpec } from '../../faults/faultSpec'
import type { RandomStream } from '../../sim/random'
import { cut, type Draw, Drawing, type FaultRange, METADATA_SECTORS, MS, someMoment } from './drawing'
import { SEQUENCES } from './sequences'
import { SITE_SEQUENCES } from './siteSequences'
import { atSiteB, SITE_FAULTS } from './sites'

/** The catalogue, a line or a few for each entry. */
const CATALOGUE: readonly Draw[] = [
  (d) => d.add(cut(d), someMoment(d)),
  (d) => {
    d.add(cut(d), someMoment(d))
    d.add(cut(d), d.milestone())
  },
  (d) => pullAndReturn(d),
  (d) => pullAndReturn(d),
  (d) =>
    d.add(
      { kind: 'latent-sector-error', bay: d.bay, range: d.place },
      d.random.chance(1, 2) ? { kind: 'start' } : someMoment(d),
    ),
  (d) => {
    const range = d.place
    for (let bay = 0; bay < d.range.members; bay++) d.add({ kind: 'latent-sector-error', bay, range }, someMoment(d))
  },
  // On every member, but not the same sectors: what one has lost another still has.
  (d) => {
    const lunLba = d.pick(d.range.hotSectors)
    const trigger = someMoment(d)
    for (let bay = 0; bay < d.range.members; bay++) {
      d.add(
        { kind: 'latent-sector-error', bay, range: { lunLba: lunLba + bay * d.pick([0, 1, 2, 8]), sectors: 1 } },
        trigger,
      )
    }
  },
  (d) => d.add({ kind: 'transient-read-error', bay: d.bay, count: d.pick([1, 2, 6, 20]) }, someMoment(d)),
  (d) => d.add({ kind: 'transient-write-error', bay: d.bay, count: d.pick([1, 2, 6, 20]) }, someMoment(d)),
  (d) => {
    const range = d.random.chance(1, 2) ? d.place : null
    // Metadata that can never be written again leave nothing to converge to.
    const isForGood = range?.lunLba !== undefined && d.random.chance(1, 2)
    const count = isForGood ? Number.POSITIVE_INFINITY : d.pick([1, 1, 3, 20])
    d.add({ kind: 'write-error', bay: d.bay, range, count }, someMoment(d))
  },
  (d) => {
    // One member is gone, and the other one fails too.
    const bay = d.random.below(d.range.members)
    d.add({ kind: 'pull', bay }, d.moment())
    const other = (bay + 1) % d.range.members
    if (other !== bay)
      d.add(
        { kind: 'write-error', bay: other, range: d.random.chance(1, 2) ? d.place : null, count: d.pick([1, 3, 20]) },
        someMoment(d),
      )
  },
  (d) => d.add({ kind: 'hang', bay: d.bay, durationNs: d.pick([5, 60, 120, 400]) * MS }, someMoment(d)),
  (d) =>
    d.add(
      { kind: 'fail-slow', bay: d.bay, factor: d.pick([5, 20, 100]), durationNs: d.pick([10, 100, 400]) * MS },
      someMoment(d),
    ),
  (d) => d.add({ kind: 'failing-flush', bay: d.bay, count: d.pick([1, 2]) }, someMoment(d)),
  (d) => {
    const trigger = someMoment(d)
    for (let bay = 0; bay < d.range.members; bay++)
      d.add({ kind: 'failing-flush', bay, count: d.pick([1, 2]) }, trigger)
  },
  metadataRefused,
  metadataRefused,
  metadataUnreadable,
  lostWhileAway,
  staleAtBoot,
  writeFailsInCopy,
  (d) => d.add({ kind: 'operator-scrub' }, someMoment(d)),
  (d) => d.add({ kind: 'operator-scrub' }, someMoment(d)),
  (d) => {
    const { bay } = d
    d.add({ kind: 'operator-detach', bay }, someMoment(d))
    if (d.random.chance(3, 4)) d.add({ kind: 'operator-attach', bay }, someMoment(d))
  },
  (d) => {
    // Nothing is served from then on. Where power does not fail, the run ends so.
    const stopNs = d.random.below(60 * MS)
    d.add({ kind: 'operator-stop' }, { kind: 'at', timeNs: stopNs })
    if (d.random.chance(2, 3)) d.add(cut(d), { kind: 'at', timeNs: stopNs + d.pick([1, 20, 200]) * MS })
  },
  (d) => {
    // Something for the scrub to find.
    const { bay, place } = d
    if (d.random.chance(1, 2)) d.add({ kind: 'bit-rot', bay, range: place, bits: 1 }, someMoment(d))
    else d.add({ kind: 'lost-write', bay, count: 1 }, d.nth('host-write', d.range.operations))
    if (d.random.chance(1, 2)) d.add({ kind: 'operator-scrub' }, someMoment(d))
  },
]

/** What answers GOOD and is not so: drawn seldom, because a mirror without checksums is excused for it. */
const LIES: readonly Draw[] = [
  (d) => d.add({ kind: 'torn-write', bay: d.bay, count: 1 }, someMoment(d)),
  (d) => d.add({ kind: 'lost-write', bay: d.bay, count: 1 }, someMoment(d)),
  (d) => d.add({ kind: 'misdirected-write', bay: d.bay, count: 1, offsetSectors: d.pick([-8, 8, 64]) }, someMoment(d)),
  (d) => d.add({ kind: 'bit-rot', bay: d.bay, range: d.place, bits: 1 }, someMoment(d)),
  (d) => d.add({ kind: 'ignored-flush', bay: d.bay, durationNs: d.pick([5, 50]) * MS }, someMoment(d)),
]

/** No member takes a block of metadata; power may fail while that is so. */
function metadataRefused(d: Drawing): void {
  const range = { lba: d.pick(METADATA_SECTORS), sectors: 1 }
  const trigger = someMoment(d)
  const count = d.pick([1, 1, 2, 3, 6])
  for (let bay = 0; bay < d.range.bayCount; bay++) d.add({ kind: 'write-error', bay, range, count }, trigger)
  if (d.random.chance(2, 3))
    d.add(cut(d), d.nth(d.pick(['microcode:leg-error', 'host-ack', 'drive-done'] as const), 16))
}

/** A block of metadata cannot be read on any member when power returns, and power may fail again before all is well. */
function metadataUnreadable(d: Drawing): void {
  const range = { lba: d.pick(METADATA_SECTORS), sectors: d.pick([1, 1, 8]) }
  const trigger = someMoment(d)
  for (let bay = 0; bay < d.range.bayCount; bay++) d.add({ kind: 'latent-sector-error', bay, range }, trigger)
  d.add(cut(d), someMoment(d))
  if (d.random.chance(1, 2)) d.add(cut(d), d.milestone())
}

/** A member is away and comes back, and what it missed cannot be read from the others any more. */
function lostWhileAway(d: Drawing): void {
  const { bay, place } = d
  const pullNs = d.random.below(20 * MS)
  const awayNs = (1 + d.random.below(40)) * MS
  d.add({ kind: 'pull', bay }, { kind: 'at', timeNs: pullNs })
  for (let other = 0; other < d.range.members; other++) {
    if (other !== bay)
      d.add({ kind: 'latent-sector-error', bay: other, range: place }, { kind: 'at', timeNs: pullNs + awayNs })
  }
  d.add(
    { kind: 'insert', bay, drive: d.pick(['same', 'same', 'new'] as const) },
    { kind: 'at', timeNs: pullNs + awayNs + 1 },
  )
}

/** A member that was taken out is back when power returns. */
function staleAtBoot(d: Drawing): void {
  const { bay } = d
  const pullNs = d.random.below(40 * MS)
  const cutNs = pullNs + d.pick([1, 5, 20, 200]) * MS
  d.add({ kind: 'pull', bay }, { kind: 'at', timeNs: pullNs })
  d.add({ ...cut(d), durationNs: 1000 * MS }, { kind: 'at', timeNs: cutNs })
  const drive = d.pick(['same', 'same', 'same', 'new', 'foreign'] as const)
  d.add({ kind: 'insert', bay, drive }, { kind: 'at', timeNs: cutNs + d.pick([100, 1000, 1030, 1100]) * MS })
}

/** Writes of some member fail while a region is made equal. */
function writeFailsInCopy(d: Drawing): void {
  const { bay } = d
  const cause = d.pick(['pull', 'detach', 'write-error'] as const)
  if (cause === 'pull') {
    d.add({ kind: 'pull', bay }, d.moment())
    d.add({ kind: 'insert', bay, drive: 'same' }, d.moment())
  } else if (cause === 'detach') {
    d.add({ kind: 'operator-detach', bay }, d.moment())
    d.add({ kind: 'operator-attach', bay }, d.moment())
  } else d.add({ kind: 'write-error', bay, range: d.place, count: 1 }, d.moment())
  const trigger = d.nth(d.pick(['microcode:resync-begin', 'microcode:rebuild-begin'] as const), 4)
  const range = d.random.chance(1, 2) ? d.place : null
  d.add({ kind: 'write-error', bay: d.bay, range, count: d.pick([1, 1, 2]) }, trigger)
}

function pullAndReturn(d: Drawing): void {
  const { bay } = d
  d.add({ kind: 'pull', bay }, someMoment(d))
  if (d.random.chance(3, 4))
    d.add({ kind: 'insert', bay, drive: d.pick(['same', 'same', 'new', 'foreign'] as const) }, someMoment(d))
}

/** Power fails while a certain sector of the metadata is written, and tears it. */
function tornMetadata(d: Drawing): void {
  const sector = d.pick(METADATA_SECTORS)
  const trigger = d.nth('drive-write', 8, { lbaFirst: sector, lbaLast: sector })
  d.add({ ...cut(d), tearSector: true }, trigger)
}

/** `places`: there is a second site; what happens between the two is drawn, too, and by this stream, which of them a fault of one array is for. */
export function drawFaults(random: RandomStream, range: FaultRange, places: RandomStream | null): FaultSpec[] {
  const drawing = new Drawing(random, range)
  const count = drawing.pick([0, 1, 1, 2, 2, 3, 4])
  for (let i = 0; i < count; i++) {
    const isBetween = places !== null && random.chance(2, 3)
    const isSequence = random.chance(1, 4)
    if (isBetween) drawing.pick(isSequence ? SITE_SEQUENCES : SITE_FAULTS)(drawing)
    else somewhere(drawing, drawing.pick(isSequence ? SEQUENCES : CATALOGUE), places)
  }
  if (random.chance(1, 12)) somewhere(drawing, drawing.pick(LIES), places)
  if (random.chance(1, 10)) somewhere(drawing, tornMetadata, places)
  // Initiators that go to an array which was stopped while they were away are nobody's case.
  return drawing.faults.filter(({ action }) => places === null || action.kind !== 'operator-stop')
}

/** At one of the sites; all of it at the same one. */
function somewhere(drawing: Drawing, draw: Draw, places: RandomStream | null): void {
  const before = drawing.faults.length
  draw(drawing)
  if (places === null || places.chance(1, 2)) return
  for (let i = before; i < drawing.faults.length; i++) drawing.faults[i] = atSiteB(drawing.faults[i]!, places)
}
