// What a list says of its orders before anybody has looked whether it can be so.

export interface Written {
  readonly line: number
  readonly customer: string
  readonly order: string
}

export interface Malformed {
  readonly line: number
  readonly message: string
}

export interface Found {
  readonly written: ReadonlyArray<Written>
  readonly malformed: ReadonlyArray<Malformed>
}
