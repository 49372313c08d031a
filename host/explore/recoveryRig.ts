// A rig in which recoveries are played: what a power cut left is put into it, power returns, the array reassembles, is read, comes to
// rest, is read again, and is judged. The rig is used again for the next one: nothing is built anew but the forks of the media.
//
// One rig plays the recoveries of one level: those of a run, or those of power cuts in the recoveries of the level above.

import type { ProgressCell } from '../controller/progressCell'
import type { SocketSource } from '../controller/socket'
import { FaultFilter } from '../faults/faultFilter'
import type { Drive } from '../hardware/drive'
import type { Medium } from '../hardware/medium'
import { uncommittedWords } from '../hardware/nvram'
import { chosenCut, type SurvivalChoice } from '../rig/powerCut'
import type { Site } from '../rig/site'
import { DriveFactory } from '../scenario/buildDrives'
import { JudgedRun } from '../scenario/judgedRun'
import type { ScenarioFiles } from '../scenario/runTypes'
import type { ResolvedScenario } from '../scenario/scenario'
import type { CrashChoice } from './crashChoice'

/** What is left of a run: media forks, and the bytes of the NVRAM window. */
export interface Remains {
  readonly media: readonly (Medium | null)[]
  readonly nvram: Uint8Array
}

export interface RigOptions {
  readonly scenario: ResolvedScenario
  readonly files: ScenarioFiles
  readonly seed: number
  readonly module: WebAssembly.Module
  readonly sockets: SocketSource
  readonly progress: ProgressCell
  readonly eventsMax: number
  readonly focusLba: number | null
  readonly crashPoint?: (number: number, nowNs: number) => void
}

export class RecoveryRig {
  readonly run: JudgedRun
  readonly #spare: Drive[]

  constructor({ scenario, files, seed, module, ...options }: RigOptions) {
    // The faults of the run are over; its initiators wait.
    const quiet: ResolvedScenario = { ...scenario, faults: [], workload: [], holds: [], imagePath: null }
    this.run = new JudgedRun(quiet, files, seed, module, { ...options, judgesStops: true, livesOn: true })
    this.run.runner.start()
    const factory = new DriveFactory(seed)
    this.#spare = scenario.bays.map((spec) => factory.make(spec ?? scenario.replacement, 'zeros'))
  }

  /** Plays one recovery of what `remains` of another run; takes the media over. */
  recover(from: JudgedRun, { media, nvram }: Remains, { absent, scrubs }: CrashChoice): void {
    const drives = media.map((medium, bay) => (medium ? this.#driveWith(from, bay, medium) : null))
    this.run.revive(from, drives, nvram, from.runner.events.nowNs, absent)
    this.run.recover(scrubs)
  }

  #driveWith(from: JudgedRun, bay: number, medium: Medium): Drive {
    const model = from.runner.site.bays[bay]!
    const drive = this.#spare[bay]!
    const filters = model.filters.map((filter) => (filter instanceof FaultFilter ? filter.clone() : filter))
    const old = drive.medium
    drive.become(model.id, medium, filters)
    old.dispose()
    return drive
  }
}

/** What a power cut at this instant would leave of a site. The caller disposes of the media. */
export function remainsOf(site: Site, survival: SurvivalChoice): Remains {
  const cut = chosenCut(survival)
  const media = site.bays.map((drive, bay) => drive?.mediumAfterCut(cut.survivalOf(bay)) ?? null)
  const window = site.controller.nvramWindow
  const nvram = site.nvram.slice(0, Math.max(window.length, site.controller.descriptor.nvramBytes))
  for (const word of uncommittedWords(window, nvram)) {
    if (cut.keepsWord(word)) nvram.set(window.subarray(word * 8, word * 8 + 8), word * 8)
  }
  site.applyNvramLoss(nvram)
  return { media, nvram }
}

export function disposeOf({ media }: Remains): void {
  for (const medium of media) medium?.dispose()
}
