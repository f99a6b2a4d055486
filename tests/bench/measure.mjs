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

/** Measures each variant once a round, in an order that changes, and returns the medians by name. */
export async function interleave(variants, sample) {
  const samples = new Map(variants.map((variant) => [variant, []]))
  for (let round = 0; round < ROUNDS; round++) {
    const turned = variants.map((_, index) => variants[(index + round) % variants.length])
    for (const variant of turned) samples.get(variant).push(await sample(variant))
  }
  return Object.fromEntries([...samples].map(([variant, values]) => [variant, median(values)]))
}
