// Where the platters stand at a time: exact, however late it is.
//
// A turn has ANGLE_TURN = 60e9 parts, the nanoseconds of a minute: so at `rpm` turns a minute the platters turn by exactly `rpm`
// parts a nanosecond, and every angle is an integer for every integer time. All products stay below 2^53.
// The platters are at angle 0 at time 0. Not modelled: speed variation.

export const ANGLE_TURN = 60_000_000_000

/** A wait that is this close to a full turn is none: the head is there, but for rounding (1/10,000 of a turn). */
export const FULL_TURN_SLACK = ANGLE_TURN - ANGLE_TURN / 10_000

const TURNS_PER_PART = 1 / ANGLE_TURN

/** Angle at an integer time of at most 2^53 ns. */
export function angleAt(timeNs: number, rpm: number): number {
  return turnRemainder(turnRemainder(timeNs) * rpm)
}

/** `angle` modulo a turn, for integers in [0, 2^53). */
export function turnRemainder(angle: number): number {
  // A multiplication is faster than a division; its quotient may be off by one, which the remainder shows.
  const remainder = angle - Math.floor(angle * TURNS_PER_PART) * ANGLE_TURN
  if (remainder < 0) return remainder + ANGLE_TURN
  return remainder >= ANGLE_TURN ? remainder - ANGLE_TURN : remainder
}

/** How far the platters must turn from angle `from` until `to` is under the head. */
export function turnUntil(from: number, to: number): number {
  let wait = to - from
  if (wait < 0) wait += ANGLE_TURN
  return wait >= FULL_TURN_SLACK ? 0 : wait
}
