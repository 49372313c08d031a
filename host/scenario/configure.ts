// A scenario's array settings as configuration words (assembly/abi/config.ts).

import {
  CONFIG_AREA_PERCENT,
  CONFIG_ASSUME_CLEAN,
  CONFIG_BITMAP_CHUNK_SECTORS,
  CONFIG_BITMAP_SWEEP_MS,
  CONFIG_CHECKPOINT_SECTORS,
  CONFIG_COMMAND_DEADLINE_MS,
  CONFIG_DATA_OFFSET_SECTORS,
  CONFIG_DISCOVERY_MS,
  CONFIG_EPOCH_SECONDS,
  CONFIG_FIRST_COUNTERS,
  CONFIG_FIRST_EVENTS_HIGH,
  CONFIG_FIRST_EVENTS_LOW,
  CONFIG_FRAME_BYTES_MAX,
  CONFIG_INTERVAL_MS,
  CONFIG_JOURNAL_OVERFLOW,
  CONFIG_LINK_LOSS,
  CONFIG_LINK_TIMEOUT_MS,
  CONFIG_LUN_BLOCK_SECTORS,
  CONFIG_LUN_BLOCKS_0,
  CONFIG_LUN_REST,
  CONFIG_MEMBERS,
  CONFIG_NVRAM_BYTES,
  CONFIG_REMOTE_MODE,
  CONFIG_REMOTE_RESYNC_RATE,
  CONFIG_RESYNC_PAUSE_US,
  CONFIG_RESYNC_SUMS,
  CONFIG_RPO_MS,
  CONFIG_SITE,
  CONFIG_SNAPSHOT_PERCENT,
  CONFIG_SPARES,
  CONFIG_UUID_0,
  CONFIG_WCE,
  REMOTE_MODE_ASYNC,
  REMOTE_MODE_ONE_BEHIND,
  REMOTE_MODE_RECEIVED,
  REMOTE_MODE_SCHEDULED,
  REMOTE_MODE_SYNC,
} from '../../assembly/abi/config'
import { isMicrocodeFault } from '../controller/controllerFault'
import { type FrontPanel, PanelFault } from '../controller/panel/frontPanel'
import { RandomStream } from '../sim/random'
import type { RemoteMode, ResolvedArray, ResolvedRemote, ResolvedScenario } from './scenario'

/** 2026-01-01 00:00:00 UTC: when every simulation begins. */
export const EPOCH_SECONDS = 1_767_225_600

/** A setting that the front panel does not take. */
export class SettingRefused extends Error {
  override readonly name = 'SettingRefused'

  constructor(
    readonly file: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`${file}: ${found}; ${expected}`)
  }
}

export function configurator(
  scenario: ResolvedScenario,
  seed: number,
  site = 0,
): (words: Uint32Array, panel: () => FrontPanel | null) => void {
  const random = RandomStream.fromSeed(seed, site === 0 ? 'array-uuid' : 'array-uuid:b')
  const uuid = [random.nextU32(), random.nextU32(), random.nextU32(), random.nextU32()]
  return (words, openPanel) => {
    fillWords(words, scenario.array, uuid)
    if (scenario.remote) fillRemote(words, scenario.remote, site)
    if (Object.keys(scenario.array.settings).length === 0) return
    const panel = openPanel()
    for (const [name, value] of Object.entries(scenario.array.settings)) {
      const reason = panel ? turn(panel, name, value) : 'this microcode has no front panel'
      if (reason !== '') throw new SettingRefused(scenario.file, `array.settings.${name}: ${value}`, reason)
    }
  }
}

/** Battery-backed memory of an array that keeps no journal in it: records, and marks. */
const NVRAM_BYTES = 4096
/** With a snapshot: also what has changed since when, and the table of its slots. */
const SNAPSHOT_NVRAM_BYTES = 144 * 1024

/** '' = accepted; else why not, also when the panel itself fails. */
function turn(panel: FrontPanel, name: string, value: string): string {
  try {
    return panel.configure(name, value)
  } catch (error) {
    if (!(isMicrocodeFault(error) || error instanceof PanelFault)) throw error
    return `a front panel that works: this one failed (${error.message})`
  }
}

const MODES: Readonly<Record<RemoteMode, number>> = {
  sync: REMOTE_MODE_SYNC,
  received: REMOTE_MODE_RECEIVED,
  'one-behind': REMOTE_MODE_ONE_BEHIND,
  async: REMOTE_MODE_ASYNC,
  scheduled: REMOTE_MODE_SCHEDULED,
}

function fillRemote(words: Uint32Array, remote: ResolvedRemote, site: number): void {
  const set = (word: number, value: number): void => {
    if (word < words.length) words[word] = value
  }
  set(CONFIG_REMOTE_MODE, MODES[remote.mode])
  set(CONFIG_SITE, site)
  set(CONFIG_LINK_LOSS, remote.onLinkLoss === 'stop' ? 1 : 0)
  set(CONFIG_LINK_TIMEOUT_MS, remote.linkTimeoutMs)
  set(CONFIG_RPO_MS, remote.rpoMs)
  set(CONFIG_INTERVAL_MS, remote.intervalMs)
  set(CONFIG_AREA_PERCENT, remote.areaPercent)
  set(CONFIG_JOURNAL_OVERFLOW, remote.overflow === 'track' ? 1 : 0)
  set(CONFIG_NVRAM_BYTES, remote.nvramBytes)
  set(CONFIG_FRAME_BYTES_MAX, remote.link.frameBytesMax)
  set(CONFIG_RESYNC_SUMS, remote.resyncSums ? 1 : 0)
  set(CONFIG_REMOTE_RESYNC_RATE, remote.resyncKibPerSecond)
}

function fillWords(words: Uint32Array, array: ResolvedArray, uuid: readonly number[]): void {
  const set = (word: number, value: number): void => {
    if (word < words.length) words[word] = value
  }
  set(CONFIG_MEMBERS, array.members)
  set(CONFIG_SPARES, array.spares)
  set(CONFIG_WCE, array.writeCache ? 1 : 0)
  set(CONFIG_BITMAP_CHUNK_SECTORS, array.bitmapChunkSectors)
  set(CONFIG_ASSUME_CLEAN, array.assumeClean ? 1 : 0)
  for (let i = 0; i < 4; i++) set(CONFIG_UUID_0 + i, uuid[i]!)
  set(CONFIG_COMMAND_DEADLINE_MS, array.commandDeadlineMs)
  set(CONFIG_DISCOVERY_MS, array.discoveryMs)
  set(CONFIG_BITMAP_SWEEP_MS, array.bitmapSweepMs)
  set(CONFIG_RESYNC_PAUSE_US, array.resyncPauseUs)
  set(CONFIG_CHECKPOINT_SECTORS, array.checkpointSectors)
  set(CONFIG_DATA_OFFSET_SECTORS, array.dataOffsetSectors)
  set(CONFIG_EPOCH_SECONDS, EPOCH_SECONDS)
  set(CONFIG_FIRST_EVENTS_LOW, array.firstEvents % 0x1_0000_0000)
  set(CONFIG_FIRST_EVENTS_HIGH, Math.floor(array.firstEvents / 0x1_0000_0000))
  set(CONFIG_FIRST_COUNTERS, array.firstCounters)
  set(CONFIG_NVRAM_BYTES, array.snapshotAreaPercent ? SNAPSHOT_NVRAM_BYTES : NVRAM_BYTES)
  set(CONFIG_SNAPSHOT_PERCENT, array.snapshotAreaPercent ?? 0)
  for (const [lun, sectors] of array.luns.entries()) {
    set(CONFIG_LUN_BLOCKS_0 + lun, sectors === 0 ? CONFIG_LUN_REST : sectors / CONFIG_LUN_BLOCK_SECTORS)
  }
}
