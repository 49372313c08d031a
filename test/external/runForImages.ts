// Runs a scenario as a user does, and gives back the images that the external judges look at.
//
// NOT FILLED IN YET: the run command is still being built. The tests that need this are named *.pending.ts and are not part of the
// default run; when runForImages works, rename them to *.test.ts. Meant:
//   node dist/cli.mjs run FOLDER/scenario.yaml --seed SEED --json --image-out FOLDER/lun.img --members-out FOLDER/members

import type { Verdict } from '../../host/oracle/verdict'
import type { ArrayStateName, BayStateName } from '../../host/scenario/scenario'

export interface RunForImagesOptions {
  /** Where the scenario is written and everything that it names lies; the images are put here, too. */
  readonly folder: string
  readonly seed?: number
}

export interface RunImages {
  readonly verdict: Verdict
  /** The whole LUN, read through the microcode after recovery. */
  readonly lunImage: string
  /** By bay: the whole medium of its drive at the end; null = no drive in the bay. */
  readonly memberImages: readonly (string | null)[]
  /** What the array itself claims at the end: mdadm must say the same. */
  readonly status: { readonly array: ArrayStateName; readonly bays: readonly BayStateName[] }
}

export function runForImages(_scenarioText: string, _options: RunForImagesOptions): RunImages {
  throw new Error('runForImages is not filled in yet: see the head of this file')
}
