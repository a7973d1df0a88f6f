// A body as it comes: whole for who wants it whole, in pieces for who has reason to stop in the midst.
import { Effect, Stream } from "effect"

/** In bytes. Nothing that is asked for here comes near it. */
export const most = 64 * 1024 * 1024

/** Errors are plain: only the answer knows to which request they belong. */
export class PoolBody {
  #chunks: Array<Buffer> = []
  #size = 0
  #end: "whole" | Error | undefined
  readonly #waiting = new Set<() => void>()
  readonly #leave: (error: Error) => void

  /** `leave` is called when nobody wants more of it, or it is too large. */
  constructor(leave: (error: Error) => void) {
    this.#leave = leave
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size > most) this.#abandon(new Error(`the answer is larger than ${most} bytes`))
    else this.#wake()
  }

  end(): void {
    this.#end ??= "whole"
    this.#wake()
  }

  fail(error: Error): void {
    this.#end ??= error
    this.#wake()
  }

  /** All of it, for however many want it. */
  get whole(): Effect.Effect<Buffer, Error> {
    return this.#when(() => {
      if (this.#end === undefined) return undefined
      if (this.#end !== "whole") return Effect.fail(this.#end)
      if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)]
      const [bytes = Buffer.alloc(0)] = this.#chunks
      return Effect.succeed(bytes)
    })
  }

  /** Piece by piece, and only once: what was taken is not kept. */
  get pieces(): Stream.Stream<Buffer, Error> {
    return Stream.unfold(undefined, () => this.#next).pipe(
      Stream.ensuring(Effect.sync(() => this.#leaveEarly()))
    )
  }

  get #next(): Effect.Effect<readonly [Buffer, undefined] | undefined, Error> {
    return this.#when(() => {
      const taken = this.#chunks.splice(0)
      if (taken.length > 0) {
        this.#size = 0
        return Effect.succeed([Buffer.concat(taken), undefined] as const)
      }
      if (this.#end === undefined) return undefined
      return this.#end === "whole" ? Effect.succeed(undefined) : Effect.fail(this.#end)
    })
  }

  /** What there is, or as soon as there is something. */
  #when<A>(look: () => Effect.Effect<A, Error> | undefined): Effect.Effect<A, Error> {
    return Effect.suspend(
      () =>
        look() ??
        Effect.callback<A, Error>((resume) => {
          const wake = () => {
            const found = look()
            if (found === undefined) return
            this.#waiting.delete(wake)
            resume(found)
          }
          this.#waiting.add(wake)
          return Effect.sync(() => {
            this.#waiting.delete(wake)
            if (this.#waiting.size === 0) this.#leaveEarly()
          })
        })
    )
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  #leaveEarly(): void {
    if (this.#end === undefined) this.#abandon(new Error("nobody waits for the answer any more"))
  }

  #abandon(error: Error): void {
    this.fail(error)
    this.#leave(error)
  }
}
