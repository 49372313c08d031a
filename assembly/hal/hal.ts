// What the hardware does when the microcode asks. All calls return at once; their effect comes back through an entry point.
// None of them calls back into the microcode.

/** Sends the command in a drive slot to its bay. It ends in `interrupt(driveSlot)`. */
export declare function issue(driveSlot: u32): void
/** Forgets a command: no interrupt follows, its buffer is free. Whether a write was carried out is not known. */
export declare function abort(driveSlot: u32): void
/** Answers the command in a host slot; the slot belongs to the host again. */
export declare function complete(hostSlot: u32): void
/** Calls `timer(id)` after a delay in nanoseconds; a timer that is set already is moved. */
export declare function setTimer(id: u32, delayNs: f64): void
export declare function cancelTimer(id: u32): void
/** Sends the frame in a frame slot to the other site; the slot is free again when the entry point returns (abi/frames.ts). */
export declare function sendFrame(frame: u32): void
/** Gives a frame slot to the hardware to receive into. It comes back through `receive(frame)`. */
export declare function offerFrame(frame: u32): void
/** Makes a range of the NVRAM window durable, at once. Offsets from the window's start. */
export declare function commitNvram(offset: u32, bytes: u32): void
/** Simulated time in nanoseconds since the rig was switched on. */
export declare function now(): f64
/** Says what happened: abi/events.ts. */
export declare function trace(code: u32, a: u32, b: u32, c: u32): void
/** A broken rule: the controller stops here and is restarted. `code` names the rule in the module's documentation. */
export declare function panic(code: u32): void
