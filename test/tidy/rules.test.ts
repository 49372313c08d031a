// Each rule of the house, tried on a small sample that breaks it and on one that looks alike and does not.
import { describe, expect, it } from 'vitest'
import { assemblyOrder, layerOrder } from './layers'
import { exactVersions, portableLock } from './packaging'
import { purity } from './purity'
import { contractAtHead, fileLength, functionLength } from './shape'
import { type Rule, TidyFile } from './tree'
import { fixturesExist, foreignWords, leftOver, linksExist } from './words'

const judge = (rule: Rule, path: string, text: string): string => rule(new TidyFile(path, text)).join('\n')

describe('layer order', () => {
  it.each([
    ['host/rig/a.ts', "import { b } from '../sim/b'", ''],
    ['host/rig/a.ts', "import { b } from '../../assembly/abi/b'", ''],
    ['host/index.ts', "export { b } from './cli/b'", ''],
    ['host/cli/a.ts', "import p from '../../package.json'", ''],
    ['host/cli/a.ts', "import { x } from 'node:fs'", ''],
    ['host/sim/a.ts', "import { x } from 'pure-rand/y'", ''],
    ['host/controller/panel/asBind.ts', "import { x } from 'as-bind/dist/as-bind.esm.js'", ''],
    ['host/sim/a.ts', "\nimport type { b } from '../rig/b'", ':2: host/sim imports from host/rig, which lies below it'],
    ['host/sim/a.ts', "export * from '../rig/b'", 'which lies below it'],
    ['host/sim/a.ts', "type B = import('../rig/b').B", 'which lies below it'],
    ['host/scenario/a.ts', "const b = import('../explore/b')", 'which lies below it'],
    ['host/sim/a.ts', "import { b } from '../index'", 'which lies below it'],
    ['host/rig/a.ts', "import { b } from '../../assembly/mirror/b'", 'only assembly/abi'],
    ['host/odd/a.ts', "import { b } from '../sim/b'", 'host/odd is no layer'],
    ['host/sim/a.ts', "import { b } from './b.js'", 'leave the extension out'],
    ['host/sim/a.ts', "import fs from 'node:fs'", 'in a pure layer'],
    ['host/sim/a.ts', "import fs from 'fs'", 'in a pure layer'],
    ['host/sim/a.ts', "import { x } from 'commander'", 'PURE_PACKAGES'],
    ['host/controller/a.ts', "import { x } from 'as-bind'", 'only host/controller/panel/asBind.ts may'],
  ])('%s with %s', (path, text, complaint) => expectComplaint(layerOrder, path, text, complaint))

  it.each([
    ['assembly/mirror/a.ts', "import { b } from '../lib/b'", ''],
    ['assembly/hal/a.ts', "import { b } from '../abi/b'", ''],
    ['assembly/mirror/a.ts', "import { b } from '../copier/b'", 'assembly/mirror may import from'],
    ['assembly/lib/a.ts', "import { b } from '../abi/b'", 'assembly/lib may import from assembly/lib only'],
  ])('%s with %s', (path, text, complaint) => expectComplaint(assemblyOrder, path, text, complaint))
})

describe('purity', () => {
  it.each([
    ['const now = Date.now()', 'Date: time is simulated'],
    ['const start = performance.now()', 'performance: time is simulated'],
    ['const x = Math.random()', 'Math.random: draw from a stream'],
    ['setTimeout(() => {}, 1)', 'setTimeout: schedule an event'],
    ['async function f() {}', 'async: the pure layers are synchronous'],
    ['const f = async () => 1', 'async'],
    ['class A { async f() {} }', 'async'],
    ['function f(): Promise<void> {}', 'Promise'],
    ['const b = Buffer.alloc(1)', 'Buffer: not in a browser'],
    ['type B = Buffer', 'Buffer'],
    ['console.log(1)', 'console'],
    ['const { env } = process', 'process'],
    ['const o = { Date }', 'Date'],
    ['const x = Math.log2(8)', 'Math.log2: differs from engine to engine'],
    ['const x = a.localeCompare(b)', 'depends on the machine'],
  ])('complains in a pure layer: %s', (text, complaint) => expectComplaint(purity, 'host/sim/a.ts', text, complaint))

  it.each([
    'const x = clock.Date',
    'interface A { readonly performance: number }',
    'const o = { process: 1 }',
    'function f(process: number): number { return process }',
    'const x: ArrayBuffer = new ArrayBuffer(8)',
    'class A { document(): void {} }',
    "import { Worker } from './worker'; new Worker()",
    '// Date, Promise and Math.random',
    "const text = 'Date.now()'",
    'const x = Math.sqrt(2) + Math.max(1, 2)',
  ])('is content in a pure layer: %s', (text) => expectComplaint(purity, 'host/sim/a.ts', text, ''))

  it('lets the outer layers wait and look at the clock, but not draw from nowhere', () => {
    expectComplaint(purity, 'host/cli/a.ts', 'const f = async () => Date.now() + process.pid', '')
    expectComplaint(purity, 'host/cli/a.ts', 'Math.random()', 'Math.random')
    expectComplaint(purity, 'test/a.ts', 'Math.random()', '')
  })
})

describe('shape', () => {
  const lines = (count: number): string => 'x()\n'.repeat(count)

  it('knows long functions from short ones, in both languages', () => {
    expectComplaint(functionLength, 'host/sim/a.ts', `function f() {\n${lines(68)}}`, '')
    expectComplaint(
      functionLength,
      'host/sim/a.ts',
      `function f() {\n${lines(69)}}`,
      'a.ts:1: f has 71 lines, 70 at most',
    )
    expectComplaint(functionLength, 'assembly/lib/a.ts', `function f(a: u32): usize {\n${lines(69)}}`, 'f has 71')
    expectComplaint(functionLength, 'host/sim/a.ts', `const g = () => {\n${lines(69)}}`, 'g has 71')
    expectComplaint(functionLength, 'host/sim/a.ts', `class A {\n  m() {\n${lines(69)}}\n}`, 'a.ts:2: m has 71')
    expectComplaint(functionLength, 'test/a.ts', `describe('x', () => {\n${lines(99)}})`, '')
  })

  it('knows long files', () => {
    expectComplaint(fileLength, 'host/sim/a.ts', lines(400), '')
    expectComplaint(fileLength, 'host/sim/a.ts', lines(401), '401 lines')
  })

  it('wants a contract before the first line of code', () => {
    expectComplaint(contractAtHead, 'host/sim/a.ts', '// What this file promises.\nimport x', '')
    expectComplaint(contractAtHead, 'host/sim/a.ts', '#!/usr/bin/env node\n/* What this file promises. */', '')
    expectComplaint(
      contractAtHead,
      'host/sim/a.ts',
      'import x\n// What this file promises.',
      'opens without its contract',
    )
    expectComplaint(
      contractAtHead,
      'host/sim/a.ts',
      '// biome-ignore lint: because it is so\nimport x',
      'opens without',
    )
  })
})

describe('words', () => {
  it('finds work left over', () => {
    expectComplaint(leftOver, 'docs/a.md', `fine\n${'TO' + 'DO'}: later`, 'docs/a.md:2: ')
    expectComplaint(leftOver, 'docs/a.md', 'Todos are for others', '')
  })

  it.each([
    [`see /${'work'}/main/host`, 'a path of one machine'],
    [`cd /${'home'}/joe/src`, 'a path of one machine'],
    [`http://${'192.168'}.1.7/`, 'an address of one network'],
    [`https://${'registry'}.example.org/`, "a registry's host"],
    [`127.0.0.1, version 10.2, host/${'work'}/x and ~/${'work'}/`, ''],
  ])('finds traces of a machine: %s', (text, complaint) => expectComplaint(foreignWords, 'docs/a.md', text, complaint))

  it('finds fixtures and pages that are not there', () => {
    expectComplaint(fixturesExist, 'docs/a.md', 'fixtures/microcode/passthrough/index.ts and fixtures/microcode/*', '')
    expectComplaint(fixturesExist, 'docs/a.md', `fixtures${'/'}microcode/nothing`, 'there is no such fixture')
    expectComplaint(fixturesExist, 'docs/a.md', `fixtures${'/'}microcode/no*thing`, 'there is no such fixture')
    expectComplaint(linksExist, 'docs/a.md', '[x](../LICENSE) [y](https://example.org) [z](#part)', '')
    expectComplaint(linksExist, 'docs/a.md', '[x](nowhere.md)', 'links to docs/nowhere.md, which is not there')
  })
})

describe('packaging', () => {
  it('wants exact versions and a lock without addresses', () => {
    const packageWith = (version: string): string => JSON.stringify({ dependencies: { a: version } })
    expectComplaint(exactVersions, 'package.json', packageWith('1.2.3'), '')
    expectComplaint(exactVersions, 'package.json', packageWith('^1.2.3'), 'give one exact version')
    expectComplaint(
      portableLock,
      'package-lock.json',
      '{ "resolved": "https://example.org/a.tgz" }',
      'without addresses',
    )
    expectComplaint(portableLock, 'package-lock.json', '{ "version": "1.0.0" }', '')
  })
})

/** '' = no complaint at all. */
function expectComplaint(rule: Rule, path: string, text: string, complaint: string): void {
  const found = judge(rule, path, text)
  if (complaint === '') expect(found).toBe('')
  else expect(found).toContain(complaint)
}
