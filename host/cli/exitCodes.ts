// What the exit code of every command means. Documented in docs/cli.md; tests hold them.

/** Everything held, or was as expected. */
export const EXIT_OK = 0
/** A law was broken, or an expectation was not met. */
export const EXIT_UNMET = 1
/** A mistake in the command line or in a file that was read. */
export const EXIT_INPUT = 2
/** A fault of Platterlab itself. */
export const EXIT_BROKEN = 3
/** Ctrl-C: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130
