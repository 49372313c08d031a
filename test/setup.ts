// Properties draw the same runs each time, so that a commit that is green stays green. To look for more: PLATTERLAB_TEST_SEED=random, or a
// number; a property that fails prints the seed that shows it again.

import fc from 'fast-check'

const asked = process.env.PLATTERLAB_TEST_SEED ?? '1'
if (asked !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked) })
