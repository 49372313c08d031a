// Runs a scenario as a user does, with the command line, and gives back the images that the external judges look at.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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

const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

export function runForImages(scenarioText: string, { folder, seed = 1 }: RunForImagesOptions): RunImages {
  const file = join(folder, 'scenario.yaml')
  writeFileSync(file, scenarioText)
  const lunImage = join(folder, 'lun.img')
  const members = join(folder, 'members')
  const outputs = ['--image-out', lunImage, '--members-out', members]
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [CLI, 'run', file, '--seed', `${seed}`, '--json', ...outputs],
    {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      timeout: 120_000,
    },
  )
  if (status !== 0 && status !== 1) throw new Error(`platterlab run ended with ${status}:\n${stderr}`)
  const [scenario] = JSON.parse(stdout).scenarios
  return scenarioImages(scenario, lunImage, members)
}

/** Member files are named after the scenario and the bay. */
function scenarioImages(scenario: RunReport, lunImage: string, members: string): RunImages {
  const names = existsSync(members) ? readdirSync(members) : []
  const memberImages = scenario.bayStates.map((_, bay) => {
    const name = names.find((candidate) => candidate.endsWith(`bay${bay}.img`))
    return name === undefined ? null : join(members, name)
  })
  return { verdict: scenario, lunImage, memberImages, status: { array: scenario.arrayState, bays: scenario.bayStates } }
}

type RunReport = Verdict & { readonly arrayState: ArrayStateName; readonly bayStates: readonly BayStateName[] }
