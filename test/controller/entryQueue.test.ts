import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntryQueue } from '../../host/controller/entryQueue'

const entry = fc.tuple(fc.nat(2), fc.nat(3))

function drain(queue: EntryQueue): [number, number][] {
  const taken: [number, number][] = []
  while (queue.take()) taken.push([queue.code, queue.argument])
  return taken
}

describe('entries that wait for the core', () => {
  it('come out in the order in which they came, without those that were taken back', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.nat(10), entry, (entries, takenFirst, [code, argument]) => {
        const queue = new EntryQueue()
        for (const [c, a] of entries) queue.add(c, a)
        const first = Math.min(takenFirst, entries.length)
        for (let i = 0; i < first; i++) queue.take()
        queue.drop(code, argument)
        expect(drain(queue)).toEqual(entries.slice(first).filter(([c, a]) => c !== code || a !== argument))
        expect(queue.isEmpty).toBe(true)
      }),
    )
  })
})
