// A drive that comes late becomes a spare, and power fails when its superblock alone tells of that. At the next boot it is late again: the
// device number that it brings was never given out, as far as the members know.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runText } from '../support/runText'

const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))

const model = 'model: { name: ideal, parameters: "channels=1,readNs=20000,writeNs=20000,flushNs=40000" }'

const scenario = (crashPoint: number): string => `
name: spare-number
array: { members: 2, spares: 1, bays: 3, driveCapacity: 1.125 MiB, assumeClean: on, bitmapChunk: 8 KiB, bitmapSweep: 100 ms, dataOffset: 128 KiB, discovery: 60 ms }
drives: { ${model}, bays: { "0": { ${model}, spinUp: 76 ms } } }
workload: [ { operations: { depth: 1, list: [ write 1246+8, wait 60 ms ] } } ]
faults:
  - { power-cut: { tearSector: off, final: on, duration: 1 s, keeps: { "0": all }, nvramKeeps: none }, after: { event: crash-point, n: ${crashPoint} } }
`

it('a spare gets a device number that the members know', () => {
  const broken: string[] = []
  for (let crashPoint = 1; crashPoint <= 120; crashPoint++) {
    const { verdict } = runText(scenario(crashPoint), mirror)
    if (verdict.verdict !== 'pass') broken.push(`${crashPoint}: ${verdict.verdict}`)
  }
  expect(broken).toEqual([])
})
