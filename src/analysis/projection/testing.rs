//! What the tests of several maps share.

use ndarray::{Array2, Axis};

use crate::analysis::random::Random;
use crate::vectors::Embeddings;

/// Groups of unit vectors in 20 dimensions, `size` rows each, one group after the other.
pub fn groups(n_groups: usize, size: usize) -> Embeddings {
    let mut random = Random::new(4);
    let mut rows =
        Array2::from_shape_simple_fn((n_groups * size, 20), || 0.2 * (random.unit() as f32 - 0.5));
    for (item, mut row) in rows.axis_iter_mut(Axis(0)).enumerate() {
        row[item / size] += 1.0;
    }
    Embeddings::normalized(rows)
}

/// How many points have their nearest point in another group.
pub fn n_with_foreign_neighbors(points: &Array2<f32>, size: usize) -> usize {
    let square = |a: usize, b: usize| {
        let way = &points.row(a) - &points.row(b);
        way.dot(&way)
    };
    let is_foreign = |item: &usize| {
        let others = (0..points.nrows()).filter(|other| other != item);
        let nearest = others.min_by(|a, b| square(*item, *a).total_cmp(&square(*item, *b)));
        nearest.is_some_and(|nearest| nearest / size != item / size)
    };
    (0..points.nrows()).filter(is_foreign).count()
}

/// Nothing, one, two and three items, the same again and again, zeros, and two orthogonal groups.
pub fn odd_inputs() -> Vec<Embeddings> {
    let two_groups = Array2::from_shape_fn((40, 4), |(item, axis)| f32::from(item / 20 == axis));
    [
        Array2::zeros((0, 4)),
        Array2::ones((1, 4)),
        Array2::eye(4).select(Axis(0), &[0, 1]),
        Array2::eye(4).select(Axis(0), &[0, 1, 1]),
        Array2::ones((100, 4)),
        Array2::zeros((50, 4)),
        two_groups,
    ]
    .into_iter()
    .map(Embeddings::normalized)
    .collect()
}

/// What comes out when rayon has that many threads.
pub fn on_threads<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build();
    pool.unwrap().install(work)
}
