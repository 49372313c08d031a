import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectBalance, frameOf, LinkBench, range, SPEC, sendAll, trafficOf, wrongBits } from '../support/linkBench'

describe('a link without faults', () => {
  it('delivers a frame after the time for its bytes and the latency, one behind the other', () => {
    const bench = new LinkBench()
      .send(0, 1, 100)
      .send(0, 2, 50)
      .send(5_000, 3, 10 + 16)
      .run()
    expect(bench.ids).toEqual([1, 2, 3])
    expect(bench.times).toEqual([1_100, 1_150, 6_026])
  })

  it('delivers every frame once, whole, in order, at the computed time', () => {
    fc.assert(
      fc.property(trafficOf(500), fc.integer({ min: 1e6, max: 2e10 }), fc.nat(100_000), (traffic, rate, latencyNs) => {
        const bench = sendAll(new LinkBench({ bytesPerSecond: rate, latencyNs }), traffic).run()
        expect(bench.ids).toEqual(traffic.map(({ id }) => id))
        expect(bench.arrivals.every(({ frame, id }) => wrongBits(frame, id) === 0)).toBe(true)
        // Exact, in units of 1/rate ns.
        const scale = BigInt(rate)
        let left = 0n
        for (const [i, { timeNs, bytes }] of traffic.entries()) {
          const sent = BigInt(timeNs) * scale
          left = (sent > left ? sent : left) + BigInt(bytes) * 1_000_000_000n
          const error = Number((BigInt(bench.times[i]! - latencyNs) * scale - left) * 1_000_000n) / rate / 1e6
          expect(Math.abs(error)).toBeLessThanOrEqual(0.501)
        }
      }),
    )
  })

  it('hands over the arrays that it was given', () => {
    const frame = frameOf(1)
    const bench = new LinkBench()
    bench.at(0, () => bench.link.send(frame)).run()
    expect(bench.arrivals[0]!.frame).toBe(frame)
  })

  it('takes no time for bytes without a rate, and keeps the order of sending', () => {
    const bench = new LinkBench({ bytesPerSecond: Number.POSITIVE_INFINITY })
    for (const id of range(0, 200)) bench.send(7, id, 4096)
    bench.run()
    expect(bench.ids).toEqual(range(0, 200))
    expect(new Set(bench.times)).toEqual(new Set([1_007]))
  })

  it('keeps the order when events are held back', () => {
    fc.assert(
      fc.property(trafficOf(500), fc.array(fc.nat(5_000), { minLength: 1 }), (traffic, holds) => {
        const bench = sendAll(new LinkBench(), traffic)
        bench.heldNs = (n) => holds[n % holds.length]!
        bench.run()
        expect(bench.ids).toEqual(traffic.map(({ id }) => id))
        const prompt = sendAll(new LinkBench(), traffic).run()
        for (const [i, timeNs] of bench.times.entries()) expect(timeNs).toBeGreaterThanOrEqual(prompt.times[i]!)
      }),
    )
  })

  it('grows with the frames that are in it', () => {
    const bench = new LinkBench()
    for (const id of range(0, 60)) bench.send(0, id, 16 + id)
    for (const id of range(60, 300)) bench.send(1_500, id, 16 + (id % 100))
    bench.run()
    expect(bench.ids).toEqual(range(0, 300))
    expect(bench.times).toEqual([...bench.times].sort((a, b) => a - b))
    expect([bench.link.bytesOnTheWay, bench.link.bytesUntaken]).toEqual([0, 0])
  })

  it('refuses a description that makes no sense', () => {
    for (const wrong of [
      { paths: 0 },
      { latencyNs: -1 },
      { latencyNs: 0.5 },
      { bytesPerSecond: 0 },
      { windowBytes: 0 },
    ]) {
      expect(() => new LinkBench(wrong)).toThrow(`${Object.keys(wrong)[0]} is ${Object.values(wrong)[0]}`)
    }
    expect(() => new LinkBench({ fragmentBytes: 0 })).toThrow('fragmentBytes is 0')
    expect(() => new LinkBench({ pathDelaysNs: [0, -5] })).toThrow('pathDelaysNs[1] is -5')
  })
})

describe('the window', () => {
  it('makes frames wait at the sender until the receiver takes what came', () => {
    const bench = new LinkBench({ windowBytes: 200, bytesPerSecond: Number.POSITIVE_INFINITY })
    bench.takes = (id) => bench.at(bench.events.nowNs + 10_000 * id, () => bench.link.taken(100))
    for (const id of [1, 2, 3]) bench.send(0, id, 100)
    bench.at(500, () => expect([bench.link.framesOnTheWay, bench.link.framesWaiting]).toEqual([2, 1]))
    bench.at(1_500, () => expect([bench.link.bytesUntaken, bench.link.bytesWaiting]).toEqual([200, 100]))
    bench.run()
    expect(bench.times).toEqual([1_000, 1_000, 12_000])
  })

  it('is never exceeded, and never leaves room unused', () => {
    const takeTimes = fc.array(fc.nat(8_000), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(trafficOf(400), fc.integer({ min: 400, max: 1_500 }), takeTimes, (traffic, windowBytes, delays) => {
        const bench = sendAll(new LinkBench({ windowBytes, bytesPerSecond: Number.POSITIVE_INFINITY }), traffic)
        const { link, events } = bench
        const taken: number[] = []
        bench.takes = (id, bytes) =>
          bench.at(events.nowNs + delays[id % delays.length]!, () => {
            taken[id] = events.nowNs
            link.taken(bytes)
          })
        bench.afterEach = () => {
          const inside = link.bytesOnTheWay + link.bytesUntaken
          expect(inside).toBeLessThanOrEqual(windowBytes)
          if (link.framesWaiting === 0) return
          const next = traffic[link.figures.framesSent - link.framesWaiting]!
          expect(inside + next.bytes).toBeGreaterThan(windowBytes)
        }
        bench.run()
        expect(bench.ids).toEqual(traffic.map(({ id }) => id))
        // The same, from the outside: a frame is in the window from its arrival less the latency until it is taken.
        for (const [i, arrivedNs] of bench.times.entries()) {
          const leftNs = arrivedNs - SPEC.latencyNs
          const inside = traffic.slice(0, i + 1).filter(({ id }) => taken[id]! > leftNs || id === i)
          expect(inside.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(windowBytes)
        }
      }),
    )
  })

  it('lets a frame that is larger than the window go alone', () => {
    const bench = new LinkBench({ windowBytes: 150 }).send(0, 1, 100).send(0, 2, 400).send(0, 3, 100).run()
    expect(bench.times).toEqual([1_100, 2_500, 3_600])
  })

  it('gets the room of a frame that was dropped back', () => {
    const bench = new LinkBench({ windowBytes: 100 })
    bench.link.drop(5)
    for (const id of range(0, 7)) bench.send(0, id, 100)
    expect(bench.run().ids).toEqual([5, 6])
  })
})

describe('several paths', () => {
  it('send fragments side by side', () => {
    const bench = new LinkBench({ paths: 2, fragmentBytes: 500 }).send(0, 1, 1_000).send(0, 2, 500).run()
    expect(bench.times).toEqual([2_000, 3_000])
  })

  it('put frames together in order, whatever the delay of each', () => {
    const specs = fc.record({
      paths: fc.integer({ min: 2, max: 5 }),
      fragmentBytes: fc.integer({ min: 10, max: 300 }),
      pathDelaysNs: fc.array(fc.nat(3_000), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(trafficOf(1_000), specs, (traffic, { paths, fragmentBytes, pathDelaysNs }) => {
        const bench = sendAll(new LinkBench({ paths, fragmentBytes, pathDelaysNs }), traffic).run()
        expect(bench.ids).toEqual(traffic.map(({ id }) => id))
        expect(bench.arrivals.every(({ frame, id }) => wrongBits(frame, id) === 0)).toBe(true)
        const free = new Array<number>(paths).fill(0)
        let dealt = 0
        let thereNs = 0
        for (const [i, { timeNs, bytes }] of traffic.entries()) {
          for (let from = 0; from < bytes; from += fragmentBytes) {
            const path = dealt++ % paths
            free[path] = Math.max(free[path]!, timeNs) + Math.min(fragmentBytes, bytes - from) * paths
            thereNs = Math.max(thereNs, free[path]! + SPEC.latencyNs + (pathDelaysNs[path] ?? 0))
          }
          expect(bench.times[i]).toBe(thereNs)
        }
      }),
    )
  })
})

describe('a cut', () => {
  it('loses what is on the way, what waits, and what is sent until the link is restored', () => {
    const bench = new LinkBench({ windowBytes: 200 })
    for (const id of [1, 2, 3, 4]) bench.send(0, id, 100)
    bench.at(1_150, () => {
      expect([bench.link.framesOnTheWay, bench.link.framesWaiting]).toEqual([2, 1])
      bench.link.cut()
    })
    bench.send(1_200, 6)
    bench.at(1_300, () => expect(bench.link.isUp).toBe(false)).at(1_400, () => bench.link.restore())
    bench.send(1_400, 5).run()
    expect(bench.ids).toEqual([1, 5])
    expect(bench.times).toEqual([1_100, 2_500])
    expect(bench.link.figures).toMatchObject({ framesSent: 6, framesDelivered: 2, framesLost: 4 })
    expect(bench.link.isUp).toBe(true)
  })

  it('frees the line, and all paths', () => {
    const bench = new LinkBench({ paths: 2, fragmentBytes: 5_000, pathDelaysNs: [0, 50_000] }).send(0, 1, 10_000)
    bench.at(100, () => bench.link.cut()).at(200, () => bench.link.restore())
    bench.send(300, 2, 100)
    expect(bench.run().ids).toEqual([2])
    expect(bench.times).toEqual([1_500])
  })

  it('lets nothing arrive later that was sent before its end, and leaves a link that is as new', () => {
    fc.assert(
      fc.property(
        trafficOf(500),
        fc.nat(25_000),
        fc.nat(5_000),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 500, max: 5_000 }),
        (traffic, cutNs, lengthNs, paths, windowBytes) => {
          const spec = { paths, windowBytes, pathDelaysNs: [0, 9_000] }
          const untouched = sendAll(new LinkBench(spec), traffic).run()
          const bench = new LinkBench(spec)
          const restoreNs = cutNs + lengthNs
          bench.at(cutNs, () => bench.link.cut()).at(restoreNs, () => bench.link.restore())
          sendAll(bench, traffic)
          bench.afterEach = () => expectBalance(bench)
          bench.run()
          const before = untouched.arrivals.filter(({ timeNs }) => timeNs < cutNs).map(({ id }) => id)
          const after = traffic.filter(({ timeNs }) => timeNs >= restoreNs)
          expect(bench.ids).toEqual([...before, ...after.map(({ id }) => id)])
          // Nothing is left of what was lost: no line that is busy, no room that is taken.
          const fresh = sendAll(new LinkBench(spec), after).run()
          expect(bench.times.slice(before.length)).toEqual(fresh.times)
        },
      ),
    )
  })
})

describe('a reset', () => {
  it('forgets what is on the way, waits, or was not taken, and faults that have not struck', () => {
    const bench = new LinkBench({ windowBytes: 200 })
    bench.takes = () => {}
    for (const id of [1, 2, 3, 4]) bench.send(0, id)
    bench.at(1_150, () => {
      expect([bench.link.bytesUntaken, bench.link.framesOnTheWay, bench.link.framesWaiting]).toEqual([100, 1, 2])
      bench.link.drop(1)
      bench.link.corrupt(1, 1)
      bench.link.duplicate(1)
      bench.link.reorder(1)
      bench.link.reset()
      expect([bench.link.bytesUntaken, bench.link.framesOnTheWay, bench.link.framesWaiting]).toEqual([0, 0, 0])
    })
    bench.send(2_000, 5).send(2_000, 6).run()
    expect(bench.ids).toEqual([1, 5, 6])
    expect(bench.times).toEqual([1_100, 3_100, 3_200])
    expect(wrongBits(bench.arrivals[1]!.frame, 5)).toBe(0)
    expect(bench.link.figures.framesLost).toBe(3)
  })

  it('does not mend the network', () => {
    const bench = new LinkBench()
    bench.link.cut()
    bench.link.reset()
    expect(bench.link.isUp).toBe(false)
    bench.link.restore()
    bench.link.stall(5_000)
    bench.link.reset()
    expect(bench.send(0, 1).run().times).toEqual([6_100])
  })
})
