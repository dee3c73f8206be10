//! From coordinates to pixels, and which point is meant.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use ndarray::Array2;

use crate::session::{Clusters, Level, MapRule};

/// What part of the map is seen: both axes at the same scale, so that distances can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Data coordinates in the middle of the view.
    pub center: Vec2,
    /// Pixels per unit.
    pub scale: f32,
}

impl Camera {
    /// Shows all of `bounds`, in data coordinates, inside `rect`.
    pub fn around(bounds: Rect, rect: Rect) -> Self {
        let fit = |pixels: f32, units: f32| pixels.max(1.0) / units.max(1e-3);
        Self {
            center: bounds.center().to_vec2(),
            scale: fit(rect.width(), bounds.width()).min(fit(rect.height(), bounds.height())),
        }
    }

    /// Where a point is drawn. The second axis points up.
    pub fn screen_from_data(&self, rect: Rect, x: f32, y: f32) -> Pos2 {
        rect.center()
            + vec2(
                (x - self.center.x) * self.scale,
                (self.center.y - y) * self.scale,
            )
    }

    /// Moves the map with the mouse.
    pub fn pan(&mut self, pixels: Vec2) {
        self.center += vec2(-pixels.x, pixels.y) / self.scale;
    }

    /// Zooms so that what is under `at` stays there.
    pub fn zoom(&mut self, at: Pos2, rect: Rect, factor: f32) {
        let offset = at - rect.center();
        let before = vec2(offset.x, -offset.y) / self.scale;
        self.scale *= factor;
        let after = vec2(offset.x, -offset.y) / self.scale;
        self.center += before - after;
    }
}

/// The smallest rectangle around all points, in data coordinates; a unit square without points.
pub fn bounds(points: &Array2<f32>) -> Rect {
    let mut bounds = Rect::NOTHING;
    points
        .rows()
        .into_iter()
        .for_each(|point| bounds.extend_with(pos2(point[0], point[1])));
    if bounds.is_finite() {
        bounds
    } else {
        Rect::from_center_size(Pos2::ZERO, vec2(1.0, 1.0))
    }
}

/// The point nearest to `at`, if one is within `radius` pixels.
pub fn nearest_dot(
    points: &Array2<f32>,
    camera: &Camera,
    rect: Rect,
    at: Pos2,
    radius: f32,
) -> Option<usize> {
    let distance = |(item, point): (usize, ndarray::ArrayView1<'_, f32>)| {
        (
            item,
            camera
                .screen_from_data(rect, point[0], point[1])
                .distance_sq(at),
        )
    };
    let near = points
        .rows()
        .into_iter()
        .enumerate()
        .map(distance)
        .filter(|(_, d)| *d <= radius * radius);
    near.min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(item, _)| item)
}

/// What the camera was moved on. It stays where the person put it while this is the same, whatever
/// the points do meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The rule of the map that is shown.
    pub rule: MapRule,
    /// Documents or passages.
    pub level: Level,
    /// Which items; `None` on a map that keeps its points when items come.
    pub items: Option<u64>,
}

impl Scene {
    /// Whether a camera that was put up here still looks at the right thing there.
    pub fn is_still(&self, now: &Self) -> bool {
        let same_items = self.items == now.items || self.items.is_none() || now.items.is_none();
        self.rule == now.rule && self.level == now.level && same_items
    }
}

/// A cluster's name and where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterLabel {
    /// Which cluster; the largest first.
    pub cluster: usize,
    /// Its words.
    pub text: String,
    /// Middle of its points: the median of each axis, which strays less than the mean.
    pub at: (f32, f32),
}

/// One label per cluster.
pub fn cluster_labels(points: &Array2<f32>, clusters: &Clusters) -> Vec<ClusterLabel> {
    let median = |members: &[usize], axis: usize| {
        let mut values: Vec<f32> = members.iter().map(|item| points[[*item, axis]]).collect();
        values.sort_by(f32::total_cmp);
        values[values.len() / 2]
    };
    let members = clusters.clustering.members();
    let filled = members
        .iter()
        .enumerate()
        .filter(|(_, members)| !members.is_empty());
    filled
        .map(|(cluster, members)| ClusterLabel {
            cluster,
            text: clusters.name(cluster),
            at: (median(members, 0), median(members, 1)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Clustering;
    use ndarray::array;

    const VIEW: Rect = Rect {
        min: Pos2::ZERO,
        max: pos2(400.0, 200.0),
    };

    #[test]
    fn the_camera_shows_every_point() {
        let points = array![[-1.0, 0.0], [3.0, 0.5], [0.0, -0.5]];
        let camera = Camera::around(bounds(&points), VIEW);
        for point in points.rows() {
            assert!(
                VIEW.expand(1e-3)
                    .contains(camera.screen_from_data(VIEW, point[0], point[1]))
            );
        }
        let alone = Camera::around(bounds(&Array2::zeros((1, 2))), VIEW);
        assert_eq!(alone.screen_from_data(VIEW, 0.0, 0.0), VIEW.center());
        assert!(
            Camera::around(bounds(&Array2::zeros((0, 2))), VIEW)
                .scale
                .is_finite()
        );
    }

    #[test]
    fn zooming_keeps_what_is_under_the_mouse() {
        let mut camera = Camera {
            center: vec2(1.0, 2.0),
            scale: 50.0,
        };
        let mouse = camera.screen_from_data(VIEW, 1.7, 2.3);
        camera.zoom(mouse, VIEW, 3.0);
        assert!(camera.screen_from_data(VIEW, 1.7, 2.3).distance(mouse) < 1e-2);
        camera.pan(vec2(10.0, -4.0));
        let moved = camera.screen_from_data(VIEW, 1.7, 2.3) - mouse;
        assert!((moved - vec2(10.0, -4.0)).length() < 1e-2);
    }

    #[test]
    fn the_nearest_dot_is_found_within_reach() {
        let points = array![[0.0, 0.0], [1.0, 0.0]];
        let camera = Camera::around(bounds(&points), VIEW);
        let near_second = camera.screen_from_data(VIEW, 0.98, 0.0);
        assert_eq!(
            nearest_dot(&points, &camera, VIEW, near_second, 12.0),
            Some(1)
        );
        assert_eq!(
            nearest_dot(&points, &camera, VIEW, VIEW.center(), 12.0),
            None
        );
    }

    #[test]
    fn a_frozen_map_keeps_its_camera_when_items_come() {
        let scene = |items| Scene {
            rule: MapRule::default(),
            level: Level::Documents,
            items,
        };
        assert!(scene(Some(3)).is_still(&scene(None)));
        assert!(scene(None).is_still(&scene(None)));
        assert!(scene(Some(3)).is_still(&scene(Some(3))));
        assert!(!scene(Some(3)).is_still(&scene(Some(9))));
        let passages = Scene {
            level: Level::Passages,
            ..scene(None)
        };
        assert!(!scene(None).is_still(&passages));
    }

    #[test]
    fn a_label_sits_in_the_middle_of_its_cluster() {
        let points = array![
            [0.0, 0.0],
            [1.0, 1.0],
            [50.0, 2.0],
            [9.0, 9.0],
            [80.0, 80.0]
        ];
        let clusters = Clusters {
            clustering: Clustering::new(
                vec![Some(0), Some(0), Some(0), Some(1), None],
                Array2::zeros((2, 3)),
            ),
            sizes: vec![3, 1],
            words: vec![vec!["tide".into()], vec![]],
            central: vec![Some(0), Some(3)],
            silhouette: 0.0,
        };
        let labels = cluster_labels(&points, &clusters);
        assert_eq!(
            (labels[0].text.as_str(), labels[0].at),
            ("tide", (1.0, 1.0))
        );
        assert_eq!(labels[1].text, "Cluster 2");
    }
}
