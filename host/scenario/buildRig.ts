// Builds the hardware that a scenario asks for: its site, and if it has a second one, that site and the link.

import type { ProgressCell } from '../controller/progressCell'
import type { SocketSource } from '../controller/socket'
import type { Placement } from '../controller/wiring'
import { SITE_KINDS } from '../rig/eventKinds'
import { Link } from '../rig/link'
import { Rig } from '../rig/rig'
import { Site, type SiteObserver } from '../rig/site'
import type { EventQueue } from '../sim/eventQueue'
import { RandomStream } from '../sim/random'
import type { Trace } from '../sim/trace'
import type { DriveFactory } from './buildDrives'
import { configurator } from './configure'
import type { ResolvedArray, ResolvedLink, ResolvedScenario } from './scenario'

/** Of the board; how much of it is in use is up to the microcode and its configuration. */
const NVRAM_BYTES = 5 * 1024 * 1024

export interface RigParts {
  readonly events: EventQueue
  readonly trace: Trace
  readonly module: WebAssembly.Module
  readonly seed: number
  readonly factory: DriveFactory
  readonly progress: ProgressCell
  readonly sockets?: SocketSource
  /** By site. */
  readonly observers: readonly SiteObserver[]
}

export function buildRig(scenario: ResolvedScenario, parts: RigParts): Rig {
  const { events, seed } = parts
  const { remote } = scenario
  const link = remote && new Link(specOf(remote.link), events, seed)
  const sites = remote ? [0, 1] : [0]
  return new Rig(
    sites.map((index) => buildSite(scenario, parts, index, link)),
    link,
  )
}

function buildSite(scenario: ResolvedScenario, parts: RigParts, index: number, link: Link | null): Site {
  const { factory, observers, seed, sockets, events, trace, module, progress } = parts
  return new Site({
    events,
    trace,
    module,
    progress,
    random: RandomStream.fromSeed(seed, index === 0 ? 'power' : 'power:b'),
    bays: scenario.bays.map((spec) => (spec ? factory.make(spec) : null)),
    nvramBytes: NVRAM_BYTES,
    keepsNvramBackups: scenario.faults.some(({ action }) => action.kind === 'nvram-loss' && action.content === 'old'),
    kinds: index * SITE_KINDS,
    link: link ? link.endOf(index) : null,
    ...placementOf(scenario.array),
    ...(sockets && { sockets }),
    observer: observers[index]!,
    configure: configurator(scenario, seed, index),
  })
}

/** Nothing to tell: in a controller, and no limit to the host's bus. */
function placementOf({ placement, hostBusBytesPerSecond }: ResolvedArray): { readonly placement?: Placement } {
  if (placement === 'controller' && hostBusBytesPerSecond === 0) return {}
  const bus = hostBusBytesPerSecond === 0 ? {} : { hostBusBytesPerNs: hostBusBytesPerSecond / 1e9 }
  return { placement: { where: placement, ...bus } }
}

function specOf(link: ResolvedLink) {
  const limit = (value: number): number => (value === 0 ? Number.POSITIVE_INFINITY : value)
  return { ...link, bytesPerSecond: limit(link.bytesPerSecond), frameBytesMax: limit(link.frameBytesMax) }
}
