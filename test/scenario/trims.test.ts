import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runText } from '../support/runText'

const microcode = readFileSync(new URL('../../build/mirror.wasm', import.meta.url))

it('trims of a workload are left out, and the run says how many', () => {
  const text = `
name: trims
array: { members: 2, driveCapacity: 16 MiB }
workload: [ { job: "[j]\\nrw=trim\\nbs=4k\\nsize=64k\\n" } ]
`
  const { verdict } = runText(text, microcode)
  expect(verdict.verdict).toBe('pass')
  expect(verdict.findings.map(({ text: finding }) => finding)).toContainEqual(
    expect.stringMatching(/^16 trims were left out/),
  )
})
