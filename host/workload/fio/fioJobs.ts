// fio job files as workloads.
//
// An option is supported, or has no meaning here and leaves a note, or is an error with its place: none is ignored in silence. All
// errors are reported, not only the first. The jobs follow fio's rules (checked against fio 3.33), not its random numbers.
// docs/workloads.md lists the options.

import { GeneratorJob } from '../generator'
import { GeneratorOptionError, type GeneratorOptions } from '../generatorOptions'
import type { InputProblem } from '../inputProblem'
import type { WorkloadJob, WorkloadTarget } from '../io'
import { type FioOption, type FioSection, readJobFile } from './jobFile'
import { ALIASES, MEANINGLESS, similarOption, UNSUPPORTED } from './knownOptions'
import { defaultSettings, type FioSettings } from './settings'
import { applyOption, SUPPORTED } from './supported'
import { SettingError, toGeneratorOptions } from './toGenerator'
import { quote, ValueError } from './values'

export interface FioParseOptions {
  /** For messages. */
  readonly file: string
  readonly target: WorkloadTarget
  /** Of the run; a job with randseed has its own. */
  readonly seed: number
  /** For ${NAME}. */
  readonly environment?: Readonly<Record<string, string>>
  /** What to do with size= beyond the LUN: refuse (default), or cut it short with a note. */
  readonly oversize?: 'error' | 'clamp'
}

export type FioResult =
  | { readonly ok: true; readonly jobs: WorkloadJob[]; readonly notes: string[] }
  | { readonly ok: false; readonly problems: InputProblem[] }

/** Where the user finds a field of the generator's options. */
const FIO_NAME: Partial<Record<keyof GeneratorOptions, string>> = {
  blockSizes: 'bs',
  offsetBytes: 'offset',
  sizeBytes: 'size',
  queueDepth: 'iodepth',
  ioBytes: 'io_size',
  requests: 'number_ios',
  distribution: 'random_distribution',
  randomMap: 'norandommap',
  strideBytes: 'rw',
}

class JobFileReader {
  readonly jobs: WorkloadJob[] = []
  readonly problems: InputProblem[] = []
  readonly #notes = new Map<string, string>()
  readonly #reported = new Set<FioOption>()
  #stage = 0

  constructor(readonly options: FioParseOptions) {}

  notes(): string[] {
    return [...this.#notes.values()]
  }

  /** One section, with the options of the globals before it. */
  readJob(section: FioSection, globals: readonly FioOption[]): void {
    const given = [...globals, ...section.options]
    const settings = this.#settings(given)
    if (given.some((option) => this.#reported.has(option))) return
    // fio: a wall before the first job separates nothing.
    if (settings.stonewall && this.jobs.length > 0) this.#stage++
    for (let clone = 0; clone < settings.jobs; clone++) {
      try {
        this.jobs.push(this.#makeJob(section, settings, given, clone))
      } catch (error) {
        this.#reportSetting(error, section, given)
        return
      }
    }
  }

  #settings(given: readonly FioOption[]): FioSettings {
    const settings = defaultSettings()
    // kb_base decides how the others are read, wherever it stands.
    const isBase = (option: FioOption) => option.name === 'kb_base'
    for (const option of [...given.filter(isBase), ...given.filter((option) => !isBase(option))])
      this.#apply(settings, option)
    return settings
  }

  #apply(settings: FioSettings, option: FioOption): void {
    const name = ALIASES[option.name] ?? option.name
    const supported = Object.hasOwn(SUPPORTED, name) ? SUPPORTED[name] : undefined
    if (!supported) {
      this.#applyOther(name, option)
      return
    }
    try {
      const note = applyOption(settings, supported, option.value)
      if (note) this.#note(name, option, note)
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      this.#report(option, option.valueColumn, error.found, error.expected)
    }
  }

  #applyOther(name: string, option: FioOption): void {
    const why = MEANINGLESS.get(name)
    const instead = UNSUPPORTED.get(name)
    if (why !== undefined) this.#note(name, option, `${name}: no effect, ${why}`)
    else if (instead !== undefined)
      this.#report(option, option.column, `${quote(option.name)}, which is not supported`, instead)
    else {
      const similar = similarOption(name, [
        ...Object.keys(SUPPORTED),
        ...Object.keys(ALIASES),
        ...MEANINGLESS.keys(),
        ...UNSUPPORTED.keys(),
      ])
      this.#report(
        option,
        option.column,
        quote(option.name),
        similar ? `an fio option; did you mean ${quote(similar)}?` : 'an fio option',
      )
    }
  }

  #makeJob(section: FioSection, settings: FioSettings, given: readonly FioOption[], clone: number): WorkloadJob {
    const { target, oversize } = this.options
    const seed = settings.seed ?? this.options.seed
    const options = toGeneratorOptions(settings, {
      target,
      clone,
      name: this.#uniqueName(settings.jobs > 1 ? `${section.name}.${clone}` : section.name),
      stage: this.#stage,
      seed,
      clamp: oversize === 'clamp',
      note: (fioOption, text) =>
        this.#note(fioOption, given.findLast((option) => named(option, fioOption)) ?? given[0]!, text),
    })
    return new GeneratorJob(options, target, seed)
  }

  /** Names make random streams: two jobs of one name must not issue the same requests. */
  #uniqueName(name: string): string {
    const taken = (candidate: string) => this.jobs.some((job) => job.name === candidate)
    if (!taken(name)) return name
    let number = 2
    while (taken(`${name}#${number}`)) number++
    return `${name}#${number}`
  }

  #reportSetting(error: unknown, section: FioSection, given: readonly FioOption[]): void {
    let name: string
    if (error instanceof SettingError) name = error.fioOption
    else if (error instanceof GeneratorOptionError) name = FIO_NAME[error.option] ?? error.option
    else throw error
    const names = name === 'bs' ? ['bssplit', 'bsrange', 'bs'] : [name]
    const option = names
      .map((one) => given.findLast((candidate) => named(candidate, one)))
      .find((one) => one !== undefined)
    if (option) this.#report(option, option.valueColumn, error.found, error.expected)
    else {
      const found = `[${section.name}] with ${name} = ${error.found}`
      this.problems.push({ file: this.options.file, line: section.line, column: 1, found, expected: error.expected })
    }
  }

  /** A global option is read for every job, and reported once. */
  #report(option: FioOption, column: number, found: string, expected: string): void {
    if (this.#reported.has(option)) return
    this.#reported.add(option)
    this.problems.push({ file: this.options.file, line: option.line, column, found, expected })
  }

  #note(key: string, option: FioOption, text: string): void {
    if (!this.#notes.has(`${key} ${text}`))
      this.#notes.set(`${key} ${text}`, `${this.options.file}:${option.line}: ${text}`)
  }
}

function named(option: FioOption, name: string): boolean {
  return (ALIASES[option.name] ?? option.name) === name
}

/** Reads a job file for a LUN. Never throws for bad input. */
export function parseFioJobFile(text: string, options: FioParseOptions): FioResult {
  const { sections, problems } = readJobFile(text, options.file, options.environment ?? {})
  const reader = new JobFileReader(options)
  const globals: FioOption[] = []
  for (const section of sections) {
    if (section.name === 'global') globals.push(...section.options)
    else reader.readJob(section, globals)
  }
  const all = [...problems, ...reader.problems].sort((a, b) => a.line - b.line || a.column - b.column)
  if (all.length === 0 && reader.jobs.length === 0) {
    const line = text.split('\n').length
    return {
      ok: false,
      problems: [
        { file: options.file, line, column: 1, found: 'no job', expected: 'a section with a name, such as [job1]' },
      ],
    }
  }
  return all.length > 0 ? { ok: false, problems: all } : { ok: true, jobs: reader.jobs, notes: reader.notes() }
}
