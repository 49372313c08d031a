// Timer ids: what `timer(id)` is called with. One timer for each thing that waits, never one for each command.
export const TIMER_DEADLINE: u32 = 0
export const TIMER_DISCOVERY: u32 = 1
export const TIMER_SWEEP: u32 = 2
export const TIMER_COPY: u32 = 3
/** Metadata that the last member refused are written again. */
export const TIMER_RETRY: u32 = 4
export const TIMERS: u32 = 5
