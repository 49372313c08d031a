// Files for tests of image commands, in a directory of their own that goes with the test.

import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { builtinMicrocodeFile } from '../../host/cli/packageFiles'
import { compileModule } from '../../host/controller/moduleCheck'
import { type ImageOptions, type ImageResult, runImage } from '../../host/image/imageJob'
import type { ImageRequest } from '../../host/image/imagePlan'
import type { OverwriteAsking } from '../../host/image/overwrite'
import { RandomStream } from '../../host/sim/random'

export const copierModule = compileModule(new Uint8Array(readFileSync(builtinMicrocodeFile('copier'))))

let directory = ''

/** A directory for each test of the calling file. */
export function useDirectory(): void {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'platterlab-image-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
}

export function at(name: string): string {
  return join(directory, name)
}

const never = (): boolean => false

/** Writes a file of random bytes, with zeros where `isZero` says so. */
export function randomFile(name: string, bytes: number, seed = 1, isZero: (at: number) => boolean = never): Buffer {
  const random = RandomStream.fromSeed(seed, name)
  const words = new Uint32Array(Math.ceil(bytes / 4))
  for (let word = 0; word < words.length; word++) words[word] = random.nextU32() | 0x01010101
  const content = Buffer.from(words.buffer, 0, bytes)
  for (let position = 0; position < bytes; position++) if (isZero(position)) content[position] = 0
  writeFileSync(at(name), content)
  return content
}

/** A file that is one hole. */
export function holeFile(name: string, bytes: number): void {
  writeFileSync(at(name), '')
  truncateSync(at(name), bytes)
}

/** Bytes that a file takes up on the disk. */
export function storedBytes(name: string): number {
  return statSync(at(name)).blocks * 512
}

export function run(
  command: ImageRequest['command'],
  source: string,
  target: string,
  request: Partial<ImageRequest> = {},
  options: Partial<ImageOptions> = {},
): Promise<ImageResult> {
  return runImage(
    {
      command,
      source: at(source),
      target: at(target),
      sectorBytes: 512,
      sourceFormat: null,
      resume: false,
      restart: false,
      stateFile: at('state'),
      ...request,
    },
    { module: copierModule, sync: false, readHoles: false, asking: called(target), ...options },
  )
}

/** The user has named the target by the last part of its path. */
export function called(target: string): OverwriteAsking {
  return { name: basename(target), ask: null, tell: () => {} }
}
