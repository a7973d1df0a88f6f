// Server-sent events: the lines of the format, and a stream that makes the next one when it is read.
// https://html.spec.whatwg.org/multipage/server-sent-events.html

export interface Event {
  readonly event: string
  readonly data: string
  readonly id?: string
}

const encoder = new TextEncoder()

/** An event. JSON has no line breaks outside of what it escapes. */
export const event = ({ data, event, id }: Event): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`

/** When a client that lost the connection comes back, in milliseconds. */
export const retry = (millis: number): string => `retry: ${Math.round(millis)}\n\n`

/** What says that the connection lives, and nothing else. */
export const heartbeat = ": \n\n"

/** A piece of the stream, and whether it is the last one. */
export interface Piece {
  readonly text: string
  readonly isLast: boolean
}

/** Where pieces come from. Both are plain functions: there are thousands of streams, mostly silent. */
export interface Source {
  /** The next piece, if there is one now. */
  readonly next: () => Piece | undefined
  /** Resolves when there may be one. */
  readonly news: () => Promise<void>
}

/**
 * The stream of the source's pieces, made only as fast as they are read: a slow reader costs one piece.
 * `onEnd` is called when the last one was taken, or the reader has gone.
 */
export const body = ({ news, next }: Source, onEnd: () => void): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        let piece = next()
        while (piece === undefined) {
          await news()
          piece = next()
        }
        controller.enqueue(encoder.encode(piece.text))
        if (!piece.isLast) return
        controller.close()
        onEnd()
      },
      cancel: onEnd
    },
    { highWaterMark: 0 }
  )
