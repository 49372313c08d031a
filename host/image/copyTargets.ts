// The targets of a copy, as files: all of them are looked at and agreed to before any of them is written, and at the end each is what became of it.
//
//   new image, good      renamed from NAME.partial to NAME
//   new image, dropped   NAME.partial goes: it is no copy
//   in place             stays as it is; the result says what it is

import { closeSync, fdatasyncSync, ftruncateSync, renameSync, rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { TARGET_DROPPED, TARGET_GOOD } from '../../assembly/abi/copier'
import { ImageInputError } from '../formats/imageInputError'
import { type CopyFile, createCopyFile, isSameFile, openCopyFile } from '../formats/raw/copyFile'
import type { TargetStanding } from './copyJob'
import { type CopyState, removeCopyState } from './copyState'
import { fileReader } from './fileReader'
import { checkSizes, checkTarget, type ImagePlace, type ImageRequest, refuseSame, targetsOf } from './imagePlan'
import {
  agreeToOverwrite,
  agreeToReplace,
  type OverwriteAsking,
  refuseUnusedNames,
  refuseUsedTarget,
} from './overwrite'
import { shareStorage } from './storageUse'

export interface CopyTarget {
  /** As the user calls it. */
  readonly name: string
  readonly place: ImagePlace
  readonly file: CopyFile
  /** It was made just now, and holds nothing. */
  readonly isBlank: boolean
}

/** Refuses what can be refused before anything is opened. */
export function checkTargets(request: ImageRequest, places: readonly ImagePlace[], source: CopyFile): void {
  const names = targetsOf(request)
  for (const [index, place] of places.entries()) checkTarget({ ...request, target: names[index]! }, place, source)
  for (const [index, name] of names.entries()) {
    const other = names.slice(0, index).find((before) => isSameStorage(before, name))
    if (other !== undefined) throw new ImageInputError(`${other} and ${name} are the same target, or share storage`)
  }
}

function isSameStorage(left: string, right: string): boolean {
  const [a, b] = [left, right].map((path) => statSync(path, { throwIfNoEntry: false }))
  return a && b ? shareStorage(a, b) : resolve(left) === resolve(right)
}

export interface TargetsAsked {
  /** What a restore reads from. */
  readonly sourcePaths: readonly string[]
  readonly sourceBytes: number
  readonly state: CopyState | null
  readonly asking: OverwriteAsking | undefined
}

/** Opens or makes them, each agreed to; on a refusal what was made is gone again. */
export async function openTargets(
  request: ImageRequest,
  places: readonly ImagePlace[],
  source: CopyFile,
  asked: TargetsAsked,
): Promise<CopyTarget[]> {
  const { state, sourceBytes, asking } = asked
  const writes = request.command !== 'verify'
  const targets: CopyTarget[] = []
  const called: string[] = []
  const requests = targetsOf(request).map((target) => ({ ...request, target }))
  const isNew = (place: ImagePlace) => place.finalPath !== null && state === null
  if (writes) for (const { target } of requests) refuseUsedTarget(asked.sourcePaths, target)
  for (const [index, place] of places.entries()) {
    if (isNew(place)) called.push(...(await agreeToReplace(requests[index]!.target, asking)))
  }
  try {
    for (const [index, place] of places.entries()) {
      const own = requests[index]!
      const isBlank = isNew(place)
      const file = isBlank
        ? createBlank(own, place, sourceBytes)
        : openCopyFile(place.targetPath, writes ? 'write' : 'read')
      targets.push({ name: own.target, place, file, isBlank })
      if (isSameFile(source, file)) refuseSame(own)
      if (!isBlank) checkSizes(own, sourceBytes, file)
      // A copy that is gone on with was agreed to when it began.
      if (isBlank || state !== null || !writes) continue
      called.push(...(await agreeToOverwrite(own.target, fileReader(file), asking)))
    }
    if (state === null && writes) refuseUnusedNames(asking, called)
    return targets
  } catch (error) {
    closeTargets(targets, () => true)
    throw error
  }
}

function createBlank(request: ImageRequest, place: ImagePlace, sourceBytes: number): CopyFile {
  if (request.restart) rmSync(place.targetPath, { force: true })
  const target = createCopyFile(place.targetPath)
  ftruncateSync(target.descriptor, sourceBytes)
  return target
}

/** `isForNothing`: whether a new image is not to be gone on with. */
export function closeTargets(targets: readonly CopyTarget[], isForNothing: (index: number) => boolean): void {
  for (const [index, { file, isBlank, place }] of targets.entries()) {
    if (isBlank && isForNothing(index)) rmSync(place.targetPath, { force: true })
    closeSync(file.descriptor)
  }
}

/** The job has ended. */
export function finishTargets(targets: readonly CopyTarget[], standings: readonly TargetStanding[]): void {
  for (const [index, { place }] of targets.entries()) {
    if (place.finalPath === null) continue
    if (standings[index]?.standing === TARGET_GOOD) renameSync(place.targetPath, place.finalPath)
    else rmSync(place.targetPath, { force: true })
  }
  removeCopyState(targets[0]!.place.statePath)
}

/** What lies above the position is copied again: without it there is room where the disk is full. What was dropped holds nothing of worth. */
export function makeRoom(
  targets: readonly CopyTarget[],
  standings: readonly TargetStanding[],
  doneBytes: number,
  sourceBytes: number,
): void {
  for (const [index, { place, file }] of targets.entries()) {
    if (place.finalPath === null) continue
    const isDropped = standings[index]?.standing === TARGET_DROPPED
    ftruncateSync(file.descriptor, isDropped ? 0 : Math.min(doneBytes, sourceBytes))
    ftruncateSync(file.descriptor, sourceBytes)
  }
}

/** The record promises what lies below its position: that must be so before it is kept. */
export function syncTargets(targets: readonly CopyTarget[], standings: readonly TargetStanding[]): void {
  for (const [index, { file }] of targets.entries()) {
    if (standings[index]?.standing !== TARGET_DROPPED) fdatasyncSync(file.descriptor)
  }
}
