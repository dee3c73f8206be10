//! Attention in small dense blocks instead of one large sparse one.
//!
//! A token attends to all that it sees in any of its groups ([`Layout::groups`]). Each group is a
//! dense block; what a token takes from several is one softmax, put together as in Milakov and
//! Gimelshein 2018: a largest score, a sum of powers, and a sum of values, which two groups'
//! results join into one. On a document of 7,800 tokens these are some 300 times fewer pairs than
//! all. That is why nothing here is tuned: the time is in the linear layers.
//!
//! [`Layout::groups`]: super::layout::Layout::groups

use std::ops::Range;

use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::layout::Group;
use super::product::product;

/// Rows of scores that are computed at a time, so that a sentence as long as the context does not
/// need all its pairs in memory at once.
const QUERY_ROWS: usize = 128;

/// The heads of a layer.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    /// How many.
    pub n: usize,
    /// Numbers per token in one.
    pub d: usize,
}

/// What each token takes from those that it sees, head by head: shape `(heads, tokens, d)`, for
/// `qkv` of shape `(tokens, 3 · heads · d)`, a token's queries, keys and values. Fewer than
/// `min_heads` heads are not given to a thread of their own.
pub fn attention(
    qkv: ArrayView2<'_, f32>,
    heads: Heads,
    groups: &[Group],
    min_heads: usize,
) -> Vec<f32> {
    let per_head = qkv.nrows() * heads.d;
    let mut out = vec![0.0; heads.n * per_head];
    out.par_chunks_exact_mut(per_head)
        .enumerate()
        .with_min_len(min_heads)
        .for_each(|(head_idx, out)| {
            let part = |part: usize| {
                let start = (part * heads.n + head_idx) * heads.d;
                qkv.slice_move(s![.., start..start + heads.d])
            };
            let mut head = Head::new(part(0), part(1), part(2), out);
            for group in groups {
                head.attend(group);
            }
            head.finish();
        });
    out
}

/// One head at work.
struct Head<'q, 'o> {
    d: usize,
    parts: [ArrayView2<'q, f32>; 3],
    /// The largest score of each token so far, and the sum of the powers relative to it.
    seen: Vec<(f32, f32)>,
    /// The values of each token so far, weighted by the powers.
    out: &'o mut [f32],
    /// Queries, keys and values of a group, behind each other.
    gathered: [Vec<f32>; 3],
    scores: Vec<f32>,
    values: Vec<f32>,
}

impl<'q, 'o> Head<'q, 'o> {
    /// Queries, keys and values, each of shape `(tokens, d)`; `out` has room for as many, and is
    /// zero.
    fn new(
        queries: ArrayView2<'q, f32>,
        keys: ArrayView2<'q, f32>,
        values: ArrayView2<'q, f32>,
        out: &'o mut [f32],
    ) -> Self {
        Self {
            d: queries.ncols(),
            seen: vec![(f32::NEG_INFINITY, 0.0); queries.nrows()],
            parts: [queries, keys, values],
            out,
            gathered: std::array::from_fn(|_| Vec::new()),
            scores: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds what the members of a group take from each other.
    fn attend(&mut self, group: &Group) {
        for (part, gathered) in self.parts.iter().zip(&mut self.gathered) {
            gathered.clear();
            for member in &group.members {
                gathered.extend(part.row(*member));
            }
        }
        // Products of two vectors of random numbers grow with the root of their length.
        let scale = 1.0 / (self.d as f32).sqrt();
        self.gathered[0].iter_mut().for_each(|x| *x *= scale);
        let n = group.members.len();
        for start in (0..n).step_by(QUERY_ROWS) {
            self.attend_rows(group, start..n.min(start + QUERY_ROWS));
        }
    }

    /// The same for some of the members.
    fn attend_rows(&mut self, group: &Group, rows: Range<usize>) {
        let (d, n) = (self.d, group.members.len());
        let [queries, keys, values] = &self.gathered;
        let queries = matrix(&queries[rows.start * d..rows.end * d], d);
        self.scores.clear();
        self.scores.resize(rows.len() * n, 0.0);
        product(queries, matrix(keys, d).t(), &mut self.scores);
        for (row, scores) in rows.clone().zip(self.scores.chunks_exact_mut(n)) {
            if !group.selves.contains(&row) {
                scores[row] = f32::NEG_INFINITY;
            }
            let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for x in scores.iter_mut() {
                *x = (*x - largest).exp();
            }
            let sum: f32 = scores.iter().sum();
            // What the token has so far, and what is new, relative to the larger of both.
            let token = group.members[row];
            let (so_far, sum_so_far) = self.seen[token];
            let both = so_far.max(largest);
            let (keep, take) = ((so_far - both).exp(), (largest - both).exp());
            self.seen[token] = (both, sum_so_far * keep + sum * take);
            for x in scores.iter_mut() {
                *x *= take;
            }
            let out = &mut self.out[token * d..][..d];
            for x in out.iter_mut() {
                *x *= keep;
            }
        }
        self.values.clear();
        self.values.resize(rows.len() * d, 0.0);
        product(matrix(&self.scores, n), matrix(values, d), &mut self.values);
        for (row, values) in rows.zip(self.values.chunks_exact(d)) {
            let out = &mut self.out[group.members[row] * d..][..d];
            out.iter_mut()
                .zip(values)
                .for_each(|(x, value)| *x += value);
        }
    }

    /// Divides by the sums. Every token sees itself at least, so none is zero.
    fn finish(&mut self) {
        for (out, (_, sum)) in self.out.chunks_exact_mut(self.d).zip(&self.seen) {
            for x in out.iter_mut() {
                *x /= sum;
            }
        }
    }
}

fn matrix(numbers: &[f32], n_columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((numbers.len() / n_columns, n_columns), numbers)
        .expect("rows of that length fill the slice")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::local::hdt::layout::{Anchors, Layout};
    use crate::embed::local::hdt::random::Random;
    use ndarray::Array2;

    const HEADS: Heads = Heads { n: 2, d: 5 };

    /// Whether one token sees another by the rules as they are published, from nothing but the
    /// tokens' ids and positions: 0 is `<doc>`, 1 `<sec>`, 2 `<cls>`, and all else words.
    fn sees(layout: &Layout, a: usize, b: usize) -> bool {
        let (id, at) = (|i: usize| layout.ids[i], |i: usize| layout.positions[i]);
        let in_sentence = |i: usize| id(i) >= 2;
        let anchors_section = |i: usize| id(i) == 1 || id(i) == 2;
        let anchors_document = |i: usize| id(i) <= 1;
        let same_section = at(a)[2] == at(b)[2];
        (in_sentence(a) && in_sentence(b) && same_section && at(a)[1] == at(b)[1])
            || (anchors_section(a) && anchors_section(b) && same_section)
            || (anchors_document(a) && anchors_document(b))
    }

    /// Over all pairs of tokens, in 64 bits: shape `(heads, tokens, d)`, and the number of pairs.
    fn dense(qkv: &Array2<f32>, layout: &Layout) -> (Vec<f64>, usize) {
        let n = layout.n_tokens();
        let number = |part: usize, head: usize, token: usize, i: usize| {
            f64::from(qkv[(token, (part * HEADS.n + head) * HEADS.d + i)])
        };
        let mut out = Vec::new();
        let mut n_pairs = 0;
        for head in 0..HEADS.n {
            for a in 0..n {
                let seen: Vec<usize> = (0..n).filter(|b| sees(layout, a, *b)).collect();
                n_pairs += seen.len();
                let score = |b: usize| {
                    let products =
                        (0..HEADS.d).map(|i| number(0, head, a, i) * number(1, head, b, i));
                    products.sum::<f64>() / (HEADS.d as f64).sqrt()
                };
                let powers: Vec<f64> = seen.iter().map(|b| score(*b).exp()).collect();
                let sum: f64 = powers.iter().sum();
                for i in 0..HEADS.d {
                    let values = seen.iter().map(|b| number(2, head, *b, i));
                    let weighted = powers
                        .iter()
                        .zip(values)
                        .map(|(power, value)| power * value);
                    out.push(weighted.sum::<f64>() / sum);
                }
            }
        }
        (out, n_pairs / HEADS.n)
    }

    /// Up to six sections of up to six sentences of up to nine words; any may be empty.
    fn random_layout(random: &mut Random) -> Layout {
        let anchors = Anchors {
            document: 0,
            section: 1,
            sentence: 2,
        };
        let mut sections = Vec::new();
        for _ in 0..random.below(7) {
            let mut sentences = Vec::new();
            for _ in 0..random.below(7) {
                sentences.push(vec![3; random.below(10)]);
            }
            sections.push(sentences);
        }
        let max_tokens = 2 + random.below(150);
        Layout::new(&sections, anchors, max_tokens)
    }

    fn random_qkv(random: &mut Random, n_tokens: usize) -> Array2<f32> {
        // Up to 4 away from zero, so that scores differ by more than a few units.
        let number = || (random.unit() * 8.0 - 4.0) as f32;
        Array2::from_shape_simple_fn((n_tokens, 3 * HEADS.n * HEADS.d), number)
    }

    fn check_equal(qkv: &Array2<f32>, layout: &Layout) {
        let groups = layout.groups();
        let found = attention(qkv.view(), HEADS, &groups, 1);
        let (expected, n_pairs) = dense(qkv, layout);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{layout:?}");
        }
        let pairs = |group: &Group| {
            let n = group.members.len();
            n * (n - 1) + group.selves.len()
        };
        assert_eq!(groups.iter().map(pairs).sum::<usize>(), n_pairs);
    }

    #[test]
    fn groups_give_what_a_mask_over_all_pairs_gives() {
        let mut random = Random::new(20);
        for _ in 0..60 {
            let layout = random_layout(&mut random);
            let qkv = random_qkv(&mut random, layout.n_tokens());
            check_equal(&qkv, &layout);
        }
    }

    #[test]
    fn a_sentence_of_more_than_one_block_of_rows_is_attended_whole() {
        let anchors = Anchors {
            document: 0,
            section: 1,
            sentence: 2,
        };
        let sections = [vec![vec![3; 2 * QUERY_ROWS + 7], vec![3; 4]]];
        let layout = Layout::new(&sections, anchors, usize::MAX);
        let qkv = random_qkv(&mut Random::new(3), layout.n_tokens());
        check_equal(&qkv, &layout);
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let mut random = Random::new(4);
        let layout = random_layout(&mut random);
        let qkv = random_qkv(&mut random, layout.n_tokens()) * 100.0;
        let found = attention(qkv.view(), HEADS, &layout.groups(), 1);
        assert!(found.iter().all(|x| x.is_finite()));
    }
}
