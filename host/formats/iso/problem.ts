/** Something in a volume that is not as its standard says. */
export interface Problem {
  readonly offsetBytes: number
  readonly text: string
}

export type ReportProblem = (offsetBytes: number, text: string) => void
