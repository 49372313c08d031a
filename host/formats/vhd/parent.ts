// The parent of a differencing disk: where it is said to be, in a child that is read, and in one that is written.

import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { ByteSource } from '../blocks/byteSource'
import type { ParentLocator, ParentReference } from './structures'
import { SECTOR_BYTES } from './structures'

/** 2000-01-01 UTC, from which VHD counts seconds. */
const EPOCH_SECONDS = 946_684_800
const PATH_BYTES_MAX = 4096

/** What the child calls it, the likeliest first: a relative path, an absolute one, and its name. */
export function parentNames(file: ByteSource, { name, locators }: ParentReference): string[] {
  const paths = ['W2ru', 'W2ku'].flatMap((platform) =>
    locators.filter((locator) => locator.platform === platform).map((locator) => locatorPath(file, locator)),
  )
  return [...paths, name]
}

function locatorPath(file: ByteSource, { lengthBytes, offsetBytes }: ParentLocator): string {
  if (lengthBytes > PATH_BYTES_MAX) throw file.damage(offsetBytes, `a path of ${lengthBytes} bytes cannot be`)
  const bytes = file.readBytes(offsetBytes, lengthBytes, "the parent's path")
  return Buffer.from(bytes).toString('utf16le').replace(/\0.*$/s, '')
}

export function modifiedSeconds(path: string): number {
  return existsSync(path) ? Math.max(0, Math.floor(statSync(path).mtimeMs / 1000) - EPOCH_SECONDS) : 0
}

export interface NewLocators {
  readonly locators: readonly ParentLocator[]
  readonly data: readonly { readonly offsetBytes: number; readonly bytes: Uint8Array }[]
  readonly endBytes: number
}

/** The locators of a new child, which lie from `offsetBytes` on, each in sectors of its own. */
export function newLocators(childPath: string, parentPath: string, offsetBytes: number): NewLocators {
  const way = relative(dirname(resolve(childPath)), resolve(parentPath)).replaceAll('/', '\\')
  const paths = { W2ru: way.startsWith('..') ? way : `.\\${way}`, W2ku: resolve(parentPath) }
  const locators: ParentLocator[] = []
  const data: { offsetBytes: number; bytes: Uint8Array }[] = []
  let at = offsetBytes
  for (const [platform, path] of Object.entries(paths)) {
    const bytes = Buffer.from(path, 'utf16le')
    const spaceBytes = Math.ceil(bytes.length / SECTOR_BYTES) * SECTOR_BYTES
    locators.push({ platform, spaceBytes, lengthBytes: bytes.length, offsetBytes: at })
    data.push({ offsetBytes: at, bytes })
    at += spaceBytes
  }
  return { locators, data, endBytes: at }
}
