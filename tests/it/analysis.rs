//! The analysis as a whole: the same bits on any number of threads, and calm on odd input.

use std::fmt::Debug;

use ndarray::{Array2, s};
use semascope::analysis::{
    ClusterCount, ClusterMethod, ClusterRule, HdbscanRule, NeighborGraph, ProjectionMethod,
    ProjectionRule, Pyramid, agreement, cluster, duplicate_groups, map_quality, matrix_order,
    outlier_scores, pca, scores, silhouette, stability, tsne, umap,
};
use semascope::progress::Progress;
use semascope::vectors::Embeddings;

/// Rows around `n_centers` directions, from a small generator of its own so that they never change.
fn clustered(n: usize, d: usize, n_centers: usize) -> Embeddings {
    let mut state = 7_u64;
    let mut number = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    let centers = Array2::from_shape_simple_fn((n_centers, d), &mut number);
    let rows = Array2::from_shape_fn((n, d), |(i, j)| {
        centers[[i % n_centers, j]] + 0.7 * number()
    });
    Embeddings::normalized(rows)
}

fn on<T: Send>(n_threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build();
    pool.unwrap().install(work)
}

fn check<T: Debug + PartialEq + Send>(stage: &str, work: impl Fn() -> T + Sync) {
    let alone = on(1, &work);
    for n_threads in [2, 3] {
        assert!(
            on(n_threads, &work) == alone,
            "{stage} differs on {n_threads} threads"
        );
    }
}

fn rule(method: ClusterMethod, count: ClusterCount) -> ClusterRule {
    ClusterRule {
        method,
        count,
        ..ClusterRule::default()
    }
}

fn layout(method: ProjectionMethod, n_axes: usize) -> ProjectionRule {
    ProjectionRule {
        method,
        n_axes,
        ..ProjectionRule::default()
    }
}

#[test]
fn every_stage_gives_the_same_bits_on_any_number_of_threads() {
    let progress = Progress::new();
    let embeddings = clustered(2_100, 48, 6);
    let graph = NeighborGraph::exact(&embeddings, 90, &progress).unwrap();
    let start = pca(&embeddings, 2, &progress).unwrap();
    let kmeans = rule(ClusterMethod::KMeans, ClusterCount::Auto);
    let clustering = cluster(&embeddings, &graph, &kmeans, &progress).unwrap();
    check("neighbors", || {
        NeighborGraph::exact(&embeddings, 30, &progress).unwrap()
    });
    check("principal components", || {
        pca(&embeddings, 3, &progress).unwrap()
    });
    for n_axes in [2, 3] {
        let start = pca(&embeddings, n_axes, &progress).unwrap().points;
        check("UMAP", || {
            let rule = layout(ProjectionMethod::Umap, n_axes);
            umap(&graph, &start, &rule, &progress, &mut |_| {}).unwrap()
        });
        check("t-SNE", || {
            let rule = layout(ProjectionMethod::Tsne, n_axes);
            tsne(&graph, &start, &rule, &progress, &mut |_| {}).unwrap()
        });
    }
    for (name, rule) in [
        ("k-means", kmeans),
        (
            "k-means with a number",
            rule(ClusterMethod::KMeans, ClusterCount::Fixed(300)),
        ),
        (
            "HDBSCAN",
            rule(
                ClusterMethod::Hdbscan(HdbscanRule::default()),
                ClusterCount::Auto,
            ),
        ),
        (
            "Ward",
            rule(ClusterMethod::Hierarchy, ClusterCount::Fixed(9)),
        ),
    ] {
        check(name, || {
            cluster(&embeddings, &graph, &rule, &progress).unwrap()
        });
    }
    check("silhouette", || {
        silhouette(&embeddings, &clustering).to_bits()
    });
    check("stability", || {
        stability(&embeddings, &graph, &kmeans, &clustering, &progress).unwrap()
    });
    check("map quality", || {
        map_quality(&embeddings, &start.points, &graph, 10, &progress).unwrap()
    });
    check("order", || matrix_order(&embeddings, &clustering));
    check("tiles", || {
        let order = matrix_order(&embeddings, &clustering);
        Pyramid::new(&embeddings, &order).tile(0..2_100, 100..900, 512)
    });
    check("duplicates", || duplicate_groups(&graph, 0.7));
    check("outliers", || outlier_scores(&graph, 5));
    check("search", || scores(&embeddings, embeddings.row(3)));
    check("agreement", || {
        let other = Embeddings::normalized(embeddings.view().slice(s![.., ..24]).to_owned());
        let others = NeighborGraph::exact(&other, 90, &progress).unwrap();
        agreement((&embeddings, &graph), (&other, &others), &progress).unwrap()
    });
}

#[test]
fn odd_inputs_are_calm_in_every_stage() {
    let progress = Progress::new();
    let two_groups = Array2::from_shape_fn((12, 4), |(i, j)| f32::from(u8::from(j == i % 2)));
    let inputs = [
        ("nothing", Array2::zeros((0, 4))),
        ("one", Array2::ones((1, 4))),
        ("two", Array2::eye(2)),
        ("three", Array2::eye(3)),
        ("all the same", Array2::ones((40, 4))),
        ("zeros", Array2::zeros((9, 4))),
        ("two orthogonal groups", two_groups),
    ];
    for (name, rows) in inputs {
        let embeddings = Embeddings::normalized(rows);
        let n = embeddings.n();
        let graph = NeighborGraph::exact(&embeddings, 90, &progress).unwrap();
        for n_axes in [2, 3] {
            let start = pca(&embeddings, n_axes, &progress).unwrap().points;
            let is_calm = |points: &Array2<f32>| {
                points.dim() == (n, n_axes) && points.iter().all(|x| x.is_finite())
            };
            assert!(is_calm(&start), "PCA of {name}");
            let rule = layout(ProjectionMethod::Umap, n_axes);
            let by_umap = umap(&graph, &start, &rule, &progress, &mut |_| {}).unwrap();
            assert!(is_calm(&by_umap), "UMAP of {name}");
            let rule = layout(ProjectionMethod::Tsne, n_axes);
            let by_tsne = tsne(&graph, &start, &rule, &progress, &mut |_| {}).unwrap();
            assert!(is_calm(&by_tsne), "t-SNE of {name}");
            let quality = map_quality(&embeddings, &by_umap, &graph, 10, &progress).unwrap();
            assert!(
                (0.0..=1.0).contains(&quality.trustworthiness),
                "quality of {name}"
            );
            assert!(
                (0.0..=1.0).contains(&quality.continuity),
                "quality of {name}"
            );
        }
        for rule in [
            rule(ClusterMethod::KMeans, ClusterCount::Auto),
            rule(ClusterMethod::KMeans, ClusterCount::Fixed(50)),
            rule(
                ClusterMethod::Hdbscan(HdbscanRule::default()),
                ClusterCount::Auto,
            ),
            rule(ClusterMethod::Hierarchy, ClusterCount::Auto),
            rule(ClusterMethod::Hierarchy, ClusterCount::Fixed(50)),
        ] {
            let clustering = cluster(&embeddings, &graph, &rule, &progress).unwrap();
            assert_eq!(clustering.labels.len(), n, "{rule:?} of {name}");
            assert!(
                clustering
                    .members()
                    .iter()
                    .all(|members| !members.is_empty())
            );
            let found = stability(&embeddings, &graph, &rule, &clustering, &progress).unwrap();
            assert_eq!(found.of_item.len(), n, "stability of {name}");
            assert!(silhouette(&embeddings, &clustering).is_finite());
            let order = matrix_order(&embeddings, &clustering);
            assert_eq!(order.len(), n);
        }
        assert_eq!(outlier_scores(&graph, 5).len(), n);
        let same = agreement((&embeddings, &graph), (&embeddings, &graph), &progress).unwrap();
        assert!(
            same.of_item.iter().all(|overlap| *overlap >= 1.0),
            "agreement of {name}"
        );
        let in_groups: usize = duplicate_groups(&graph, 0.9)
            .groups
            .iter()
            .map(|group| group.items.len())
            .sum();
        let expected = match name {
            "all the same" => 40,
            "two orthogonal groups" => 12,
            _ => 0,
        };
        assert_eq!(in_groups, expected, "duplicates of {name}");
    }
}
