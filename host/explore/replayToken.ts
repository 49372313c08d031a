// A line that brings a violation back: which run, and the power cuts on the way to it. Survives copy and paste (letters, digits, - _ .).
//
//   plab1.<base64url of JSON>
//
// The token names a drawn run by (campaign seed, number), a scenario by its file and a digest of its content. The microcode is not in it.

import type { CutStep } from './explorer'

export type ReplayTarget =
  | { readonly kind: 'drawn'; readonly campaignSeed: number; readonly index: number }
  | {
      readonly kind: 'scenario'
      readonly file: string
      /** Of the scenario as it was: a changed file is another run. */
      readonly digest: string
      readonly seed: number
      readonly changePoints: number
    }

export interface Replay {
  readonly target: ReplayTarget
  readonly path: readonly CutStep[]
}

const PREFIX = 'plab1.'

export function isReplayToken(text: string): boolean {
  return text.startsWith(PREFIX)
}

export function formatToken(replay: Replay): string {
  return PREFIX + Buffer.from(JSON.stringify(replay)).toString('base64url')
}

/** Null: it is no token, or not a whole one. */
export function parseToken(text: string): Replay | null {
  if (!isReplayToken(text)) return null
  try {
    const replay = JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString('utf8')) as Replay
    return isReplay(replay) ? replay : null
  } catch {
    return null
  }
}

function isReplay({ target, path }: Replay): boolean {
  const known =
    target?.kind === 'drawn' ? isCount(target.index) && isCount(target.campaignSeed) : target?.kind === 'scenario'
  return known && Array.isArray(path) && path.every(isCutStep)
}

function isCutStep(step: Partial<CutStep> | null): boolean {
  const { crashPoint, choice } = step ?? {}
  return isCount(crashPoint) && typeof choice === 'object' && typeof choice?.survival?.bays === 'object'
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
