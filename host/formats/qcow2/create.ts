// Makes a new image, after everything that could refuse it was looked at.

import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DiskImage, ImageWriter, NewImage } from '../format'
import { ImageInputError } from '../imageInputError'
import { resolveName } from './backing'
import { NewBacking } from './newBacking'
import { encodeHeader } from './newHeader'
import { type Plan, planImage } from './newOptions'
import { COMPARE_BYTES, Qcow2Writer } from './writer'

export async function createQcow2(path: string, image: NewImage): Promise<ImageWriter> {
  const plan = planImage(path, image)
  const backing = plan.backing === null ? null : await openNewBacking(path, plan, plan.backing)
  try {
    // The name of the backing file has its place in the header, or not.
    const nowhere = { l1: { offset: 0, entries: 0 }, refcountTable: { offset: 0, clusters: 0 } }
    encodeHeader({ plan, backingFormat: backing?.format ?? null, ...nowhere })
    return new Qcow2Writer(path, plan, backing)
  } catch (error) {
    backing?.close()
    throw error
  }
}

async function openNewBacking(path: string, plan: Plan, name: string): Promise<NewBacking> {
  // Later than the list of formats, which has this one in it.
  const { openImage } = await import('../formats')
  const image = await openImage(resolveName(path, name))
  try {
    refuseCycle(path, image)
    return new NewBacking(image, plan.diskBytes, Math.max(COMPARE_BYTES, 2 ** plan.clusterBits))
  } catch (error) {
    image.close()
    throw error
  }
}

/** The new image takes the place of a file of its name: that must not be one that it needs. */
function refuseCycle(path: string, backing: DiskImage): void {
  const own = join(realpathSync(dirname(path)), basename(path))
  if (backing.files.some((file) => realpathSync(file) === own || realpathSync(file) === realOrNot(path))) {
    throw new ImageInputError(`${path} would be its own backing file`)
  }
}

function realOrNot(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
