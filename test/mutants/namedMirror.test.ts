// The mirror with names is the program that the build makes, not one that is compiled in another way.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readModule } from '../../host/controller/wasm/moduleLayout'
import { compileMicrocode } from '../../scripts/buildMicrocode.mjs'
import { mutantsOf } from './mutate'
import { compileNamedMirror } from './namedMirror'

const EMPTY = new Uint8Array(0)
const SECTION_DATA = 11

function bodiesOf(from: Uint8Array): Uint8Array[] {
  return readModule(from).bodies.map(({ start, end }) => from.subarray(start, end))
}

const dataOf = (from: Uint8Array): Uint8Array =>
  readModule(from).sections.find(({ id }) => id === SECTION_DATA)!.content

it('the mirror with names is the mirror of the build', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platterlab-'))
  try {
    const file = join(folder, 'mirror.wasm')
    await compileMicrocode('mirror', undefined, file)
    const plain = new Uint8Array(readFileSync(file))
    const { bytes, names, lineOf } = await compileNamedMirror()
    const isSame = (id: number): boolean => {
      const [one, other] = [bytes, plain].map((from) => readModule(from).sections.find((section) => section.id === id))
      return one?.offset === other?.offset && Buffer.compare(one?.content ?? EMPTY, other?.content ?? EMPTY) === 0
    }
    // Data come behind the code, whose length may differ a little.
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 12].filter((id) => !isSame(id))).toEqual([])
    const [one, other] = [bytes, plain].map((from) => bodiesOf(from))
    expect(one.length).toBe(other.length)
    // Locals may have other numbers, which moves a few instructions in a few functions.
    const others = one.filter((body, i) => Buffer.compare(body, other[i]) !== 0)
    expect(others.length).toBeLessThan(one.length / 20)
    expect(dataOf(bytes)).toEqual(dataOf(plain))

    const boot = readModule(plain).exports.find(({ name }) => name === 'boot')!
    expect(names.get(boot.index)).toBe('assembly/mirror/index/boot')
    const inWrite = mutantsOf(bytes, { names }).filter(({ functionName }) =>
      functionName?.endsWith('/write/advanceWrite'),
    )
    expect(inWrite.length).toBeGreaterThan(10)
    expect(inWrite.some(({ offset }) => /^assembly\/mirror\/write\.ts:\d+$/.test(lineOf(offset) ?? ''))).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
