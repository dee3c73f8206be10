//! What the distance between two tokens adds to their score, in models that learn it.
//!
//! Buckets as in T5 (Raffel et al. 2020, section 2.1): exact up to 7 tokens apart, then wider and
//! wider, up to 128; those ahead and those behind apart.

/// The farthest distance that is told from farther ones.
const MAX_DISTANCE: f32 = 128.0;
/// Lanes of the widest vector: rows may be read so far beyond their end.
const MARGIN: usize = 16;

/// Per head, a row of numbers from the farthest token behind to the farthest ahead.
pub struct Distances {
    n_places: usize,
    rows: Vec<f32>,
}

impl Distances {
    /// From numbers per bucket and head, shape `(n_buckets, n_heads)`, in units of log₂ as scores
    /// are.
    pub fn new(of_bucket: &[f32], n_heads: usize, n_places: usize) -> Self {
        let n_buckets = of_bucket.len() / n_heads;
        let mut rows = Vec::new();
        for head in 0..n_heads {
            for at in 0..2 * n_places - 1 + MARGIN {
                let bucket = bucket(at.cast_signed() - (n_places.cast_signed() - 1), n_buckets);
                rows.push(of_bucket[bucket * n_heads + head] * std::f32::consts::LOG2_E);
            }
        }
        Self { n_places, rows }
    }

    /// For the query at a place, what is added to its scores to keys from place 0 on.
    #[inline(always)]
    pub fn of(&self, head: usize, query: usize) -> &[f32] {
        let row_len = 2 * self.n_places - 1 + MARGIN;
        &self.rows[head * row_len..][..row_len][self.n_places - 1 - query..]
    }
}

/// The bucket of a key that is `ahead` tokens after its query.
fn bucket(ahead: isize, n_buckets: usize) -> usize {
    let half = n_buckets / 2;
    let exact = half / 2;
    let distance = ahead.unsigned_abs();
    let within = if distance < exact {
        distance
    } else {
        let share = (distance as f32 / exact as f32).ln() / (MAX_DISTANCE / exact as f32).ln();
        (exact + (share * (half - exact) as f32) as usize).min(half - 1)
    };
    if ahead > 0 { half + within } else { within }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_tokens_have_buckets_of_their_own_and_far_ones_share() {
        // Where each of MPNet's buckets begins, from the reference's own function.
        let begins = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];
        for distance in 0..500 {
            let expected = begins.iter().rposition(|begin| *begin <= distance).unwrap();
            assert_eq!(bucket(-distance, 32), expected, "{distance}");
            let ahead = if distance == 0 { 0 } else { 16 + expected };
            assert_eq!(bucket(distance, 32), ahead);
        }
    }

    #[test]
    fn a_query_reads_its_own_part_of_the_row() {
        let of_bucket: Vec<f32> = (0..32).map(|bucket| bucket as f32).collect();
        let distances = Distances::new(&of_bucket, 1, 4);
        let buckets = |query: usize| -> Vec<f32> {
            let row = &distances.of(0, query)[..4];
            row.iter()
                .map(|x| (x / std::f32::consts::LOG2_E).round())
                .collect()
        };
        assert_eq!(buckets(0), [0.0, 17.0, 18.0, 19.0]);
        assert_eq!(buckets(2), [2.0, 1.0, 0.0, 17.0]);
    }
}
