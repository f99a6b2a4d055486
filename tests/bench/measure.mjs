// Rounds and medians.

/** How often everything is measured. */
export const ROUNDS = Math.max(1, Number(process.env.BENCH_ROUNDS) || 3)

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The value below which this part of all lies. */
export function quantile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

/** Measures each variant once a round, in an order that changes, and returns the samples by name. */
export async function interleave(variants, sample) {
  const samples = new Map(variants.map((variant) => [variant, []]))
  for (let round = 0; round < ROUNDS; round++) {
    const turned = variants.map((_, index) => variants[(index + round) % variants.length])
    for (const variant of turned) samples.get(variant).push(await sample(variant))
  }
  return Object.fromEntries(samples)
}

/** The ratio of two medians, and the least and the largest ratio of one round. */
export function ratio(ours, theirs) {
  const each = ours.map((value, round) => value / theirs[round])
  return { value: median(ours) / median(theirs), least: Math.min(...each), most: Math.max(...each) }
}

/** Both medians, for those who want to know what the ratio was made of. */
export function both(ours, name, theirs, unit) {
  return `tautline ${median(ours).toFixed(2)}, ${name} ${median(theirs).toFixed(2)} ${unit}`
}

/** Throws unless all that was sent was delivered: the ids of the messages from 0 to `count` add up. */
export function proved(variant, { heard, sum }, count) {
  const whole = (count * (count - 1)) / 2
  if (heard !== count || sum !== whole) {
    throw new Error(`${variant}: expected ${count} messages with the sum ${whole}, came ${heard} with ${sum}`)
  }
}
