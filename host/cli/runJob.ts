// The job "run-scenario": in a worker thread, reads the files that a scenario names, runs it, writes the images that were asked for (under
// names that the caller chose), and answers with plain data.
//
// Bad input that only shows here (a line of an fio job, a module that is no microcode, a region beyond the LUN) is part of the answer, not
// an exception: the caller ends with exit code 2.

import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { plural } from '../report/quantities'
import type { RunOptions, RunOutcome, RunScenario, ScenarioFiles } from '../scenario/runTypes'
import type { MicrocodeRef, ResolvedScenario } from '../scenario/scenario'
import { scenarioPaths } from '../scenario/scenarioPaths'
import { FileByteSource } from './byteSource'
import type { JobContext } from './jobs'
import { type LiveImageFile, liveImageNotes, writeLiveImages } from './liveImageFiles'
import { writeSectorFile } from './sectorFile'

export interface RunJobInput {
  readonly scenario: ResolvedScenario
  /** Where relative paths of the scenario start. */
  readonly directory: string
  readonly microcodeFile: string
  readonly seed: number
  readonly timelineSpans: number
  /** Where to write the LUN's content after recovery. */
  readonly imageFile: string | null
  /** Where to write what is on the drives, by bay. */
  readonly memberFiles: readonly string[] | null
  /** Where to write the live images, in their order; absent: nowhere. */
  readonly liveImageFiles?: readonly LiveImageFile[] | null
}

export interface InputFault {
  readonly file: string
  /** 0 = the file as a whole. */
  readonly line: number
  readonly column: number
  readonly found: string
  readonly expected: string
}

export type RunJobOutput =
  | {
      readonly kind: 'ran'
      readonly outcome: Omit<RunOutcome, 'lunImage' | 'memberImages' | 'liveImages' | 'notes'>
      /** What a person should know about the input and the images. */
      readonly notes: readonly string[]
      /** Bays whose file was written. */
      readonly writtenBays: readonly number[]
      /** Live images whose files were written. */
      readonly writtenImages: readonly number[]
    }
  | { readonly kind: 'bad-input'; readonly faults: readonly InputFault[] }

/** Any error that says what was found and what was expected is about the user's input; of it, or of its `problem`, the position too. */
export function inputFaults(error: unknown, scenario: ResolvedScenario): InputFault[] | null {
  if (typeof error !== 'object' || error === null) return null
  const { problems, problem } = error as { problems?: unknown; problem?: unknown }
  if (Array.isArray(problems)) return problems.flatMap((one) => inputFaults(one, scenario) ?? [])
  if (problem !== undefined) return inputFaults(problem, scenario)
  const told = error as Partial<InputFault> & { subject?: unknown; option?: unknown }
  if (typeof told.found !== 'string' || typeof told.expected !== 'string') return null
  const subject = told.subject ?? told.option
  return [
    {
      file: told.file ?? fileOf(error, scenario),
      line: told.line ?? 0,
      column: told.column ?? 0,
      found: subject === undefined ? told.found : `${subject}: ${told.found}`,
      expected: told.expected,
    },
  ]
}

/** A refused microcode does not know its file. */
function fileOf(error: object, { file, array }: ResolvedScenario): string {
  const refused = (error as Error).name === 'MicrocodeRefused'
  return refused ? microcodeName(array.microcode) : file
}

function microcodeName(microcode: MicrocodeRef): string {
  return microcode.kind === 'file' ? microcode.path : microcode.name
}

interface OpenFiles extends ScenarioFiles {
  readonly bytes: ReadonlyMap<string, FileByteSource>
}

function openFiles({ scenario, directory, microcodeFile }: RunJobInput): OpenFiles {
  const paths = scenarioPaths(scenario)
  const at = (path: string) => (isAbsolute(path) ? path : join(directory, path))
  return {
    microcode: readFileSync(microcodeFile),
    texts: new Map(paths.texts.map((path) => [path, readFileSync(at(path), 'utf8')])),
    bytes: new Map(paths.bytes.map((path) => [path, new FileByteSource(at(path))])),
  }
}

function writeImages(input: RunJobInput, outcome: RunOutcome): { notes: string[]; writtenBays: number[] } {
  const notes: string[] = []
  const writtenBays: number[] = []
  const unreadable = (what: string, sectors: number) => {
    if (sectors > 0) notes.push(`${plural(sectors, 'sector')} of ${what} could not be read: zeros in its image`)
  }
  if (input.imageFile !== null) {
    if (outcome.lunImage) unreadable('the LUN', writeSectorFile(outcome.lunImage, input.imageFile).unreadableSectors)
    else notes.push('the LUN is not served at the end: there is no image of it')
  }
  for (const [bay, member] of (input.memberFiles === null ? [] : (outcome.memberImages ?? [])).entries()) {
    const file = input.memberFiles?.[bay]
    if (member === null || file === undefined) continue
    unreadable(`the drive in bay ${bay}`, writeSectorFile(member, file).unreadableSectors)
    writtenBays.push(bay)
  }
  return { notes, writtenBays }
}

/** The job, around an engine. */
export function runJobWith(run: RunScenario, input: RunJobInput, { progress }: JobContext): RunJobOutput {
  const files = openFiles(input)
  const options: RunOptions = {
    progress,
    wantLunImage: input.imageFile !== null,
    wantMemberImages: input.memberFiles !== null,
    timelineSpans: input.timelineSpans,
  }
  try {
    const outcome = run(input.scenario, files, input.seed, options)
    const { lunImage: _lun, memberImages: _members, liveImages = [], notes = [], ...plain } = outcome
    const images = writeImages(input, outcome)
    return {
      kind: 'ran',
      outcome: plain,
      notes: [...notes, ...liveImageNotes(liveImages), ...images.notes],
      writtenBays: images.writtenBays,
      writtenImages: writeLiveImages(liveImages, input.liveImageFiles ?? []),
    }
  } catch (error) {
    const faults = inputFaults(error, input.scenario)
    if (faults === null) throw error
    return { kind: 'bad-input', faults }
  } finally {
    for (const source of files.bytes.values()) source.close()
  }
}
