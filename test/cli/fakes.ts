// Stand-ins for a terminal and for the engine, and a folder with scenario files.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createColors } from 'picocolors'
import { onTestFinished } from 'vitest'
import type { Engine } from '../../host/cli/engine'
import type { RunJobInput, RunJobOutput } from '../../host/cli/runJob'
import type { RunEngine } from '../../host/cli/runOne'
import type { Terminal } from '../../host/cli/terminal'
import type { Verdict } from '../../host/oracle/verdict'
import { passed } from '../report/samples'

export interface FakeTerminal extends Terminal {
  readonly printed: { out: string; err: string }
  readonly interrupt: () => void
}

export function fakeTerminal(): FakeTerminal {
  const printed = { out: '', err: '' }
  const interrupt = new AbortController()
  return {
    printed,
    out: (text) => {
      printed.out += text
    },
    err: (text) => {
      printed.err += text
    },
    outColours: createColors(false),
    errColours: createColors(false),
    interrupted: interrupt.signal,
    interrupt: () => interrupt.abort(),
  }
}

/** A new folder with these files; gone when the test is over. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export function ran(verdict: Verdict): RunJobOutput {
  return {
    kind: 'ran',
    outcome: { verdict, arrayState: 'optimal', bayStates: ['in-sync', 'in-sync'], events: new Map() },
    notes: [],
    writtenBays: [],
    writtenImages: [],
  }
}

/** Answers as a run would whose verdict depends on its seed alone. */
export const honestRun: RunEngine = async ({ scenario, seed }) => ({
  kind: 'done',
  output: ran(passed({ scenario: scenario.name, seed, traceDigest: seed.toString(16).padStart(16, '0') })),
})

export interface FakeEngine {
  readonly engine: () => Engine
  readonly jobs: RunJobInput[]
  isClosed: boolean
}

export function fakeEngine(run: RunEngine = honestRun): FakeEngine {
  const fake: FakeEngine = {
    jobs: [],
    isClosed: false,
    engine: () => ({
      run: (input, signal) => {
        fake.jobs.push(input)
        return run(input, signal)
      },
      close: async () => {
        fake.isClosed = true
      },
    }),
  }
  return fake
}
