// The bug zoo of the package: a folder for each bug, with a patch of the microcode that puts it in, and its story.
//
//   ID/README.md      the story
//   ID/bug.patch      against assembly/
//   ID/bug.json       title, group, laws, …; what is missing is taken from the story
//   ID/scenario.yaml  a scenario that catches it, where there is one
//   waiting.json      bugs whose microcode does not exist yet

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './packageFiles'

export interface Bug {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly priority: string
  readonly laws: readonly string[]
  readonly modes: readonly string[]
  readonly source: string
  /** States after which the standard campaign breaks a law; null = nobody measured it. */
  readonly caughtAtStates: number | null
}

export interface WaitingBug {
  readonly id: string
  readonly group: string
  readonly prio: string
  readonly waitsFor: string
}

export function zooDirectory(): string {
  return join(packageRoot(), 'fixtures', 'bugs')
}

export function readZoo(directory: string): Bug[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'README.md')))
    .map(({ name }) => readBug(directory, name))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function readBug(directory: string, id: string): Bug {
  const told = fromStory(storyOf(directory, id), id)
  const file = join(directory, id, 'bug.json')
  if (!existsSync(file)) return told
  return { ...told, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Bug>) }
}

export function storyOf(directory: string, id: string): string {
  return readFileSync(join(directory, id, 'README.md'), 'utf8')
}

/** The first paragraph, and the lines `- Breaks: …` and `- Source: …`. */
function fromStory(story: string, id: string): Bug {
  const paragraphs = story.split(/\n\s*\n/)
  const line = (name: string): string => new RegExp(`^- ${name}: *(.*)$`, 'm').exec(story)?.[1] ?? ''
  return {
    id,
    title: (paragraphs.find((text) => !text.startsWith('#')) ?? '').replaceAll('\n', ' ').trim(),
    group: '',
    priority: '',
    laws: [...line('Breaks').matchAll(/`([A-Z]+)`/g)].map(([, law]) => law!),
    modes: [],
    source: line('Source'),
    caughtAtStates: null,
  }
}

export function readWaiting(directory: string): WaitingBug[] {
  const file = join(directory, 'waiting.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as WaitingBug[]) : []
}
