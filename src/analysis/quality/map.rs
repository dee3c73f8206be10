//! Whether neighbors on a map are neighbors in the vectors, and the other way round.
//!
//! Trustworthiness and continuity after Venna and Kaski 2001 ("Neighborhood preservation in nonlinear
//! projection methods"): how far from an item, by rank, its false neighbors really are, and how far
//! apart the map tears its true ones. 1 is best; a random map has about ½.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use super::ranks::{numbers_before, places_before};
use crate::analysis::map_neighbors::MapNeighbors;
use crate::analysis::neighbors::NeighborGraph;
use crate::analysis::product::products;
use crate::progress::{Cancelled, Progress};
use crate::vectors::Embeddings;

/// Up to this many items, trustworthiness and continuity are measured at every one.
const MAX_MEASURED_FULLY: usize = 20_000;
/// Beyond, at this many, evenly spaced; each of them against all others.
const N_MEASURED: usize = 2_000;

/// How well a map keeps neighborhoods.
#[derive(Debug, Clone, PartialEq)]
pub struct MapQuality {
    /// Whether neighbors on the map are true ones, 0 to 1.
    pub trustworthiness: f64,
    /// Whether true neighbors are neighbors on the map, 0 to 1.
    pub continuity: f64,
    /// Mean share of the `k` true neighbors that are among the `k` of the map, over all items.
    pub neighbor_overlap: f64,
    /// Neighbors looked at: fewer than asked when the graph has fewer, and always less than half of
    /// the items, where the two measures are defined. 0 when there are too few items for any.
    pub k: usize,
    /// Items at which trustworthiness and continuity were measured, each against all: all of them, or
    /// 2,000 evenly spaced ones when there are more than 20,000.
    pub n_measured: usize,
    /// Each item, length n.
    pub of_item: Vec<PointQuality>,
}

/// How well a map keeps the neighborhood of one item.
///
/// With lists of one length, as many neighbors are false as are missing. So that the two tell
/// different things, a neighbor is forgiven if it is among as many as the graph lists, up to `2 k`:
/// with a graph of exactly `k` neighbors nothing is forgiven.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointQuality {
    /// Among the `k` nearest on the map, but no true neighbor.
    pub false_neighbors: u16,
    /// Among the `k` true neighbors, but not near on the map.
    pub missing_neighbors: u16,
    /// Share of the `k` true neighbors that are among the `k` nearest on the map, 0 to 1.
    pub overlap: f32,
}

/// Compares the neighbors in `points`, shape `(n, 2)` or `(n, 3)`, with those in `embeddings`, whose
/// neighbors `graph` holds. Without neighbors to keep, everything is 1.
///
/// # Errors
/// [`Cancelled`] when stopped; checked once per block of rows.
pub fn map_quality(
    embeddings: &Embeddings,
    points: &Array2<f32>,
    graph: &NeighborGraph,
    k: usize,
    progress: &Progress,
) -> Result<MapQuality, Cancelled> {
    let measured = measured(embeddings.n());
    quality_at(&measured, embeddings, points, graph, k, progress)
}

fn quality_at(
    measured: &[usize],
    embeddings: &Embeddings,
    points: &Array2<f32>,
    graph: &NeighborGraph,
    k: usize,
    progress: &Progress,
) -> Result<MapQuality, Cancelled> {
    let n = embeddings.n();
    assert!(
        points.nrows() == n && graph.n() == n,
        "vectors, points and neighbors are of the same items"
    );
    let k = k.min(graph.k()).min(n.saturating_sub(1) / 2);
    let on_map = MapNeighbors::exact(points, graph.k().min(2 * k), progress)?;
    let lists = Lists { graph, on_map, k };
    let of_item: Vec<PointQuality> = (0..n)
        .into_par_iter()
        .map(|item| lists.point_quality(item))
        .collect();
    let shared = |point: &PointQuality| (point.overlap * k as f32).round() as usize;
    let neighbor_overlap = if n * k == 0 {
        1.0
    } else {
        of_item.iter().map(shared).sum::<usize>() as f64 / (n * k) as f64
    };
    let (false_ranks, missing_ranks) = if k == 0 {
        (0, 0)
    } else {
        rank_excess(embeddings, points, &lists, measured, progress)?
    };
    let share = |excess: u64| {
        let worst = (measured.len() * k) as f64 * (2.0 * n as f64 - 3.0 * k as f64 - 1.0) / 2.0;
        if k == 0 {
            1.0
        } else {
            1.0 - excess as f64 / worst
        }
    };
    Ok(MapQuality {
        trustworthiness: share(false_ranks),
        continuity: share(missing_ranks),
        neighbor_overlap,
        k,
        n_measured: measured.len(),
        of_item,
    })
}

/// All items, or evenly spaced ones.
fn measured(n: usize) -> Vec<usize> {
    if n <= MAX_MEASURED_FULLY {
        (0..n).collect()
    } else {
        (0..N_MEASURED).map(|i| i * n / N_MEASURED).collect()
    }
}

/// The true neighbors and those on the map.
struct Lists<'a> {
    graph: &'a NeighborGraph,
    on_map: MapNeighbors,
    k: usize,
}

impl Lists<'_> {
    fn point_quality(&self, item: usize) -> PointQuality {
        let truth: Vec<usize> = self.graph.of(item).iter().map(|n| n.item).collect();
        let map: Vec<usize> = self.on_map.of(item).iter().map(|n| *n as usize).collect();
        let (k, wide) = (self.k, map.len());
        let lacking =
            |of: &[usize], from: &[usize]| of.iter().filter(|i| !from.contains(i)).count();
        let shared = k - lacking(&truth[..k], &map[..k]);
        PointQuality {
            false_neighbors: lacking(&map[..k], &truth[..wide]) as u16,
            missing_neighbors: lacking(&truth[..k], &map[..wide]) as u16,
            overlap: if k == 0 {
                1.0
            } else {
                shared as f32 / k as f32
            },
        }
    }

    /// The `k` nearest on the map that are not among the true `k`.
    fn false_neighbors(&self, item: usize) -> Vec<usize> {
        let truth = &self.graph.of(item)[..self.k];
        let map = self.on_map.of(item)[..self.k].iter().map(|i| *i as usize);
        map.filter(|i| truth.iter().all(|neighbor| neighbor.item != *i))
            .collect()
    }

    /// The true `k` that are not among the `k` nearest on the map.
    fn missing_neighbors(&self, item: usize) -> Vec<usize> {
        let map = &self.on_map.of(item)[..self.k];
        let truth = self.graph.of(item)[..self.k].iter().map(|n| n.item);
        truth.filter(|i| !map.contains(&(*i as u32))).collect()
    }
}

/// By how many ranks beyond `k` the false neighbors lie in the vectors, and the missing ones on the
/// map, summed over the measured items.
fn rank_excess(
    embeddings: &Embeddings,
    points: &Array2<f32>,
    lists: &Lists<'_>,
    measured: &[usize],
    progress: &Progress,
) -> Result<(u64, u64), Cancelled> {
    let n = embeddings.n();
    progress.step("Measuring the map", measured.len());
    // 32 MB of cosines, or 16 rows; depends on n alone.
    let rows_at_once = (8_388_608 / n).clamp(16, 256);
    let axes: Vec<Vec<f64>> = points
        .columns()
        .into_iter()
        .map(|axis| axis.iter().map(|x| f64::from(*x)).collect())
        .collect();
    let sums = measured
        .par_chunks(rows_at_once)
        .map(|block| {
            let rows = embeddings.view().select(Axis(0), block);
            let mut cosines = vec![0.0; block.len() * n];
            products(rows.view(), embeddings.view(), &mut cosines);
            let mut sums = (0, 0);
            for (item, cosines) in block.iter().zip(cosines.chunks_exact_mut(n)) {
                cosines[*item] = f32::NEG_INFINITY;
                let excess = |ranks: Vec<usize>| -> u64 {
                    let beyond = |n_before: usize| (n_before + 1).saturating_sub(lists.k) as u64;
                    ranks.into_iter().map(beyond).sum()
                };
                let in_vectors = numbers_before(cosines, &lists.false_neighbors(*item));
                let on_map = places_before(&axes, *item, &lists.missing_neighbors(*item));
                sums.0 += excess(in_vectors);
                sums.1 += excess(on_map);
            }
            progress.advance(block.len())?;
            Ok(sums)
        })
        .collect::<Result<Vec<(u64, u64)>, Cancelled>>()?;
    let whole = sums.iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    Ok(whole)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "these values are exact")]

    use super::*;
    use crate::analysis::quality::silhouette;
    use crate::analysis::random::Random;
    use crate::analysis::{Clustering, projection::pca};

    fn quality(
        embeddings: &Embeddings,
        points: &Array2<f32>,
        listed: usize,
        k: usize,
    ) -> MapQuality {
        let progress = Progress::new();
        let graph = NeighborGraph::exact(embeddings, listed, &progress).unwrap();
        map_quality(embeddings, points, &graph, k, &progress).unwrap()
    }

    fn random_rows(n: usize, d: usize, seed: u64) -> Array2<f32> {
        let mut random = Random::new(seed);
        Array2::from_shape_simple_fn((n, d), || random.unit() as f32 - 0.4)
    }

    /// All other items, nearest first by `nearness`.
    fn ranking(n: usize, item: usize, nearness: impl Fn(usize) -> f64) -> Vec<usize> {
        let mut others: Vec<usize> = (0..n).filter(|other| *other != item).collect();
        others.sort_by(|a, b| nearness(*b).total_cmp(&nearness(*a)).then(a.cmp(b)));
        others
    }

    /// Venna and Kaski's definition, where `listed` are the rankings that name neighbors, and
    /// `ranked` those that tell how far off they are.
    fn by_definition(listed: &[Vec<usize>], ranked: &[Vec<usize>], k: usize) -> f64 {
        let n = listed.len();
        let mut sum = 0;
        for (listed, ranked) in listed.iter().zip(ranked) {
            for neighbor in &listed[..k] {
                let rank = 1 + ranked.iter().position(|other| other == neighbor).unwrap();
                sum += rank.saturating_sub(k);
            }
        }
        1.0 - 2.0 / (n * k * (2 * n - 3 * k - 1)) as f64 * sum as f64
    }

    fn check_definition(embeddings: &Embeddings, points: &Array2<f32>, k: usize) {
        let n = embeddings.n();
        let distance = |a: usize, b: usize| -> f64 {
            let axes = points.row(a).into_iter().zip(points.row(b));
            axes.map(|(a, b)| f64::from(a - b).powi(2)).sum()
        };
        let truth: Vec<_> = (0..n)
            .map(|i| ranking(n, i, |j| f64::from(embeddings.cosine(i, j))))
            .collect();
        let map: Vec<_> = (0..n).map(|i| ranking(n, i, |j| -distance(i, j))).collect();
        let found = quality(embeddings, points, 2 * k, k);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        close(found.trustworthiness, by_definition(&map, &truth, k));
        close(found.continuity, by_definition(&truth, &map, k));
        let mut overlap = 0.0;
        for (i, point) in found.of_item.iter().enumerate() {
            let lacking =
                |of: &[usize], from: &[usize]| of.iter().filter(|j| !from.contains(j)).count();
            let shared = k - lacking(&truth[i][..k], &map[i][..k]);
            overlap += shared as f64 / (n * k) as f64;
            assert_eq!(point.overlap, shared as f32 / k as f32);
            let false_neighbors = lacking(&map[i][..k], &truth[i][..2 * k]);
            assert_eq!(point.false_neighbors as usize, false_neighbors);
            let missing = lacking(&truth[i][..k], &map[i][..2 * k]);
            assert_eq!(point.missing_neighbors as usize, missing);
        }
        close(found.neighbor_overlap, overlap);
        assert_eq!((found.k, found.n_measured), (k, n));
    }

    #[test]
    fn it_follows_the_definition() {
        let embeddings = Embeddings::normalized(random_rows(120, 6, 1));
        check_definition(&embeddings, &random_rows(120, 2, 2), 5);
        check_definition(&embeddings, &random_rows(120, 3, 3), 9);
        // A map that tells something, and one with every point in one place.
        let view = embeddings.view();
        check_definition(&embeddings, &view.slice(ndarray::s![.., ..2]).to_owned(), 7);
        check_definition(&embeddings, &Array2::zeros((120, 2)), 4);
    }

    #[test]
    fn it_agrees_with_scikit_learn() {
        let text = include_str!("../../../tests/fixtures/analysis/quality.json");
        let fixture: serde_json::Value = serde_json::from_str(text).unwrap();
        let matrix = |name: &str| {
            let rows: Vec<Vec<f32>> = serde_json::from_value(fixture[name].clone()).unwrap();
            Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
        };
        let embeddings = Embeddings::normalized(matrix("rows"));
        for expected in fixture["maps"].as_array().unwrap() {
            let k = expected["k"].as_u64().unwrap() as usize;
            let found = quality(
                &embeddings,
                &matrix(expected["map"].as_str().unwrap()),
                16,
                k,
            );
            let close = |name: &str, value: f64| {
                let expected = expected[name].as_f64().unwrap();
                assert!(
                    (value - expected).abs() < 1e-9,
                    "{name}: {value} is not {expected}"
                );
            };
            close("trustworthiness", found.trustworthiness);
            close("continuity", found.continuity);
        }
        let labels: Vec<usize> = serde_json::from_value(fixture["labels"].clone()).unwrap();
        let clustering = Clustering::whole(labels, Array2::zeros((4, embeddings.dim())));
        let difference =
            silhouette(&embeddings, &clustering) - fixture["silhouette"].as_f64().unwrap();
        assert!(difference.abs() < 1e-6, "{difference}");
    }

    #[test]
    fn the_vectors_themselves_are_the_best_map() {
        // On an arc, cosine and distance rank alike; no two gaps are equal.
        let points = Array2::from_shape_fn((30, 2), |(i, axis)| {
            let angle = 0.05 * i as f32 + 0.01 * (i as f32).powf(1.5);
            [angle.cos(), angle.sin()][axis]
        });
        let found = quality(&Embeddings::normalized(points.clone()), &points, 5, 5);
        assert_eq!(found.trustworthiness, 1.0);
        assert_eq!(found.continuity, 1.0);
        assert_eq!(found.neighbor_overlap, 1.0);
        let perfect = |p: &PointQuality| p.false_neighbors + p.missing_neighbors == 0;
        assert!(found.of_item.iter().all(perfect));
    }

    #[test]
    fn many_items_are_measured_at_evenly_spaced_ones() {
        assert_eq!(measured(MAX_MEASURED_FULLY).len(), MAX_MEASURED_FULLY);
        let some = measured(50_000);
        assert_eq!(
            (some.len(), some[0], some[1], some[1999]),
            (2000, 0, 25, 49_975)
        );
    }

    #[test]
    fn all_items_have_the_mean_of_their_parts() {
        let embeddings = Embeddings::normalized(random_rows(3000, 5, 1));
        let points = pca(&embeddings, 2, &Progress::new()).unwrap().points;
        let graph = NeighborGraph::exact(&embeddings, 8, &Progress::new()).unwrap();
        let at = |measured: &[usize]| {
            quality_at(measured, &embeddings, &points, &graph, 8, &Progress::new()).unwrap()
        };
        let items: Vec<usize> = (0..3000).collect();
        let whole = at(&items);
        let parts: Vec<MapQuality> = items.chunks(1000).map(at).collect();
        let mean = |of: fn(&MapQuality) -> f64| parts.iter().map(of).sum::<f64>() / 3.0;
        assert!((mean(|q| q.trustworthiness) - whole.trustworthiness).abs() < 1e-9);
        assert!((mean(|q| q.continuity) - whole.continuity).abs() < 1e-9);
        assert_eq!(parts[0].n_measured, 1000);
        assert_eq!(parts[0].of_item, whole.of_item);
    }

    #[test]
    fn little_or_nothing_to_measure_is_calm() {
        for n in 0..6 {
            let found = quality(
                &Embeddings::normalized(random_rows(n, 3, 1)),
                &random_rows(n, 2, 2),
                10,
                10,
            );
            assert_eq!(found.k, n.saturating_sub(1) / 2);
            for value in [
                found.trustworthiness,
                found.continuity,
                found.neighbor_overlap,
            ] {
                assert!((0.0..=1.0).contains(&value), "{n}: {found:?}");
            }
        }
        for rows in [Array2::ones((40, 3)), Array2::zeros((40, 3))] {
            let found = quality(&Embeddings::normalized(rows), &Array2::zeros((40, 2)), 8, 4);
            // All are equally near in both, and listed in order of item.
            assert_eq!(found.trustworthiness, 1.0);
            assert_eq!(found.continuity, 1.0);
        }
        let no_number = Array2::from_elem((40, 2), f32::NAN);
        let found = quality(
            &Embeddings::normalized(random_rows(40, 3, 1)),
            &no_number,
            8,
            4,
        );
        assert!(found.continuity < 0.9);
    }

    #[test]
    fn it_stops_when_told() {
        let progress = Progress::new();
        let embeddings = Embeddings::normalized(random_rows(50, 3, 1));
        let graph = NeighborGraph::exact(&embeddings, 5, &progress).unwrap();
        progress.stop();
        let stopped = map_quality(&embeddings, &random_rows(50, 2, 2), &graph, 5, &progress);
        assert_eq!(stopped, Err(Cancelled));
    }
}
