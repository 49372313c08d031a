// Link frames: what two controllers say to each other. A frame slot is a u32 length followed by the payload.
export const FRAME_LENGTH = 0
export const FRAME_PAYLOAD = 4
