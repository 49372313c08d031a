// Mistakes in snapshots that a programmer could have made: law PIT tells of each, where the mirror without it breaks no law.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Bounds, Explorer } from '../../host/explore/explorer'
import { exploreInput, loadMicrocode } from '../../host/explore/unit'
import { parseScenario } from '../../host/scenario/parse'
import { NumberedBugs } from '../support/numberedBugs'
import { type Imaged, play, playFixture } from './liveImages'

const COMPILE_MS = 120_000

const BUGS = {
  'overwrites without keeping': [
    {
      file: 'write.ts',
      from: 'if (hasSnapshots() && !leavesSnapshot(op))',
      to: 'if (!BUG && hasSnapshots() && !leavesSnapshot(op))',
    },
  ],
  'keeps slots in caches': [
    {
      file: 'preserve.ts',
      from: 'hasSnapshots() ? DRIVE_FLAG_FUA : 0',
      to: '!BUG && hasSnapshots() ? DRIVE_FLAG_FUA : 0',
    },
  ],
  'forgets its slots at a boot': [
    { file: 'snapshot.ts', from: 'if (region != 0) restore', to: 'if (!BUG && region != 0) restore' },
  ],
  'goes on when the area is full': [
    { file: 'preserve.ts', from: '? regionToKeep(op)', to: '? (BUG && areaIsFull() ? NO_BIT : regionToKeep(op))' },
  ],
  'promotes a member without the area': [
    { file: 'areaCopy.ts', from: '!hasSnapshots() || !isThere()', to: 'BUG || !hasSnapshots() || !isThere()' },
  ],
  'forgets what changes while there is a snapshot': [
    {
      file: 'snapshot.ts',
      from: 'sectors, snapshotState != SNAPSHOT_NONE)',
      to: 'sectors, !BUG && snapshotState != SNAPSHOT_NONE)',
    },
  ],
  'says that a slot counts before it is written': [
    { file: 'preserve.ts', from: 'import { snapshotNumber }', to: 'import { recordSlot, snapshotNumber }' },
    {
      file: 'preserve.ts',
      from: 'if (slot == NO_AREA_SLOT) slot = takeSlot(region)',
      to: 'if (slot == NO_AREA_SLOT) { slot = takeSlot(region); if (BUG) recordSlot(slot, region) }',
    },
  ],
  'takes a snapshot of what is in caches': [
    {
      file: 'snapshot.ts',
      from: 'if (writeCacheEnabled) flushForSnapshot()',
      to: 'if (!BUG && writeCacheEnabled) flushForSnapshot()',
    },
  ],
  'lets writes go on while it flushes': [
    { file: 'preserve.ts', from: '|| holdsWrites())', to: '|| (!BUG && holdsWrites()))' },
  ],
  'counts as changed what the last image has': [
    {
      file: 'snapshotRecord.ts',
      from: '  setMarks(NVRAM + SINCE)\n}\n\n/** The snapshot is given up, and it is as if',
      to: '  if (!BUG) setMarks(NVRAM + SINCE)\n}\n\n/** The snapshot is given up, and it is as if',
    },
  ],
  'names sectors as changed that nobody asked for': [
    {
      file: 'readChanges.ts',
      from: 'describeRun(at + bytes, lba,',
      to: 'describeRun(at + bytes, BUG ? lba + (1 << 30) : lba,',
    },
  ],
  'has no snapshots': [
    {
      file: 'remoteMode.ts',
      from: 'config(CONFIG_SNAPSHOT_PERCENT) != 0',
      to: '!BUG && config(CONFIG_SNAPSHOT_PERCENT) != 0',
    },
  ],
}

const mirror = new NumberedBugs(BUGS)
const pitOf = ({ laws }: { readonly laws: readonly string[] }): string[] => laws.filter((law) => law.startsWith('PIT'))

/** Power fails at crash points of a scenario. */
function explored(microcode: Uint8Array<ArrayBuffer>, fixture: string) {
  const file = `fixtures/scenarios/${fixture}.yaml`
  const parsed = parseScenario(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const scenario = { ...parsed.scenario, faults: [] }
  const bounds: Bounds = { crashPoints: 60, choices: 4, depth: 1, states: 10_000, absences: false }
  const run = { kind: 'scenario', scenario, texts: {}, files: {}, seed: 5, bounds, changePoints: -1 } as const
  const { violations } = new Explorer(exploreInput(run, loadMicrocode(microcode))).run()
  return { laws: violations.map(({ violation }) => violation.law) }
}

/** The members that a snapshot was taken on are gone, one after the other, when it is read. */
const BOTH_REPLACED = {
  array: 'members: 2, spares: 1, driveCapacity: 6 MiB, snapshotArea: 50',
  faults: `
  - operator-snapshot: {}
    at: 20 ms
  - pull: { bay: 0 }
    at: 120 ms
  - pull: { bay: 1 }
    after: microcode:rebuild-done`,
}

const TWO_IMAGES = {
  load: 'rw: write, bs: 4 KiB, depth: 2, size: 2 MiB',
  images: '  - { after: 40 ms, depth: 1 }\n  - { kind: incremental, after: 1 s }',
}

type Shows = (microcode: Uint8Array<ArrayBuffer>) => Pick<Imaged, 'laws'>
const SHOWN: Readonly<Record<Exclude<keyof typeof BUGS, 'has no snapshots'>, Shows>> = {
  'overwrites without keeping': (microcode) => playFixture('live-image-under-load', microcode),
  'keeps slots in caches': (microcode) => playFixture('live-image-power-cuts', microcode),
  'forgets its slots at a boot': (microcode) => playFixture('live-image-power-cuts', microcode),
  'goes on when the area is full': (microcode) => playFixture('live-image-area-full', microcode),
  'promotes a member without the area': (microcode) => play(BOTH_REPLACED, microcode),
  'forgets what changes while there is a snapshot': (microcode) => play(TWO_IMAGES, microcode),
  'says that a slot counts before it is written': (microcode) => explored(microcode, 'live-image-crash-points'),
  'counts as changed what the last image has': (microcode) => play(TWO_IMAGES, microcode),
  'names sectors as changed that nobody asked for': (microcode) => play(TWO_IMAGES, microcode),
  'takes a snapshot of what is in caches': (microcode) => explored(microcode, 'live-image-write-cache'),
  'lets writes go on while it flushes': (microcode) => explored(microcode, 'live-image-write-cache'),
}

describe('a microcode that', () => {
  it.each(Object.keys(SHOWN) as (keyof typeof SHOWN)[])(
    '%s breaks PIT',
    async (name) => {
      expect(SHOWN[name](await mirror.without()).laws).toEqual([])
      expect(pitOf(SHOWN[name](await mirror.with(name)))).not.toEqual([])
    },
    COMPILE_MS,
  )

  it(
    'has no snapshots is asked for none, and breaks no law by that',
    async () => {
      const { laws, images, run } = play(TWO_IMAGES, await mirror.with('has no snapshots'))
      expect(laws).toEqual([])
      expect(images).toEqual([])
      expect(run.findings.map(({ text }) => text)).toContain(
        'live images were left out: the microcode has no LUN for a snapshot',
      )
      run.audit()
      expect(run.violations).toEqual([])
    },
    COMPILE_MS,
  )
})
