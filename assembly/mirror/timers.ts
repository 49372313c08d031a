// Timer ids: what `timer(id)` is called with. One timer for each thing that waits, never one for each command.
export const TIMER_DEADLINE: u32 = 0
export const TIMER_DISCOVERY: u32 = 1
export const TIMER_SWEEP: u32 = 2
export const TIMER_COPY: u32 = 3
/** Metadata that the last member refused are written again. */
export const TIMER_RETRY: u32 = 4
/** The other site is listened to. */
export const TIMER_LINK: u32 = 5
/** Others first: the copy to the other site goes on. */
export const TIMER_REMOTE_COPY: u32 = 6
/** An appointed time has come. */
export const TIMER_APPOINTED: u32 = 7
export const TIMERS: u32 = 8
