//! Choosing points by drawing around them, and walking from one to the next.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use ndarray::Array2;

use super::model::Camera;

/// What a drag does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tool {
    /// Moves the map.
    #[default]
    Pan,
    /// Chooses what lies in a box.
    Box,
    /// Chooses what lies inside a line.
    Lasso,
}

/// What is being drawn, on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    tool: Tool,
    /// Every place of the mouse.
    path: Vec<Pos2>,
}

impl Outline {
    /// Begins where the mouse went down.
    pub fn new(tool: Tool, at: Pos2) -> Self {
        Self {
            tool,
            path: vec![at],
        }
    }

    /// Goes on to where the mouse is.
    pub fn extend(&mut self, at: Pos2) {
        // Closer ones change nothing that can be seen.
        let is_new = self
            .path
            .last()
            .is_none_or(|last| last.distance_sq(at) >= 4.0);
        if self.tool == Tool::Box {
            self.path.truncate(1);
        }
        if is_new || self.tool == Tool::Box {
            self.path.push(at);
        }
    }

    /// Its corners; the last is joined to the first.
    pub fn corners(&self) -> Vec<Pos2> {
        match (self.tool, &self.path[..]) {
            (Tool::Box, [first, .., last]) => {
                let area = Rect::from_two_pos(*first, *last);
                vec![
                    area.left_top(),
                    area.right_top(),
                    area.right_bottom(),
                    area.left_bottom(),
                ]
            }
            _ => self.path.clone(),
        }
    }

    /// The points inside, as the camera shows them.
    pub fn inside(&self, points: &Array2<f32>, camera: &Camera, rect: Rect) -> Vec<usize> {
        let corners = self.corners();
        let bounds = Rect::from_points(&corners);
        let is_inside = |(item, point): (usize, ndarray::ArrayView1<'_, f32>)| {
            let at = camera.screen_from_data(rect, point[0], point[1]);
            (bounds.contains(at) && contains(&corners, at)).then_some(item)
        };
        points
            .rows()
            .into_iter()
            .enumerate()
            .filter_map(is_inside)
            .collect()
    }
}

/// Whether a ray from the place crosses the line an odd number of times (Shimrat 1962).
fn contains(corners: &[Pos2], at: Pos2) -> bool {
    let mut is_inside = false;
    let mut before = corners.last().copied().unwrap_or(Pos2::ZERO);
    for corner in corners {
        if (corner.y > at.y) != (before.y > at.y) {
            let along = (at.y - corner.y) / (before.y - corner.y);
            if at.x < corner.x + along * (before.x - corner.x) {
                is_inside = !is_inside;
            }
        }
        before = *corner;
    }
    is_inside
}

/// The point to go to from another in a direction on the screen: near, and more ahead than beside.
/// `None` if nothing lies that way.
pub fn toward(points: &Array2<f32>, from: usize, direction: Vec2) -> Option<usize> {
    let place = |item: usize| pos2(points[[item, 0]], points[[item, 1]]);
    // The second axis points up.
    let direction = vec2(direction.x, -direction.y);
    let start = place(from);
    let cost = |item: usize| {
        let way = place(item) - start;
        let ahead = way.dot(direction);
        let beside = (way - ahead * direction).length();
        (item != from && ahead > beside).then_some(ahead + 2.0 * beside)
    };
    let costs = (0..points.nrows()).filter_map(|item| Some((cost(item)?, item)));
    costs
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, item)| item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const RECT: Rect = Rect {
        min: Pos2::ZERO,
        max: pos2(100.0, 100.0),
    };
    /// One unit is one pixel, the middle of the view is (0, 0).
    const CAMERA: Camera = Camera {
        center: Vec2::ZERO,
        scale: 1.0,
    };

    fn drawn(tool: Tool, path: &[(f32, f32)]) -> Outline {
        let mut outline = Outline::new(tool, path[0].into());
        path[1..].iter().for_each(|at| outline.extend((*at).into()));
        outline
    }

    #[test]
    fn a_box_holds_what_lies_between_its_corners() {
        let points = array![[0.0, 0.0], [30.0, 0.0], [10.0, 20.0]];
        // On the screen: (50, 50), (80, 50), (60, 30). The way of the mouse does not matter.
        let outline = drawn(Tool::Box, &[(70.0, 60.0), (0.0, 99.0), (40.0, 20.0)]);
        assert_eq!(outline.inside(&points, &CAMERA, RECT), [0, 2]);
    }

    #[test]
    fn a_lasso_holds_what_is_inside_its_line() {
        let points = array![[0.0, 0.0], [0.0, 30.0], [-30.0, -30.0]];
        // A horseshoe around the second and the third, open towards the first.
        let path = [
            (10.0, 10.0),
            (90.0, 10.0),
            (90.0, 30.0),
            (30.0, 30.0),
            (30.0, 90.0),
            (10.0, 90.0),
        ];
        let outline = drawn(Tool::Lasso, &path);
        assert_eq!(outline.inside(&points, &CAMERA, RECT), [1, 2]);
        // A click is no lasso.
        assert!(
            drawn(Tool::Lasso, &[(50.0, 50.0)])
                .inside(&points, &CAMERA, RECT)
                .is_empty()
        );
    }

    #[test]
    fn arrows_go_to_the_nearest_that_way() {
        let points = array![[0.0, 0.0], [5.0, 4.0], [8.0, 0.5], [0.0, 6.0], [-1.0, -9.0]];
        let go = |from, x, y| toward(&points, from, vec2(x, y));
        assert_eq!(go(0, 1.0, 0.0), Some(2));
        assert_eq!(go(0, 0.0, -1.0), Some(3));
        assert_eq!(go(0, 0.0, 1.0), Some(4));
        assert_eq!(go(0, -1.0, 0.0), None);
    }
}
