/** Where numbers may lie, and how exact an answer is wanted. */
export interface Domain {
  least: number
  most: number
  /** The answer is a multiple of it. */
  step: number
}

/**
 * The value nearest to `value` within the domain at which `differs` holds, up or down, found by halving: the neighbour towards `value` was
 * tried and doesn't differ. What holds may hold on several stretches: then it is the edge of one of them.
 * @param differs evaluates for real; must not hold at `value`
 */
export async function nearestFlip(
  value: number,
  { least, most, step }: Domain,
  differs: (value: number) => Promise<boolean>,
): Promise<number | undefined> {
  const found: number[] = []
  for (const end of [least, most]) {
    if (end === value || !(await differs(end))) continue
    found.push(await edge(value, end, step, differs))
  }
  return found.sort((a, b) => Math.abs(a - value) - Math.abs(b - value))[0]
}

/** Between one that doesn't differ and one that does. */
async function edge(same: number, other: number, step: number, differs: (value: number) => Promise<boolean>): Promise<number> {
  const up = other > same
  // Steps are counted, so that no fraction is lost on the way.
  let near = up ? Math.floor(same / step) : Math.ceil(same / step)
  let far = Math.round(other / step)
  while (Math.abs(far - near) > 1) {
    const middle = Math.trunc((near + far) / 2)
    if (await differs(atStep(middle, step))) far = middle
    else near = middle
  }
  return atStep(far, step)
}

function atStep(count: number, step: number): number {
  return Number((count * step).toFixed(6))
}
