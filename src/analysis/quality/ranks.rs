//! Ranks of a few among all, without sorting.

/// Numbers of a row that are ranked at a time: they stay in the nearest cache meanwhile.
const CHUNK: usize = 2_048;

/// How many items come before each candidate by their cosines; equal ones in order of item.
pub fn numbers_before(cosines: &[f32], candidates: &[usize]) -> Vec<usize> {
    let mut before = vec![0; candidates.len()];
    for (i, chunk) in cosines.chunks(CHUNK).enumerate() {
        for (before, candidate) in before.iter_mut().zip(candidates) {
            *before += count_before(chunk, i * CHUNK, *candidate, cosines[*candidate]);
        }
    }
    before
}

/// How many points come before each candidate by their distance from `item`.
pub fn places_before(axes: &[Vec<f64>], item: usize, candidates: &[usize]) -> Vec<usize> {
    // Of squared distances, negated, so that larger is nearer as with cosines.
    let nearness = |other: usize| -> f64 {
        let sum: f64 = axes
            .iter()
            .map(|axis| (axis[item] - axis[other]).powi(2))
            .sum();
        if sum.is_nan() {
            f64::NEG_INFINITY
        } else {
            -sum
        }
    };
    let own = nearness(item);
    let values: Vec<f64> = candidates.iter().map(|c| nearness(*c)).collect();
    let mut before = vec![0; candidates.len()];
    let n = axes.first().map_or(0, Vec::len);
    let mut chunk = Vec::with_capacity(CHUNK);
    for start in (0..n).step_by(CHUNK) {
        if candidates.is_empty() {
            break;
        }
        let end = (start + CHUNK).min(n);
        chunk.clear();
        chunk.resize(end - start, 0.0);
        for axis in axes {
            let origin = axis[item];
            for (sum, x) in chunk.iter_mut().zip(&axis[start..end]) {
                *sum += (origin - x).powi(2);
            }
        }
        for sum in &mut chunk {
            *sum = if sum.is_nan() {
                f64::NEG_INFINITY
            } else {
                -*sum
            };
        }
        let counts = before.iter_mut().zip(candidates.iter().zip(&values));
        for (before, (candidate, value)) in counts {
            *before += count_before(&chunk, start, *candidate, *value);
            // The item itself is the nearest of all, and does not count.
            let comes_before = own > *value || (own >= *value && item < *candidate);
            *before -= usize::from((start..end).contains(&item) && comes_before);
        }
    }
    before
}

/// How many numbers of `chunk`, which begins at item `start`, come before the number of `candidate`.
fn count_before<T: PartialOrd + Copy>(
    chunk: &[T],
    start: usize,
    candidate: usize,
    value: T,
) -> usize {
    let split = candidate.clamp(start, start + chunk.len()) - start;
    let (lower, higher) = chunk.split_at(split);
    let at_least: u32 = lower.iter().map(|x| u32::from(*x >= value)).sum();
    let above: u32 = higher.iter().map(|x| u32::from(*x > value)).sum();
    (at_least + above) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;

    #[test]
    fn it_counts_what_comes_before_among_equal_values_too() {
        let (n, item) = (2 * CHUNK + 5, CHUNK + 1);
        let mut random = Random::new(1);
        // Few values, so that most are equal to others.
        let axis: Vec<f64> = (0..n).map(|_| random.below(9) as f64).collect();
        let nearness: Vec<f32> = axis
            .iter()
            .map(|x| -(x - axis[item]).powi(2) as f32)
            .collect();
        let mut cosines = nearness.clone();
        cosines[item] = f32::NEG_INFINITY;
        let candidates = [0, 3, CHUNK - 1, CHUNK, CHUNK + 2, n - 1];
        let before = |candidate: usize| {
            let others = (0..n).filter(|other| *other != item);
            let precedes = |other: &usize| {
                let (a, b) = (nearness[*other], nearness[candidate]);
                a > b || (a >= b && *other < candidate)
            };
            others.filter(precedes).count()
        };
        let expected: Vec<usize> = candidates.iter().map(|c| before(*c)).collect();
        assert_eq!(numbers_before(&cosines, &candidates), expected);
        assert_eq!(places_before(&[axis], item, &candidates), expected);
    }
}
