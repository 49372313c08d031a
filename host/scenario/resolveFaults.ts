// One entry of `faults:` -> FaultSpec. The schema has made sure of one action and one trigger; what is checked here needs the rig.

import type {
  AtSite,
  EventFilter,
  EventName,
  FaultAction,
  FaultSpec,
  SectorRange,
  SiteName,
  Trigger,
} from '../faults/faultSpec'
import type { Checks } from './checks'
import type { ResolvedDrives } from './resolveArray'
import type { ScenarioInput } from './schema'
import { FAULT_KINDS, type FaultInput, isOfTwoSites } from './schemaFaults'
import type { LbaRange } from './schemaUnits'
import type { Path } from './yamlSource'

type Place = { lba?: LbaRange | undefined; lunLba?: LbaRange | undefined; sectors?: number | undefined }

/** Where a range came from, for messages; null when neither lba nor lunLba is there. */
function rangeOf(place: Place): SectorRange | null {
  const range = place.lba ?? place.lunLba
  if (range === undefined) return null
  const sectors = place.sectors ?? range.last - range.first + 1
  return place.lba ? { lba: range.first, sectors } : { lunLba: range.first, sectors }
}

function faultKind(input: FaultInput): FaultAction['kind'] {
  return FAULT_KINDS.find((kind) => input[kind] !== undefined)!
}

/** The whole action, but for its site; a record of small builders, so that a new fault is one line here. */
const builders: {
  [K in FaultAction['kind']]: (input: NonNullable<FaultInput[K]>) => Omit<FaultAction & { kind: K }, 'kind'>
} = {
  'power-cut': ({ duration, tearSector, keeps, nvramKeeps, final, late }) => ({
    durationNs: duration,
    tearSector,
    survival:
      keeps === undefined && nvramKeeps === undefined ? null : { bays: keeps ?? {}, nvram: nvramKeeps ?? 'none' },
    final,
    late: late ?? -1,
  }),
  'nvram-loss': ({ content }) => ({ content }),
  pull: ({ bay }) => ({ bay }),
  insert: ({ bay, drive }) => ({ bay, drive }),
  'operator-scrub': () => ({}),
  'operator-detach': ({ bay }) => ({ bay }),
  'operator-attach': ({ bay }) => ({ bay }),
  'operator-stop': () => ({}),
  'operator-snapshot': () => ({}),
  'operator-release': ({ as }) => ({ as }),
  'site-loss': ({ site, duration }) => ({ site, durationNs: duration }),
  failover: () => ({}),
  'operator-promote': ({ site, force }) => ({ site, force }),
  'operator-demote': ({ site }) => ({ site }),
  'operator-discard': ({ site }) => ({ site }),
  'operator-point': ({ site }) => ({ site }),
  'link-cut': ({ direction, duration }) => ({ direction, durationNs: duration }),
  'link-stall': ({ direction, duration }) => ({ direction, durationNs: duration }),
  'link-slow': ({ direction, factor, duration }) => ({ direction, factor, durationNs: duration }),
  'link-drop': ({ direction, count }) => ({ direction, count }),
  'link-duplicate': ({ direction, count }) => ({ direction, count }),
  'link-reorder': ({ direction, count }) => ({ direction, count }),
  'link-corrupt': ({ direction, count }) => ({ direction, count }),
  'latent-sector-error': ({ bay, ...place }) => ({ bay, range: rangeOf(place)! }),
  'transient-read-error': ({ bay, count }) => ({ bay, count }),
  'transient-write-error': ({ bay, count }) => ({ bay, count }),
  'write-error': ({ bay, count, ...place }) => {
    const range = rangeOf(place)
    // A place that cannot be written stays so; without a place it is the next write that fails.
    return { bay, range, count: count ?? (range ? Infinity : 1) }
  },
  hang: ({ bay, duration }) => ({ bay, durationNs: duration }),
  'fail-slow': ({ bay, factor, duration }) => ({ bay, factor, durationNs: duration }),
  'torn-write': ({ bay, count }) => ({ bay, count }),
  'lost-write': ({ bay, count }) => ({ bay, count }),
  'misdirected-write': ({ bay, count, offsetSectors }) => ({ bay, count, offsetSectors }),
  'bit-rot': ({ bay, bits, ...place }) => ({ bay, range: rangeOf(place)!, bits }),
  'ignored-flush': ({ bay, duration }) => ({ bay, durationNs: duration }),
  'failing-flush': ({ bay, count }) => ({ bay, count }),
}

function actionOf(input: FaultInput): FaultAction {
  const kind = faultKind(input)
  const build = builders[kind] as (value: unknown) => object
  const { site } = input[kind] as AtSite
  return { kind, ...(site !== undefined && { site }), ...build(input[kind]) } as FaultAction
}

interface FilterInput {
  site?: SiteName | undefined
  bay?: number | undefined
  lba?: LbaRange | undefined
}

function filterOf(filter: FilterInput): EventFilter {
  return {
    ...(filter.site === undefined ? {} : { site: filter.site }),
    ...(filter.bay === undefined ? {} : { bay: filter.bay }),
    ...(filter.lba === undefined ? {} : { lbaFirst: filter.lba.first, lbaLast: filter.lba.last }),
  }
}

function triggerOf(input: FaultInput): Trigger {
  if (input.at !== undefined) return input.at === 'start' ? { kind: 'start' } : { kind: 'at', timeNs: input.at }
  if (input.after !== undefined) {
    const { event, n } = input.after
    return { kind: 'nth', n, event: event as EventName, filter: filterOf(input.after) }
  }
  const { event, ratio, limit } = input.rate!
  return {
    kind: 'rate',
    rate: ratio,
    event: event as EventName,
    filter: filterOf(input.rate!),
    limit: limit ?? Infinity,
  }
}

export function resolveFault(input: FaultInput): FaultSpec {
  const action = actionOf(input)
  const where = 'bay' in action && action.site !== undefined ? ` of site ${action.site}` : ''
  const name = input.name ?? ('bay' in action ? `${action.kind} in bay ${action.bay}${where}` : action.kind)
  return { name, action, trigger: triggerOf(input) }
}

/** What a builder above relies on, and what the rig has. */
interface Checkable extends Place {
  site?: SiteName
  bay?: number
  count?: number
  offsetSectors?: number
}

function checkPlace(action: Checkable, path: Path, sectorCount: number, checks: Checks): void {
  for (const key of ['lba', 'lunLba'] as const) {
    const range = action[key]
    if (range === undefined) continue
    const oneWay = action.sectors === undefined || range.first === range.last
    checks.that(oneWay, [...path, 'sectors'], `either a range in ${key} or a number of sectors, not both`)
    const last = Math.max(range.last, range.first + (action.sectors ?? 1) - 1)
    checks.that(last < sectorCount, [...path, key], `sectors below ${sectorCount}, the drive's capacity`)
  }
  checks.that(!(action.lba && action.lunLba), [...path, 'lunLba'], 'lba or lunLba, not both')
  const hasPlace = action.lba !== undefined || action.lunLba !== undefined
  checks.that(hasPlace || action.sectors === undefined, [...path, 'sectors'], 'lba or lunLba with it')
}

export function checkFault(
  fault: FaultInput,
  index: number,
  { bays, replacement }: ResolvedDrives,
  remote: ScenarioInput['remote'],
  checks: Checks,
): void {
  const kind = faultKind(fault)
  const path = ['faults', index, kind]
  checks.that(
    remote !== undefined || !isOfTwoSites(kind),
    path,
    'a second site for it: the scenario has no remote:',
    kind,
  )
  const hasRate = remote === undefined || remote.link.bandwidth > 0
  checks.that(kind !== 'link-slow' || hasRate, path, 'a bandwidth of the link, which this could lower', kind)
  const action = fault[kind] as Checkable
  const siteExists = (site: SiteName | undefined, place: Path) =>
    checks.that(remote !== undefined || site === undefined, place, 'no site: the scenario has no remote:', site)
  if (!isOfTwoSites(kind)) siteExists(action.site, [...path, 'site'])
  siteExists(fault.after?.site, ['faults', index, 'after', 'site'])
  siteExists(fault.rate?.site, ['faults', index, 'rate', 'site'])
  const bayExists = (bay: number | undefined, place: Path) =>
    checks.that(bay === undefined || bay < bays.length, place, `a bay from 0 to ${bays.length - 1}`)
  bayExists(action.bay, [...path, 'bay'])
  bayExists(fault.after?.bay, ['faults', index, 'after', 'bay'])
  bayExists(fault.rate?.bay, ['faults', index, 'rate', 'bay'])
  checkPlace(action, path, (bays[action.bay ?? 0] ?? replacement).sectorCount, checks)
  checks.that(action.offsetSectors !== 0, [...path, 'offsetSectors'], 'a distance other than 0')
}
