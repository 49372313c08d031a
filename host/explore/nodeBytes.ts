// Imported for its effect: bytes are compared by Node's memcmp, ten times as fast as a loop. Recoveries compare replicas page by page.

import { compareBytesBy } from '../sim/equalBytes'

const { compare } = Buffer.prototype

compareBytesBy((a, fromA, b, fromB, count) => compare.call(a, b, fromB, fromB + count, fromA, fromA + count) === 0)
