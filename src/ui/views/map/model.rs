//! From coordinates to pixels, and which point is meant.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use ndarray::Array2;

use crate::session::{Clusters, Level, MapRule, Subgroups};

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

    /// What point lies at a place of the screen.
    pub fn data_from_screen(&self, rect: Rect, at: Pos2) -> Pos2 {
        let offset = (at - rect.center()) / self.scale;
        (self.center + vec2(offset.x, -offset.y)).to_pos2()
    }

    /// The part of the map, in data coordinates, that lies on a part of the screen; a trifle more,
    /// so that no rounding leaves out what [`screen_from_data`](Self::screen_from_data) puts there.
    pub fn seen(&self, rect: Rect, part: Rect) -> Rect {
        let data = |at: Pos2| self.data_from_screen(rect, at);
        let seen = Rect::from_two_pos(data(part.min), data(part.max));
        let farthest = seen.min.to_vec2().abs().max(seen.max.to_vec2().abs());
        seen.expand2(farthest * 1e-6 + Vec2::splat(0.1 / self.scale))
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

/// How far from a dot the mouse may be, in points of the screen.
pub const REACH: f32 = 12.0;

/// Dots that are drawn one by one, from corners and triangles.
pub const FEW: usize = 10_000;
/// Items of a map on which every one is a dot however far one is from it.
const MANY: usize = 100_000;
/// Dots in view from which on a map of more items is drawn as density.
const CROWD: usize = 50_000;

/// How the points in view are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Each as a sprite.
    Sprites,
    /// Each as a dot, all of them in one picture.
    Picture,
    /// Not one by one.
    Density,
}

impl Manner {
    /// What suits so many items, of which so many are in view.
    pub fn of(n: usize, n_seen: usize) -> Self {
        if n_seen <= FEW {
            Self::Sprites
        } else if n <= MANY || n_seen <= CROWD {
            Self::Picture
        } else {
            Self::Density
        }
    }
}

/// How large dots are, and how much of what lies under them they hide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DotSize {
    /// In points of the screen.
    pub radius: f32,
    /// 0 to 1.
    pub opacity: f32,
}

impl DotSize {
    /// Dots that leave room for their neighbors. Few are of one size at any zoom. Many grow as one
    /// zooms in and they part: by how many there would be in view if everywhere were as many as
    /// there are where it is crowded, and not by how many there are, or they would swell and shrink
    /// as one pans. `crowding` is points of the map to a square point of the screen there.
    pub fn of(n: usize, crowding: f32, rect: Rect) -> Self {
        let side = rect.size().min_elem().max(1.0);
        let radius = |n: f32| side / n.sqrt() * 0.09;
        let n_all = n as f32;
        if n <= FEW {
            return Self {
                radius: radius(n_all).clamp(1.6, 6.0),
                opacity: 0.9,
            };
        }
        // Where all lie on a line there is no telling.
        let n_parted = if crowding > 0.0 {
            n_all.min(crowding * rect.area())
        } else {
            n_all
        };
        let least = (1.6 * (2e4 / n_parted).powf(0.18)).clamp(1.2, 1.6);
        let radius = radius(n_parted).clamp(least, 6.0);
        let covered = n_parted * radius * radius / (side * side);
        Self {
            radius,
            opacity: (0.9 - 2.0 * covered).clamp(0.5, 0.9),
        }
    }
}

/// What the camera was moved on. It stays where the person put it while this is the same, whatever
/// the points do meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The rule of the map that is shown.
    pub rule: MapRule,
    /// How many axes it has: those of principal components have one rule.
    pub n_axes: usize,
    /// Documents or passages.
    pub level: Level,
    /// Which items; `None` on a map that keeps its points when items come.
    pub items: Option<u64>,
}

impl Scene {
    /// Whether a camera that was put up here still looks at the right thing there.
    pub fn is_still(&self, now: &Self) -> bool {
        let same_items = self.items == now.items || self.items.is_none() || now.items.is_none();
        let same_axes = self.n_axes == now.n_axes;
        self.rule == now.rule && same_axes && self.level == now.level && same_items
    }
}

/// A name on the map, of a cluster or of a part of one, and where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterLabel {
    /// Which cluster; the largest first.
    pub cluster: usize,
    /// Its words.
    pub text: String,
    /// Middle of its points: the median of each axis, which strays less than the mean.
    pub at: (f32, f32),
    /// For a part: how wide its cluster is, see [`spread`].
    pub part_of: Option<f32>,
}

/// Points of the screen that a cluster spreads over before its parts are named.
const PARTED_FROM: f32 = 110.0;

impl ClusterLabel {
    /// Whether it is told at so many pixels per unit: a part only where its cluster is wide.
    pub fn is_told_at(&self, scale: f32) -> bool {
        self.part_of
            .is_none_or(|spread| spread * scale >= PARTED_FROM)
    }
}

/// One label per cluster, and then one for each part.
pub fn cluster_labels(
    points: &Array2<f32>,
    clusters: &Clusters,
    subgroups: Option<&Subgroups>,
) -> Vec<ClusterLabel> {
    let members = clusters.clustering.members();
    let filled = members.iter().enumerate();
    let whole = filled
        .filter(|(_, members)| !members.is_empty())
        .map(|(cluster, members)| ClusterLabel {
            cluster,
            text: clusters.name(cluster),
            at: middle(points, members),
            part_of: None,
        });
    let spreads: Vec<f32> = match subgroups {
        Some(_) => members.iter().map(|own| spread(points, own)).collect(),
        None => Vec::new(),
    };
    let subgroups = subgroups.map_or(&[][..], |subgroups| &subgroups.0);
    let parts = subgroups.iter().filter_map(|part| {
        Some(ClusterLabel {
            cluster: part.cluster,
            text: part.words.join(", "),
            at: middle(points, &part.members),
            part_of: Some(*spreads.get(part.cluster)?),
        })
    });
    whole.chain(parts).collect()
}

fn middle(points: &Array2<f32>, members: &[usize]) -> (f32, f32) {
    let median = |axis: usize| {
        let values = members.iter().map(|item| points[[*item, axis]]);
        median(values.collect()).unwrap_or(0.0)
    };
    (median(0), median(1))
}

/// How wide a cluster is: half of its points lie no farther from its middle.
fn spread(points: &Array2<f32>, members: &[usize]) -> f32 {
    let (x, y) = middle(points, members);
    let distance = |item: &usize| (points[[*item, 0]] - x).hypot(points[[*item, 1]] - y);
    median(members.iter().map(distance).collect()).unwrap_or(0.0)
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Clustering;
    use crate::session::Subgroup;
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
    fn the_part_that_is_seen_is_what_is_drawn_there() {
        let camera = Camera {
            center: vec2(1.0, 2.0),
            scale: 50.0,
        };
        let seen = camera.seen(VIEW, VIEW);
        for corner in [
            seen.left_top(),
            seen.right_bottom(),
            seen.left_bottom(),
            seen.right_top(),
        ] {
            let at = camera.screen_from_data(VIEW, corner.x, corner.y);
            assert!(!VIEW.contains(at) && VIEW.expand(0.2).contains(at));
        }
    }

    #[test]
    fn dots_become_a_picture_and_then_density_and_dots_again() {
        let check = |n: usize, n_seen: usize, expected: Manner| {
            assert_eq!(Manner::of(n, n_seen), expected);
        };
        check(0, 0, Manner::Sprites);
        check(10_000, 10_000, Manner::Sprites);
        check(10_001, 10_001, Manner::Picture);
        check(100_000, 100_000, Manner::Picture);
        check(100_001, 100_001, Manner::Density);
        check(1_000_000, 50_000, Manner::Picture);
        check(1_000_000, 3_000, Manner::Sprites);
    }

    #[test]
    fn many_dots_are_small_and_grow_as_they_part() {
        let of = |n: usize, crowding: f32| DotSize::of(n, crowding, VIEW);
        assert_eq!(of(6, 0.1), of(6, 40.0));
        assert_eq!((of(6, 0.1).radius, of(6, 0.1).opacity), (6.0, 0.9));
        assert!((of(10_000, 1.0).radius - 1.6).abs() < 1e-6);
        let (far, near) = (of(100_000, 9.0), of(100_000, 1e-4));
        assert_eq!((far.radius, far.opacity), (1.2, 0.5));
        assert!(near.radius > 4.0 && near.opacity > 0.85);
        assert_eq!(of(100_000, 0.0), far);
        assert!(of(0, 1.0).radius.is_finite());
    }

    #[test]
    fn a_frozen_map_keeps_its_camera_when_items_come() {
        let scene = |items| Scene {
            rule: MapRule::default(),
            n_axes: 2,
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
        let labels = cluster_labels(&points, &clusters, None);
        assert_eq!(
            (labels[0].text.as_str(), labels[0].at),
            ("tide", (1.0, 1.0))
        );
        assert_eq!(labels[1].text, "Cluster 2");
    }

    #[test]
    fn parts_are_told_once_their_cluster_is_wide_on_the_screen() {
        let points = array![[0.0, 0.0], [0.0, 2.0], [8.0, 0.0], [8.0, 2.0]];
        let clusters = Clusters {
            clustering: Clustering::new(vec![Some(0); 4], Array2::zeros((1, 3))),
            sizes: vec![4],
            words: vec![vec!["sea".into()]],
            central: vec![Some(0)],
            silhouette: 0.0,
        };
        let part = |word: &str, members: [usize; 2]| Subgroup {
            cluster: 0,
            members: members.to_vec(),
            words: vec![word.into()],
        };
        let parts = Subgroups(vec![part("tide", [0, 1]), part("boat", [2, 3])]);
        let labels = cluster_labels(&points, &clusters, Some(&parts));
        let told = |scale: f32| -> Vec<&str> {
            let told = labels.iter().filter(|label| label.is_told_at(scale));
            told.map(|label| label.text.as_str()).collect()
        };
        assert_eq!(told(1.0), ["sea"]);
        assert_eq!(told(100.0), ["sea", "tide", "boat"]);
        assert_eq!((labels[1].at.0, labels[2].at.0), (0.0, 8.0));
    }
}
