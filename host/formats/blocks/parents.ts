// Finding the parent of an image, by the paths that its child has for it.

import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { ImageInputError } from '../imageInputError'
import type { BlockImage } from './blockImage'

/** More children upon each other are a mistake. */
const CHAIN_MAX = 64

/** The children on the way here, by their real paths, the youngest first. */
export type Chain = readonly string[]

export interface ParentSearch<Image extends BlockImage> {
  readonly childPath: string
  /** As they are written in the child, the likeliest first. */
  readonly names: readonly string[]
  readonly chain: Chain
  open(path: string, chain: Chain): Promise<Image>
  /** Whether it is the one that the child means. */
  isIt(image: Image): boolean
}

/** Throws an ImageInputError that says where was looked, and what was found there. */
export async function findParent<Image extends BlockImage>(search: ParentSearch<Image>): Promise<Image> {
  const { childPath } = search
  const chain = [...search.chain, realpathSync(childPath)]
  if (chain.length > CHAIN_MAX) throw new ImageInputError(`${childPath} has more than ${CHAIN_MAX} ancestors`)
  const paths = parentPaths(childPath, search.names)
  const others: string[] = []
  for (const path of paths.filter((one) => existsSync(one))) {
    if (chain.includes(realpathSync(path))) throw new ImageInputError(`${path} is its own ancestor`)
    const opened = await openOther(search, path, chain)
    if (typeof opened !== 'string' && search.isIt(opened)) return opened
    others.push(typeof opened === 'string' ? opened : `${path} is another disk, or has been changed`)
    if (typeof opened !== 'string') opened.close()
  }
  const found = others.length > 0 ? others.join('; ') : `looked for ${paths.join(', ') || 'nothing: it has no path'}`
  throw new ImageInputError(`the parent of ${childPath} is not there: ${found}`)
}

function parentPaths(childPath: string, names: readonly string[]): string[] {
  const paths = names.map((name) => name.replaceAll('\\', '/')).filter((name) => name !== '')
  // A path with a drive's letter, or a volume's, is one of another machine: of it the name is left.
  const local = paths.map((path) => (/^([a-z]:|\/\/\?\/)/i.test(path) ? basename(path) : path))
  return [...new Set(local.map((path) => resolve(dirname(childPath), path)))]
}

/** One that is there but cannot be opened is said, with the others that are not it. */
async function openOther<Image extends BlockImage>(
  search: ParentSearch<Image>,
  path: string,
  chain: Chain,
): Promise<Image | string> {
  try {
    return await search.open(path, chain)
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'DamagedImage' || name === 'ImageInputError') return message
    throw error
  }
}
