// The rules of the house, held against every file of the tree. Each complaint says where, what, and what to do instead; the rules
// themselves are in test/tidy/, and tried on bad samples in test/tidy/rules.test.ts.
import { describe, expect, it } from 'vitest'
import { assemblyOrder, layerOrder } from './tidy/layers'
import { exactVersions, portableLock } from './tidy/packaging'
import { purity } from './tidy/purity'
import { contractAtHead, fileLength, functionLength } from './tidy/shape'
import { type Rule, readTree } from './tidy/tree'
import { fixturesExist, foreignWords, leftOver, linksExist } from './tidy/words'

const files = readTree()

const RULES: readonly (readonly [string, Rule])[] = [
  ['a layer of host/ imports only from layers above it', layerOrder],
  ['a microcode imports only from itself and from what all share', assemblyOrder],
  ['pure layers are pure, and nobody makes banned calls', purity],
  ['functions are short', functionLength],
  ['files are short', fileLength],
  ['every file opens with its contract', contractAtHead],
  ['no work is left over', leftOver],
  ['no file speaks of the machine on which it was written', foreignWords],
  ['fixtures that are named exist', fixturesExist],
  ['links between pages lead somewhere', linksExist],
  ['dependencies have exact versions', exactVersions],
  ['the lock file works with any registry', portableLock],
]

describe('tidy', () => {
  it('sees the tree', () => {
    const paths = files.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'assembly/abi/descriptor.ts']))
    expect(paths.filter((path) => path.startsWith('host/')).length).toBeGreaterThan(20)
  })

  it.each(RULES)('%s', (_, rule) => {
    // One string: a list would be cut short in the report.
    expect(files.flatMap(rule).join('\n')).toBe('')
  })
})
