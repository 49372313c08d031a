// The descriptor table: what a microcode tells the hardware about itself.
//
// `describe()` returns the address of DESCRIPTOR_WORDS little-endian u32 words in the module's own memory. The host
// reads it once after instantiation, before `boot`, and refuses a module whose areas overlap, are misaligned or lie outside
// its memory. Every area stays where it is for the life of the instance.
//
// This folder is read by two compilers (asc and tsc): plain constants only, no types, no decorators.

/** 'PLAB', little-endian. */
export const ABI_MAGIC = 0x42414c50
export const ABI_VERSION = 1

export const DESCRIPTOR_MAGIC = 0
export const DESCRIPTOR_ABI_VERSION = 1
/** Host command slots: hostSlots.ts */
export const DESCRIPTOR_HOST_SLOTS_ADDRESS = 2
export const DESCRIPTOR_HOST_SLOT_COUNT = 3
/** Drive command slots: driveSlots.ts */
export const DESCRIPTOR_DRIVE_SLOTS_ADDRESS = 4
export const DESCRIPTOR_DRIVE_SLOT_COUNT = 5
/** Link frames, received and sent: frames.ts. Count 0: no link. */
export const DESCRIPTOR_FRAMES_ADDRESS = 6
export const DESCRIPTOR_FRAME_COUNT = 7
export const DESCRIPTOR_FRAME_BYTES = 8
/** Data buffers, the DMA area: one per host slot comes first, in slot order, stride bytes apart. */
export const DESCRIPTOR_BUFFERS_ADDRESS = 9
/** Bytes usable in each host slot's buffer: the largest transfer of one command. */
export const DESCRIPTOR_BUFFER_BYTES = 10
/** Distance between the buffers of two neighbouring host slots; at least DESCRIPTOR_BUFFER_BYTES. */
export const DESCRIPTOR_BUFFER_STRIDE = 11
/** The whole DMA area in bytes, host buffers and the microcode's own: drives may be pointed nowhere else. */
export const DESCRIPTOR_DMA_BYTES = 12
/** The window onto battery-backed RAM: loaded by the host before boot, made durable by `commit`. 0 bytes: none. */
export const DESCRIPTOR_NVRAM_ADDRESS = 13
export const DESCRIPTOR_NVRAM_BYTES = 14
/** Configuration words, written by the host before boot: config.ts. */
export const DESCRIPTOR_CONFIG_ADDRESS = 15
export const DESCRIPTOR_CONFIG_WORDS = 16
/** Status words, kept true by the microcode at all times: status.ts. */
export const DESCRIPTOR_STATUS_ADDRESS = 17
export const DESCRIPTOR_STATUS_WORDS = 18
/** Timers: ids 0 to count - 1 may be used with `setTimer`. */
export const DESCRIPTOR_TIMER_COUNT = 19
/** How many bays the microcode can serve. */
export const DESCRIPTOR_BAY_COUNT = 20
export const DESCRIPTOR_WORDS = 24

/** Why `boot` is called. */
export const BOOT_POWER_ON = 0
/** The controller restarted by itself (trap, watchdog); drives kept their power. */
export const BOOT_RESTART = 1
/** An operator asks for a new array over the drives in the bays: whatever is on them is given up. */
export const BOOT_FORMAT = 2

/** `hotplug(bay, state)`: a drive was pulled or does not answer to its port any more. */
export const BAY_ABSENT = 0
/** A drive is in the bay, spun up and ready for commands. */
export const BAY_PRESENT = 1
