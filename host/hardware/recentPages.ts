// Which pages were filled lately, and for which place on a medium. What is written to the same place of another drive soon after may be the
// same bytes, and then needs no memory of its own: the page is warm, and a cold one costs more to fill than it takes to compare the two.
//
// A direct-mapped table, and a hint only: the page may hold something else by now, or be free. Who asks has to look.

/** No page is known. */
export const NO_PAGE = -1

const PLACES = 256

export class RecentPages {
  readonly #places = new Float64Array(PLACES).fill(-1)
  readonly #pages = new Int32Array(PLACES)

  /** `place`: a page of a medium, counted from its start. */
  note(place: number, page: number): void {
    const at = place & (PLACES - 1)
    this.#places[at] = place
    this.#pages[at] = page
  }

  /** The page that was filled for a place last, or NO_PAGE. */
  at(place: number): number {
    const at = place & (PLACES - 1)
    return this.#places[at] === place ? this.#pages[at]! : NO_PAGE
  }
}
