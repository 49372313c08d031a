// Runs a command of the explorer in this process, with the real threads; and microcode with a bug in it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '../../host/cli/program'
import { patchedMirror } from '../support/patchedMicrocode'
import { type FakeTerminal, fakeTerminal } from './fakes'

export { folderWith } from './fakes'

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export function startCampaign(...argv: readonly string[]): { terminal: FakeTerminal; ended: Promise<number> } {
  const terminal = fakeTerminal()
  return { terminal, ended: runCli(argv, terminal) }
}

export async function campaign(...argv: readonly string[]): Promise<Ended> {
  const { terminal, ended } = startCampaign(...argv)
  const code = await ended
  return { code, ...terminal.printed }
}

/** The module in a file of `folder`; its name. */
export async function writeBug(id: string, folder: string): Promise<string> {
  const patch = join(import.meta.dirname, '..', '..', 'fixtures', 'bugs', id, 'bug.patch')
  const file = join(folder, `${id}.wasm`)
  writeFileSync(file, await patchedMirror(patch))
  return file
}
