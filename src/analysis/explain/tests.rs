//! Contributions worked out by hand.

use ndarray::{Array2, array};

use super::*;

/// What is written as `expected`, within rounding.
#[track_caller]
fn check(found: &Array2<f32>, expected: &Array2<f32>) {
    assert_eq!(found.dim(), expected.dim());
    let near = found
        .iter()
        .zip(expected)
        .all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(near, "{found} is not {expected}");
}

fn explained(left: &Parts, right: &Parts) -> Explanation {
    explain(left, right, &Progress::new()).unwrap()
}

#[track_caller]
fn check_sum(explanation: &Explanation, score: f32) {
    let sum: f32 = explanation.contributions.iter().sum();
    assert!((sum - score).abs() < 1e-5, "{sum} is not {score}");
    assert!((explanation.score - score).abs() < 1e-5);
    let left: f32 = explanation.left_totals().iter().sum();
    let right: f32 = explanation.right_totals().iter().sum();
    assert!((left - score).abs() < 1e-5 && (right - score).abs() < 1e-5);
}

/// Two sentences of two tokens and one token, and a special token at each end. The mean is
/// (3, 4) / 5, of length 1.
fn two_sentences() -> Parts {
    let tokens = array![[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 2.0]];
    let sentence_of = [None, Some(0), Some(0), Some(1), None];
    Parts::of_tokens(tokens.view(), &sentence_of, 2)
}

#[test]
fn a_mean_of_tokens_parts_into_sentences_and_a_residual() {
    let parts = two_sentences();
    check(&parts.vectors, &array![[0.2, 0.4], [0.2, 0.0], [0.2, 0.4]]);
    assert_eq!(parts.weights, array![0.4, 0.2, 0.4]);
    assert!(parts.is_exact);
}

#[test]
fn contributions_sum_to_the_cosine() {
    let left = two_sentences();
    let right = Parts::of_tokens(array![[0.0, 3.0], [4.0, 0.0]].view(), &[Some(0), None], 1);
    let explanation = explained(&left, &right);
    // The right vector is (4, 3) / 5: a sentence (0, 0.6) and a residual (0.8, 0).
    check(
        &explanation.contributions,
        &array![[0.24, 0.16], [0.0, 0.16], [0.24, 0.16]],
    );
    check_sum(&explanation, 0.96);
    assert!((explanation.of_sentences() - 0.24).abs() < 1e-6);
    let strongest = explanation.strongest(1);
    assert_eq!((strongest[0].left, strongest[0].right), (0, 0));
    assert_eq!(explanation.strongest(9).len(), 2);
}

#[test]
fn pieces_join_by_weight_and_may_share_a_sentence() {
    let piece = |first, weight, parts: &Parts| Piece {
        first,
        weight,
        parts: parts.clone(),
    };
    let one = Parts::of_tokens(array![[2.0, 0.0], [0.0, 0.0]].view(), &[Some(0), None], 1);
    let two = Parts::of_tokens(
        array![[0.0, 1.0], [0.0, 3.0]].view(),
        &[Some(0), Some(1)],
        2,
    );
    // The second piece begins within the sentence that the first one ends with.
    let joined = Parts::joined(3, 2, &[piece(1, 3.0, &one), piece(1, 4.0, &two)]);
    let expected = array![[0.0, 0.0], [0.6, 0.2], [0.0, 0.6], [0.0, 0.0]];
    check(&joined.vectors, &expected);
    assert!((joined.weights.sum() - 1.0).abs() < 1e-6);
    assert!((joined.weights[1] - (1.5 + 2.0) / 7.0).abs() < 1e-6);
}

#[test]
fn what_all_texts_share_can_be_subtracted() {
    let (left, right) = (two_sentences(), Parts::single(array![0.8, 0.6].view()));
    let mean = array![0.5, 0.5];
    let relative = explained(
        &left.relative_to(mean.view()),
        &right.relative_to(mean.view()),
    );
    // (0.1, 0.3) · (0.3, 0.1)
    check_sum(&relative, 0.06);
    // A sentence that is no more than its share of the mean contributes nothing.
    let plain = Parts::of_tokens(
        array![[1.0, 1.0], [1.0, 1.0]].view(),
        &[Some(0), Some(1)],
        2,
    );
    let plain = plain.relative_to(plain.sum().view());
    let nothing = explained(&plain, &right).contributions;
    assert!(nothing.iter().all(|x| x.abs() < 1e-6));
}

#[test]
fn leaving_a_sentence_out_is_the_cosine_of_the_rest() {
    let other = array![0.0, 1.0];
    let without = two_sentences().without(other.view());
    // What is left is (0.4, 0.4) and (0.4, 0.8).
    let expected = [0.5_f32.sqrt(), 0.8_f32.sqrt()];
    for (found, expected) in without.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6);
    }
    // Nothing is left of a text of one sentence and no special tokens.
    assert_eq!(Parts::single(other.view()).without(other.view()), [0.0]);
}

#[test]
fn a_center_is_one_part() {
    let center = array![0.6, 0.8];
    let explanation = explained(&two_sentences(), &Parts::single(center.view()));
    assert_eq!(explanation.contributions.dim(), (3, 2));
    check_sum(&explanation, 1.0);
    assert!(explanation.right_totals()[1].abs() < 1e-9);
}

#[test]
fn sentences_embedded_alone_still_sum_to_the_score() {
    let whole = array![0.6, 0.8];
    let alone = array![[1.0, 0.0], [0.0, 1.0]];
    let parts = Parts::approximate(whole.view(), alone.view(), &[1, 1]);
    // Both are weighted alike, so they sum to a vector on the diagonal; the rest is at right angles.
    check(&parts.vectors, &array![[0.7, 0.0], [0.0, 0.7], [-0.1, 0.1]]);
    let explanation = explained(&parts, &two_sentences());
    check_sum(&explanation, 1.0);
    assert!(!explanation.is_exact);
    // Sentences that say the opposite are left to the residual.
    let away = Parts::approximate(whole.view(), array![[-1.0, 0.0]].view(), &[3]);
    check(&away.vectors, &array![[0.0, 0.0], [0.6, 0.8]]);
}

#[test]
fn rounding_goes_into_the_residual_and_more_than_that_is_not_exact() {
    let near = two_sentences().summing_to(array![0.600_01, 0.8].view());
    assert!(near.is_exact);
    assert!((near.sum()[0] - 0.600_01).abs() < 1e-7);
    let far = two_sentences().summing_to(array![0.61, 0.8].view());
    assert!(!far.is_exact);
    assert!((far.vectors[[2, 0]] - 0.21).abs() < 1e-6);
}

#[test]
fn a_text_without_sentences_or_tokens_is_calm() {
    let empty = Parts::of_tokens(Array2::zeros((0, 2)).view(), &[], 0);
    let special = Parts::of_tokens(array![[0.0, 2.0]].view(), &[None], 0);
    check_sum(&explained(&empty, &special), 0.0);
    check_sum(&explained(&special, &two_sentences()), 0.8);
    check_sum(&explained(&Parts::joined(0, 2, &[]), &special), 0.0);
    assert!(empty.without(array![1.0, 0.0].view()).is_empty());
    assert!(explained(&special, &special).strongest(3).is_empty());
    let nothing = Parts::approximate(array![0.0, 1.0].view(), Array2::zeros((0, 2)).view(), &[]);
    check_sum(&explained(&nothing, &special), 1.0);
    // As a view holds them before anything is compared.
    assert!(Explanation::default().of_sentences().abs() < 1e-9);
    assert_eq!(Parts::default().n_sentences(), 0);
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let parts = |n: usize| Parts {
        vectors: Array2::from_shape_fn((n, 24), |(i, j)| ((i * 31 + j * 17) % 101) as f32 / 99.0),
        weights: Array1::from_elem(n, 1.0 / n as f32),
        is_exact: true,
    };
    let (left, right) = (parts(700), parts(301));
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        pool.install(|| explained(&left, &right))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    let naive = left.vectors.dot(&right.vectors.t());
    let near = one
        .contributions
        .iter()
        .zip(&naive)
        .all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(near);
    let progress = Progress::new();
    progress.stop();
    assert_eq!(explain(&left, &right, &progress), Err(Cancelled));
}
