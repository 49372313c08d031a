// A new drive becomes a spare, and power fails when its superblock alone tells of that: the device number that it was given was never given
// out, as far as the members know, and the next new drive gets it, too. Both are there at a later boot.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runText } from '../support/runText'

const mirror = new Uint8Array(readFileSync(new URL('../../build/mirror.wasm', import.meta.url)))

const model = 'model: { name: ideal, parameters: "channels=1,readNs=20000,writeNs=20000,flushNs=40000" }'

const scenario = (crashPoint: number): string => `
name: shared-number
array: { members: 2, bays: 4, driveCapacity: 1.125 MiB, assumeClean: on, bitmapChunk: 8 KiB, bitmapSweep: 100 ms, dataOffset: 128 KiB }
drives: { ${model} }
workload: [ { operations: { depth: 1, list: [ wait 1900 ms, write 1246+8, wait 600 ms, write 1262+8, wait 900 ms, read 1246+24 ] } } ]
faults:
  - { insert: { bay: 2, drive: new }, at: 20 ms }
  - { power-cut: { tearSector: off, duration: 500 ms, keeps: { "2": all }, nvramKeeps: none }, after: { event: crash-point, n: ${crashPoint} } }
  - { pull: { bay: 2 }, at: 300 ms }
  - { insert: { bay: 3, drive: new }, at: 1 s }
  - { power-cut: { duration: 200 ms }, at: 1500 ms }
  - { insert: { bay: 2, drive: same }, at: 1600 ms }
  - { pull: { bay: 0 }, at: 2 s }
  - { power-cut: { duration: 200 ms }, at: 2700 ms }
`

it('two spares that were given one device number do not take one another’s place', () => {
  const broken: string[] = []
  for (let crashPoint = 1; crashPoint <= 40; crashPoint++) {
    const { verdict } = runText(scenario(crashPoint), mirror)
    if (verdict.verdict !== 'pass') broken.push(`${crashPoint}: ${verdict.verdict}`)
  }
  expect(broken).toEqual([])
})
