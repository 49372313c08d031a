// What a copy is to do, and whether it may: files, their places and states are checked here, before anything is written.

import { lstatSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { ImageInputError } from '../formats/imageInputError'
import type { CopyFile } from '../formats/raw/copyFile'
import { type CopyState, type ImageCommand, readCopyState } from './copyState'

export interface ImageRequest {
  readonly command: ImageCommand
  readonly source: string
  readonly target: string
  /** The copy goes to these as well, at once: the source is read once for all. Not in a verify. */
  readonly furtherTargets?: readonly string[] | undefined
  /** Of the source, by name. null: by what is in the file in a restore; the bytes of the file themselves in everything else. */
  readonly sourceFormat: string | null
  readonly sectorBytes: number
  readonly resume: boolean
  /** Forget an interrupted copy, and begin again. */
  readonly restart: boolean
  /** null: beside a new image, else in the working directory. */
  readonly stateFile: string | null
}

export interface ImagePlace {
  /** The file that is written or compared. */
  readonly targetPath: string
  /** What it is renamed to at the end; null: it is used in place. */
  readonly finalPath: string | null
  readonly statePath: string
}

export function targetsOf({ target, furtherTargets = [] }: ImageRequest): string[] {
  return [target, ...furtherTargets]
}

/** Of each target; the state lies where that of the first one does. */
export function placesOf(request: ImageRequest): ImagePlace[] {
  return targetsOf(request).map((target) => placeOf({ ...request, target }))
}

export function placeOf(request: ImageRequest): ImagePlace {
  const { command, target } = request
  const isNew = command === 'create' || (command === 'clone' && !exists(target))
  const statePath = request.stateFile ?? (isNew ? `${target}.copystate` : `${basename(target)}.copystate`)
  if (!isNew) return { targetPath: target, finalPath: null, statePath }
  return { targetPath: `${target}.partial`, finalPath: target, statePath }
}

/** The state to go on from, or null; an interrupted copy is neither forgotten nor taken up without being asked. */
export function findState(request: ImageRequest, place: ImagePlace): CopyState | null {
  if (request.restart) return null
  const state = readCopyState(place.statePath)
  if (state && !request.resume) {
    throw new ImageInputError(
      `${place.statePath} is the state of an interrupted copy: --resume goes on with it, --restart begins again`,
    )
  }
  return state
}

/** Refuses targets by what they are, before they are opened. */
export function checkTarget(request: ImageRequest, place: ImagePlace, source: CopyFile): void {
  const { finalPath } = place
  if (finalPath === null) return
  const directory = dirname(finalPath)
  if (!exists(directory)) throw new ImageInputError(`${directory} does not exist`)
  const stats = statSync(finalPath, { throwIfNoEntry: false })
  if (!stats) return
  if (stats.isDirectory()) throw new ImageInputError(`${finalPath} is a directory; expected the name of an image`)
  if (!stats.isFile()) {
    throw new ImageInputError(`${finalPath} is no regular file: "platterlab image restore" writes to devices`)
  }
  if (stats.dev === source.deviceNumber && stats.ino === source.inode) refuseSame(request)
}

/** Refuses a state of another copy, or of a source that has changed. */
export function checkState(
  request: ImageRequest,
  places: readonly ImagePlace[],
  state: CopyState,
  source: CopyFile,
): void {
  const place = places[0]!
  const refuse = (what: string): never => {
    throw new ImageInputError(`${place.statePath}: ${what}; --restart begins again`)
  }
  if (state.command !== request.command)
    refuse(`found the state of image ${state.command}, not of image ${request.command}`)
  if (state.sourcePath !== realpathSync(request.source)) refuse(`found the state of a copy of ${state.sourcePath}`)
  if (state.sectorBytes !== request.sectorBytes) refuse(`found sectors of ${state.sectorBytes} bytes`)
  const isChanged = state.sourceBytes !== source.sizeBytes || state.sourceModifiedMs !== source.modifiedMs
  if (isChanged) refuse(`${request.source} has changed since`)
  for (const { targetPath } of places) if (!exists(targetPath)) refuse(`${targetPath} is missing`)
  const further = state.furtherTargetPaths ?? []
  const isSame =
    further.length === places.length - 1 && further.every((path, index) => path === real(places[index + 1]!))
  if (!isSame) refuse(`found the state of a copy to ${[state.targetPath, ...further].join(', ')}`)
}

export function checkSizes(request: ImageRequest, sourceBytes: number, target: CopyFile): void {
  if (target.sizeBytes >= sourceBytes) return
  const sizes = `${target.sizeBytes} bytes, expected at least the ${sourceBytes} bytes of ${request.source}`
  throw new ImageInputError(`${request.target} is too small: found ${sizes}`)
}

export function refuseSame(request: ImageRequest): never {
  throw new ImageInputError(`${request.source} and ${request.target} are the same file`)
}

function real({ targetPath }: ImagePlace): string {
  return realpathSync(targetPath)
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
