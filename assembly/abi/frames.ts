// Link frames: what two controllers say to each other. A frame slot is a descriptor of three words and a header; the data lie in
// the DMA area, as those of drive commands do.
//
// Sending: fill a slot, call `sendFrame(frame)`. Header and data are fetched when the entry point returns; the slot is free again then.
// Receiving: point an empty slot at room in the DMA area and call `offerFrame(frame)`. A frame that arrives takes the slot that was
// offered first, header and data are put into it, and `receive(frame)` gives it back. While no slot is offered, frames wait on the link.
//
// A line may take no more data in one frame than CONFIG_FRAME_BYTES_MAX says. To send more is a broken rule: who has more sends several frames.

/** Bytes of the header that are used; at most the slot's size less FRAME_HEADER. */
export const FRAME_HEADER_BYTES = 0
/** Where the data lie, in the DMA area; means nothing without data. */
export const FRAME_DATA_ADDRESS = 4
/** Sent, or received: bytes of data. Offered: room for data. */
export const FRAME_DATA_BYTES = 8
export const FRAME_HEADER = 16
