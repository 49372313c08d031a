// Sequence numbers of 32 bits that wrap: serial number arithmetic (RFC 1982). Right as long as two numbers that are compared
// are less than 2^31 steps apart; "none" cannot be one of them and needs a flag of its own.

/** Whether `a` is `b` or came after it. */
export function isAtOrAfter(a: u32, b: u32): bool {
  return <i32>(a - b) >= 0
}

/** Whether `a` came after `b`. */
export function isAfter(a: u32, b: u32): bool {
  return <i32>(a - b) > 0
}
