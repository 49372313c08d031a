// `platterlab bugs`: which bugs the judge is held to. `bugs show ID`: the story of one, and what the judge says about it.

import { copyFileSync, existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { jsonText } from '../report/json'
import { countText, plural } from '../report/quantities'
import { didYouMean } from '../scenario/didYouMean'
import { type Bug, readWaiting, readZoo, storyOf, type WaitingBug, zooDirectory } from './bugZoo'
import { BadInput } from './cliError'
import type { Engine } from './engine'
import { EXIT_OK } from './exitCodes'
import { patchedModule } from './patchedModule'
import type { RawRunOptions } from './runOptions'
import type { Terminal } from './terminal'

export function listBugs({ json }: { readonly json?: boolean }, terminal: Terminal): number {
  const directory = zooDirectory()
  const [bugs, waiting] = [readZoo(directory), readWaiting(directory)]
  terminal.out(json ? jsonText({ bugs, waiting }) : listText(bugs, waiting, terminal))
  return EXIT_OK
}

function listText(bugs: readonly Bug[], waiting: readonly WaitingBug[], { outColours }: Terminal): string {
  const rows = bugs.map(({ id, group, laws, modes }) => [id, group, laws.join(' '), modes.join(' ')])
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)))
  const lines = bugs.map(({ title }, index) => {
    const [id, ...rest] = rows[index]!.map((cell, column) => cell.padEnd(widths[column]!))
    const told = [...rest.filter((cell) => cell !== ''), outColours.dim(title)]
    return `${outColours.bold(id!)}  ${told.join('  ')}`
  })
  const idWidth = Math.max(0, ...waiting.map(({ id }) => id.length))
  const later = waiting.map(({ id, group, prio, waitsFor }) =>
    [id.padEnd(idWidth), group, prio, `waits for ${waitsFor}`].filter((cell) => cell !== '').join('  '),
  )
  const rest =
    waiting.length === 0 ? [] : ['', `${plural(waiting.length, 'bug')} that no microcode can have yet:`, ...later]
  return `${[...lines, '', plural(bugs.length, 'bug'), ...rest].join('\n')}\n`
}

export interface RawShowOptions extends Pick<RawRunOptions, 'seed' | 'reporter'> {
  readonly moduleOut?: string
}

/** Returns the exit code: that of the scenario's run, where there is one. */
export async function showBug(
  id: string,
  raw: RawShowOptions,
  terminal: Terminal,
  startEngine: () => Engine,
): Promise<number> {
  const directory = zooDirectory()
  const bugs = readZoo(directory)
  const bug = bugs.find((one) => one.id === id)
  if (bug === undefined) {
    const hint = didYouMean(
      id,
      bugs.map((one) => one.id),
    )
    throw new BadInput(`bugs show: found "${id}", expected a bug of platterlab bugs${hint === null ? '' : `; ${hint}`}`)
  }
  terminal.out(`${storyOf(directory, id).trimEnd()}\n\n`)
  const built = await patchedModule(join(directory, id, 'bug.patch'))
  if (built.kind === 'missing') {
    terminal.err(`not run: ${built.what} is missing\n`)
    return EXIT_OK
  }
  try {
    if (raw.moduleOut !== undefined) copyModule(built.file, raw.moduleOut)
    return await runScenarioOf(bug, join(directory, id, 'scenario.yaml'), built.file, raw, terminal, startEngine)
  } finally {
    built.remove()
  }
}

function copyModule(from: string, to: string): void {
  try {
    copyFileSync(from, to)
  } catch (error) {
    throw new BadInput(`cannot write ${to}: ${(error as Error).message}`)
  }
}

async function runScenarioOf(
  { id, caughtAtStates }: Bug,
  scenario: string,
  module: string,
  { moduleOut, ...raw }: RawShowOptions,
  terminal: Terminal,
  startEngine: () => Engine,
): Promise<number> {
  if (!existsSync(scenario)) {
    const states = caughtAtStates === null ? '' : `, after ${countText(caughtAtStates)} states`
    terminal.err(`no scenario of its own: the standard campaign catches it${states}\n`)
    if (moduleOut === undefined) terminal.err(`  platterlab bugs show ${id} --module-out bug.wasm\n`)
    terminal.err(`  platterlab certify ${moduleOut ?? 'bug.wasm'} --bail\n`)
    return EXIT_OK
  }
  const { runCommand } = await import('./runCommand')
  const here = relative('', scenario)
  return runCommand([here], { ...raw, microcode: module }, terminal, startEngine)
}
