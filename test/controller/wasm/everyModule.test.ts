// Every microcode at hand is read to exactly the end of each function, and can be rewritten so as to be reset.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeResettable } from '../../../host/controller/wasm/resettable'
import { compileFixture } from '../../support/compileFixture'
import { isValid, readBuilt, walk } from './modules'

const FIXTURES = readdirSync(join(import.meta.dirname, '..', '..', '..', 'fixtures', 'microcode'))

function check(bytes: Uint8Array): void {
  expect(walk(bytes)).toBeGreaterThan(10)
  const rewritten = makeResettable(bytes)!.bytes
  expect(isValid(rewritten)).toBe(true)
  expect(walk(rewritten)).toBeGreaterThan(walk(bytes))
}

describe('read and rewritten', () => {
  it.each(['mirror', 'copier'])('%s', (name) => check(readBuilt(name)))
  it.each(FIXTURES)('the fixture %s', async (name) => check(await compileFixture(name)))
})
