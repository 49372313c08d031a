// What goes over a link: a message of a controller, as bytes. Nothing here knows what they mean.

/** A frame on the wire: a header of a few bytes and data that lie in pages or bytes. */
export interface Frame {
  readonly header: Uint8Array
  readonly data: Uint8Array
  /** When its last byte has left the sender's memory. Absent: at once. */
  readonly readyNs?: number
}

export const copyFrame = ({ header, data }: Frame): Frame => ({ header: header.slice(), data: data.slice() })
